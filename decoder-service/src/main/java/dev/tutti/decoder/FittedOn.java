package dev.tutti.decoder;

import dev.tutti.learning.Artifact;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * On which version of an artifact a method stands, and on the files of which models that was
 * fitted: a hidden state means something to nobody but the model that tells it.
 *
 * @param version at least 1; 0 where nobody keeps it
 * @param files SHA-256 over the files of each model whose hidden states were learned from, by its
 *     name; without those of which it was not known
 */
public record FittedOn(int version, Map<String, String> files) {

  /** Nothing that anybody keeps: for a fit's own measurements, and tests. */
  public static final FittedOn NOTHING = new FittedOn(0, Map.of());

  // An artifact is matrices of numbers: a text in it is a row of its bytes.
  private static final String FILES = "files/";

  /** Copies the map. */
  public FittedOn {
    files = Map.copyOf(files);
  }

  /** What an artifact says. */
  public static FittedOn of(Artifact artifact) {
    var files = new TreeMap<String, String>();
    artifact
        .parameters()
        .matrices()
        .forEach(
            (name, row) -> {
              if (name.startsWith(FILES)) {
                files.put(name.substring(FILES.length()), text(row));
              }
            });
    return new FittedOn(artifact.version(), files);
  }

  /** Parameters that say it, but for the version, which whoever keeps them counts. */
  public Parameters in(Parameters parameters) {
    Parameters all = parameters;
    for (var model : files.entrySet()) {
      if (!model.getValue().isEmpty()) {
        all = all.with(FILES + model.getKey(), row(model.getValue()));
      }
    }
    return all;
  }

  /**
   * What is wrong with a model that has other files now than when it was learned from; empty where
   * it has the same, or either is not known.
   *
   * @param artifact its name
   * @param now SHA-256 over its files; empty where it is not known
   */
  public Optional<String> replaced(String artifact, String model, String now) {
    String then = files.getOrDefault(model, now);
    return then.equals(now) || now.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "Version %d of artifact '%s' was fitted on '%s' with files of the SHA-256 %s; it has those of %s now: fit it anew."
                .formatted(version, artifact, model, then, now));
  }

  private static Matrix row(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    var values = new float[bytes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = bytes[i];
    }
    return new Matrix(1, values.length, values);
  }

  private static String text(Matrix row) {
    var bytes = new byte[row.values().length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) row.values()[i];
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
