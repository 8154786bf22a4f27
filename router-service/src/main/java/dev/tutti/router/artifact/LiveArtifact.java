package dev.tutti.router.artifact;

import dev.tutti.router.FittedMethod;
import dev.tutti.router.FittedMethods;
import dev.tutti.router.QualityEstimator;
import dev.tutti.router.fit.Artifact;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * An artifact in memory, ready to estimate. Made once a version: an index over many recorded
 * queries takes seconds.
 *
 * @param artifact what was learned
 * @param estimator made of it
 * @param digest SHA-256 of what the fit wrote, as hex
 * @param bytes size of what the fit wrote
 */
public record LiveArtifact(
    Artifact artifact, QualityEstimator estimator, String digest, long bytes) {

  /**
   * Reads what a fit wrote.
   *
   * @throws IllegalArgumentException when that is damaged, or of a method that is not known here
   */
  static LiveArtifact read(byte[] document) {
    Artifact artifact = Artifact.of(document);
    FittedMethod<?> method =
        FittedMethods.ALL.stream()
            .filter(m -> m.name().equals(artifact.method()))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "Its method '%s' is not known to this version of the router."
                            .formatted(artifact.method())));
    return new LiveArtifact(
        artifact, method.reader().apply(artifact.parameters()), digest(document), document.length);
  }

  private static String digest(byte[] document) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(document));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
