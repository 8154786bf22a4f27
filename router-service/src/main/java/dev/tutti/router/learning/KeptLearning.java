package dev.tutti.router.learning;

import dev.tutti.router.fit.Artifact;
import dev.tutti.router.fit.Learned;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** What this service keeps of what was learned. */
@ApplicationScoped
public class KeptLearning implements Learned {

  @Override
  public Optional<Artifact> artifact(String name) {
    return Optional.empty();
  }

  @Override
  public boolean takesFeedback() {
    return false;
  }
}
