package dev.tutti.router.learning;

import dev.tutti.router.FittedMethod;
import dev.tutti.router.QualityEstimator;
import dev.tutti.router.artifact.LiveArtifact;
import dev.tutti.router.artifact.LiveArtifacts;
import dev.tutti.router.fit.Artifact;
import dev.tutti.router.fit.Learned;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** What this service keeps of what was learned. */
@ApplicationScoped
public class KeptLearning implements Learned {

  private final LiveArtifacts artifacts;

  KeptLearning(LiveArtifacts artifacts) {
    this.artifacts = artifacts;
  }

  @Override
  public Optional<Artifact> artifact(String name) {
    return artifacts.active(name).map(LiveArtifact::artifact);
  }

  @Override
  public Optional<Artifact> shadow(String name) {
    return artifacts.shadow(name).map(LiveArtifact::artifact);
  }

  @Override
  public QualityEstimator estimator(FittedMethod<?> method, Artifact artifact) {
    return artifacts.estimator(artifact).orElseGet(() -> Learned.super.estimator(method, artifact));
  }

  @Override
  public boolean takesFeedback() {
    return true;
  }
}
