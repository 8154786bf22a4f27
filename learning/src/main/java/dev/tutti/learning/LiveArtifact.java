package dev.tutti.learning;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * An artifact in memory, ready to answer. Made once a version: an index over many recorded queries
 * takes seconds.
 *
 * @param <T> what an artifact becomes
 * @param artifact what was kept
 * @param learned what was made of it
 * @param digest SHA-256 of what the fit wrote, as hex
 * @param bytes size of what the fit wrote
 */
public record LiveArtifact<T>(Artifact artifact, T learned, String digest, long bytes) {

  /**
   * Reads what a fit wrote.
   *
   * @param methods of this service
   * @throws IllegalArgumentException when that is damaged, or of a method that is not known here
   */
  public static <T> LiveArtifact<T> read(
      byte[] document, List<? extends FittedMethod<?, T, ?>> methods) {
    Artifact artifact = Artifact.of(document);
    return new LiveArtifact<>(artifact, read(artifact, methods), digest(document), document.length);
  }

  /** Of an artifact that nobody has written. */
  public static <T> LiveArtifact<T> of(
      Artifact artifact, List<? extends FittedMethod<?, T, ?>> methods) {
    return read(artifact.bytes(), methods);
  }

  private static <T> T read(Artifact artifact, List<? extends FittedMethod<?, T, ?>> methods) {
    return methods.stream()
        .filter(m -> m.name().equals(artifact.method()))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Its method '%s' is not known to this version of the service."
                        .formatted(artifact.method())))
        .read(artifact.parameters());
  }

  private static String digest(byte[] document) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(document));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
