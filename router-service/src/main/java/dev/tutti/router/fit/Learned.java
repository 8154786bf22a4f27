package dev.tutti.router.fit;

import dev.tutti.router.FittedMethod;
import dev.tutti.router.QualityEstimator;
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

  /** The version of an artifact that chooses in shadow, beside the active one. */
  default Optional<Artifact> shadow(String name) {
    return Optional.empty();
  }

  /**
   * What estimates with an artifact. Whoever keeps artifacts makes it once a version, not once an
   * ensemble and revision of the registry.
   */
  default QualityEstimator estimator(FittedMethod<?> method, Artifact artifact) {
    return method.reader().apply(artifact.parameters());
  }

  /** Whether queries come with embeddings and feedback reaches the routers that learn from it. */
  boolean takesFeedback();
}
