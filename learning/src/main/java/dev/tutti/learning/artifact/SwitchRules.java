package dev.tutti.learning.artifact;

import dev.tutti.kit.grpc.FailureException;
import java.util.Optional;

/** What must hold of a version that is switched on. Thread-safe. */
final class SwitchRules {

  /** Of the heap; what is active is in memory twice, as numbers and as an index over them. */
  private static final int SHARE_OF_HEAP = 4;

  private final LiveArtifacts<?> live;
  private final EmbeddingModel embedder;

  SwitchRules(LiveArtifacts<?> live, EmbeddingModel embedder) {
    this.live = live;
    this.embedder = embedder;
  }

  /** SHA-256 of what embeds now, where that matters to a version; empty where nobody can tell. */
  Optional<String> embedding(KeptArtifact kept) {
    return kept.embedderSha256().isEmpty() ? Optional.empty() : embedder.sha256();
  }

  /**
   * Refuses a version that would be given vectors that mean something else than those it learned.
   *
   * @param now as {@link #embedding} told it
   * @throws FailureException ({@link dev.tutti.kit.grpc.Failure.InvalidArgument})
   */
  void requireSameEmbedder(KeptArtifact kept, Optional<String> now) {
    if (now.isPresent() && !now.get().equals(kept.embedderSha256())) {
      throw Artifacts.refused(
          "version",
          "OTHER_EMBEDDER",
          "Version %d of artifact '%s' was fitted to embeddings of another model (SHA-256 %s) than the decoder's present one (%s); fit it anew."
              .formatted(
                  kept.version(), Artifacts.shown(kept.name()), kept.embedderSha256(), now.get()));
    }
  }

  /**
   * Refuses a version that memory has no room for beside those that are there.
   *
   * @throws FailureException ({@link dev.tutti.kit.grpc.Failure.InvalidArgument})
   */
  void requireRoom(KeptArtifact kept) {
    long most = Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP;
    long bytes = live.bytes() + kept.bytes();
    if (bytes > most) {
      throw Artifacts.refused(
          "version",
          "ARTIFACT_TOO_LARGE",
          "With it %d bytes would be in memory; this service's heap has room for %d."
              .formatted(bytes, most));
    }
  }
}
