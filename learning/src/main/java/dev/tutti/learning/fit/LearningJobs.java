package dev.tutti.learning.fit;

import dev.tutti.kit.job.JobHandler;
import dev.tutti.kit.job.JobRunner;
import dev.tutti.kit.job.Jobs;
import dev.tutti.learning.database.Database;
import io.agroal.api.AgroalDataSource;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The jobs of a service that learns, of which a replica runs one at a time. */
@ApplicationScoped
class LearningJobs {

  private static final int AT_ONCE = 1;

  private JobRunner runner;

  @Produces
  @Singleton
  Jobs jobs(AgroalDataSource source, Database database, @Any Instance<JobHandler> handlers) {
    return new Jobs(source, database.schema(), handlers.stream().toList());
  }

  void start(
      @Observes StartupEvent event,
      Jobs jobs,
      MeterRegistry meters,
      @ConfigProperty(name = "tutti.learning.jobs.lease") Duration lease) {
    runner = new JobRunner(jobs, AT_ONCE, lease, meters);
    runner.start();
  }

  void stop(@Observes ShutdownEvent event) {
    runner.close();
  }
}
