package dev.tutti.registry.dataset;

import dev.tutti.kit.job.JobHandler;
import dev.tutti.kit.job.JobRunner;
import dev.tutti.kit.job.Jobs;
import dev.tutti.registry.Migrated;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.arc.All;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The registry's jobs, of every kind that there is a handler of; they begin once it has tables. */
@Startup
@ApplicationScoped
class RegistryJobs {

  private final JobRunner runner;

  RegistryJobs(
      Jobs jobs,
      MeterRegistry meters,
      @ConfigProperty(name = "tutti.registry.jobs.at-once") int atOnce,
      @ConfigProperty(name = "tutti.registry.jobs.lease") Duration lease) {
    runner = new JobRunner(jobs, atOnce, lease, meters);
  }

  @Produces
  @Singleton
  static Jobs jobs(DataSource database, @All List<JobHandler> handlers) {
    return new Jobs(database, "registry", handlers);
  }

  void start(@Observes Migrated event) {
    runner.start();
  }

  void stop(@Observes ShutdownEvent event) {
    runner.close();
  }
}
