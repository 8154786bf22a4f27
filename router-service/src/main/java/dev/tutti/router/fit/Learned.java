package dev.tutti.router.fit;

import java.util.Optional;

/**
 * Where a catalog finds what the service has learned: the seam between methods and their keeping.
 */
public interface Learned {

  /** Nothing is kept: what needs it is refused, with the reason, when it is registered. */
  Learned NOTHING =
      new Learned() {
        @Override
        public Optional<Artifact> artifact(String name) {
          return Optional.empty();
        }

        @Override
        public boolean takesFeedback() {
          return false;
        }
      };

  /** The active version of an artifact. */
  Optional<Artifact> artifact(String name);

  /** Whether queries come with embeddings and feedback reaches the routers that learn from it. */
  boolean takesFeedback();
}
