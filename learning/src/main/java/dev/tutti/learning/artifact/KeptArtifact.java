package dev.tutti.learning.artifact;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;

/**
 * A version of an artifact as it is kept, without what was learned.
 *
 * @param name of the artifact; ensembles name it in their settings
 * @param version from 1
 * @param method that was fitted
 * @param bytes size of what was learned
 * @param provenance where it comes from, as JSON: equal provenance, equal artifact
 * @param metrics what was measured on the queries that were held out, as JSON
 * @param comparison what comparisons show of it, as JSON
 * @param created when the fit ended
 * @param author who started the fit
 */
public record KeptArtifact(
    String name,
    int version,
    String method,
    long bytes,
    String provenance,
    String metrics,
    String comparison,
    Instant created,
    String author) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** The dataset that it was measured on; empty where that was not noted. */
  String dataset() {
    return noted("/dataset");
  }

  /**
   * SHA-256 of the model to whose embeddings it was fitted, as hex; empty where it was fitted to
   * none, or that was not noted.
   */
  String embedderSha256() {
    return noted("/embedder/sha256");
  }

  private String noted(String path) {
    try {
      return JSON.readTree(provenance).at(path).asText();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("What is kept of an artifact cannot be read", e);
    }
  }
}
