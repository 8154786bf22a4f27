package dev.tutti.learning.database;

import dev.tutti.kit.job.DatabasePulse;
import io.agroal.api.AgroalDataSource;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/** The {@link DatabasePulse} of this service: a database that hangs keeps nobody. */
@ApplicationScoped
public class DatabaseWatch {

  private final DatabasePulse pulse;

  DatabaseWatch(AgroalDataSource source, MeterRegistry meters) {
    pulse = DatabasePulse.of(source, meters);
  }

  void start(@Observes StartupEvent event) {
    pulse.start();
  }

  void stop(@Observes ShutdownEvent event) {
    pulse.close();
  }

  /** How the database stands. */
  public DatabasePulse.State state() {
    return pulse.state();
  }
}
