package dev.tutti.learning.artifact;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/** Begins and ends looking with the service. */
@ApplicationScoped
class FollowedArtifacts {

  private static final int LATE = 10_000;

  private final LiveArtifacts<?> artifacts;

  FollowedArtifacts(LiveArtifacts<?> artifacts) {
    this.artifacts = artifacts;
  }

  /** After those who want to hear of changes. */
  void start(@Observes @Priority(LATE) StartupEvent event) {
    artifacts.start();
  }

  void stop(@Observes ShutdownEvent event) {
    artifacts.close();
  }
}
