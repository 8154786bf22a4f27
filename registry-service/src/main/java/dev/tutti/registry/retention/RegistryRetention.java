package dev.tutti.registry.retention;

import dev.tutti.kit.job.Jobs;
import dev.tutti.kit.job.Retention;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** How long the registry keeps what it writes. */
@ApplicationScoped
class RegistryRetention {

  private final Retention retention;

  RegistryRetention(
      DataSource database,
      Jobs jobs,
      MeterRegistry meters,
      @ConfigProperty(name = "tutti.registry.retention.audit") Optional<Duration> audit,
      @ConfigProperty(name = "tutti.registry.retention.jobs") Optional<Duration> jobsKept) {
    retention =
        new Retention(
            database::getConnection,
            "registry",
            List.of(
                new Retention.Rule("audit", audit, OldAudit::new),
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
