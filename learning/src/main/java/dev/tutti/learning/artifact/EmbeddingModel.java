package dev.tutti.learning.artifact;

import java.util.Optional;

/** The model whose embeddings methods are given now. */
@FunctionalInterface
public interface EmbeddingModel {

  /** Its SHA-256, as hex; empty where nobody can tell. */
  Optional<String> sha256();
}
