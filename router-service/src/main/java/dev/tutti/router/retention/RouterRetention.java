package dev.tutti.router.retention;

import dev.tutti.kit.job.Jobs;
import dev.tutti.kit.job.Retention;
import dev.tutti.router.artifact.OldArtifacts;
import dev.tutti.router.database.Database;
import dev.tutti.router.decision.OldDecisions;
import dev.tutti.router.feedback.OldFeedback;
import dev.tutti.router.members.KnownNames;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** How long the router keeps what it writes. */
@ApplicationScoped
class RouterRetention {

  private final Retention retention;

  RouterRetention(
      Database database,
      KnownNames names,
      OldFeedback feedback,
      OldArtifacts artifacts,
      Jobs jobs,
      MeterRegistry meters,
      @ConfigProperty(name = "tutti.router.retention.decisions") Optional<Duration> decisions,
      @ConfigProperty(name = "tutti.router.retention.feedback") Optional<Duration> feedbackKept,
      @ConfigProperty(name = "tutti.router.retention.artifacts") Optional<Duration> artifactsKept,
      @ConfigProperty(name = "tutti.router.retention.jobs") Optional<Duration> jobsKept) {
    retention =
        new Retention(
            database::connect,
            "router",
            List.of(
                // First what others are kept for.
                new Retention.Rule("feedback", feedbackKept, () -> feedback.sweep(names)),
                new Retention.Rule("decisions", decisions, OldDecisions::new),
                new Retention.Rule("artifacts", artifactsKept, () -> artifacts),
                new Retention.Rule("jobs", jobsKept, jobs::old)),
            meters);
  }

  void start(@Observes StartupEvent event) {
    retention.start();
  }

  void stop(@Observes ShutdownEvent event) {
    retention.close();
  }
}
