package dev.tutti.learning.retention;

import dev.tutti.kit.job.Jobs;
import dev.tutti.kit.job.Retention;
import dev.tutti.learning.artifact.OldArtifacts;
import dev.tutti.learning.database.Database;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** How long a service that learns keeps what it writes. */
@ApplicationScoped
class LearningRetention {

  private final Retention retention;

  LearningRetention(
      Database database,
      @Any Instance<OwnRules> own,
      OldArtifacts artifacts,
      Jobs jobs,
      MeterRegistry meters,
      @ConfigProperty(name = "tutti.learning.retention.artifacts") Optional<Duration> artifactsKept,
      @ConfigProperty(name = "tutti.learning.retention.jobs") Optional<Duration> jobsKept) {
    var rules = new ArrayList<Retention.Rule>();
    own.stream().forEach(its -> rules.addAll(its.rules()));
    rules.add(new Retention.Rule("artifacts", artifactsKept, () -> artifacts));
    rules.add(new Retention.Rule("jobs", jobsKept, jobs::old));
    retention = new Retention(database::connect, database.schema(), rules, meters);
  }

  void start(@Observes StartupEvent event) {
    retention.start();
  }

  void stop(@Observes ShutdownEvent event) {
    retention.close();
  }
}
