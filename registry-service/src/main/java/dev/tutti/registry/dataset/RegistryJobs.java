package dev.tutti.registry.dataset;

import dev.tutti.kit.job.JobHandler;
import dev.tutti.kit.job.JobRunner;
import dev.tutti.kit.job.Jobs;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.arc.All;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The registry's jobs, of every kind that there is a handler of. */
@ApplicationScoped
class RegistryJobs {

  private JobRunner runner;

  @Produces
  @Singleton
  static Jobs jobs(DataSource database, @All List<JobHandler> handlers) {
    return new Jobs(database, "registry", handlers);
  }

  void start(
      @Observes StartupEvent event,
      Jobs jobs,
      MeterRegistry meters,
      @ConfigProperty(name = "tutti.registry.jobs.at-once") int atOnce,
      @ConfigProperty(name = "tutti.registry.jobs.lease") Duration lease) {
    runner = new JobRunner(jobs, atOnce, lease, meters);
    runner.start();
  }

  void stop(@Observes ShutdownEvent event) {
    runner.close();
  }
}
