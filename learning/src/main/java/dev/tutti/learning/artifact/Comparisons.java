package dev.tutti.learning.artifact;

import dev.tutti.numerics.measure.HeldOut;
import dev.tutti.numerics.measure.PairedDifference;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How versions compare, of one artifact or of several, of one method or of several, where they were
 * measured on one dataset. Reads the database, on no request's path.
 */
@ApplicationScoped
public class Comparisons {

  private static final int LEAST_PAIRED = 2;

  private final Artifacts artifacts;
  private final ArtifactTable table;

  Comparisons(Artifacts artifacts, ArtifactTable table) {
    this.artifacts = artifacts;
    this.table = table;
  }

  /**
   * A version of an artifact.
   *
   * @param name of the artifact
   * @param version at least 1
   */
  public record Version(String name, int version) {}

  /**
   * How a version does beside another, where both were measured on the same queries.
   *
   * @param version it
   * @param base the other
   * @param difference its quality less the other's; empty where they cannot be compared
   * @param reason why they cannot; empty where they can
   */
  public record Pairing(
      Version version, Version base, Optional<PairedDifference> difference, String reason) {}

  /**
   * Versions side by side.
   *
   * @param versions in the order that was asked for
   * @param pairings each but the first, beside the first
   */
  public record Comparison(List<KeptArtifact> versions, List<Pairing> pairings) {}

  /**
   * A version with what it was worth on each query that it held out.
   *
   * @param heldOut query by query
   */
  public record Measured(KeptArtifact version, HeldOut heldOut) {}

  /** What a version was worth on what it held out. */
  public Measured measured(Version version) {
    KeptArtifact kept = artifacts.find(version.name(), version.version());
    return new Measured(kept, heldOut(kept));
  }

  /**
   * Versions side by side.
   *
   * @param versions two or more, each once
   */
  public Comparison compare(List<Version> versions) {
    List<KeptArtifact> kept =
        versions.stream().map(v -> artifacts.find(v.name(), v.version())).toList();
    var pairings = new ArrayList<Pairing>();
    HeldOut base = heldOut(kept.getFirst());
    for (KeptArtifact version : kept.subList(1, kept.size())) {
      double[] differences = base.differences(heldOut(version));
      String reason = reason(kept.getFirst().dataset(), version.dataset(), differences.length);
      pairings.add(
          new Pairing(
              versionOf(version),
              versionOf(kept.getFirst()),
              reason.isEmpty() ? Optional.of(PairedDifference.of(differences)) : Optional.empty(),
              reason));
    }
    return new Comparison(kept, pairings);
  }

  /** Why two cannot be compared; empty where they can. */
  private static String reason(String base, String dataset, int queries) {
    if (!base.isEmpty() && !dataset.isEmpty() && !base.equals(dataset)) {
      return "They were measured on datasets whose scores may be of different units: '%s' and '%s'."
          .formatted(base, dataset);
    }
    return queries < LEAST_PAIRED
        ? "They were not measured on the same queries: %d were held out from both."
            .formatted(queries)
        : "";
  }

  private static Version versionOf(KeptArtifact kept) {
    return new Version(kept.name(), kept.version());
  }

  private HeldOut heldOut(KeptArtifact kept) {
    return HeldOut.of(
        Artifacts.read(() -> table.heldOut(kept.name(), kept.version()).orElseThrow()));
  }
}
