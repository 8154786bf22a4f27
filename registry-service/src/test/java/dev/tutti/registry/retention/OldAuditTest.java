package dev.tutti.registry.retention;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.kit.job.Retention;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class OldAuditTest {

  @Inject DataSource database;

  @Test
  void oldChangesGoAndVersionsStay() throws Exception {
    // Before all that ever changed here.
    execute(
        """
        insert into registry.audit_log (revision, at, author, action, kind, name, trace_id)
        select -n, timestamptz '1999-12-31' - n * interval '1 minute', 'ada', 'CREATE', 'MODEL', 'past', ''
        from generate_series(1, 1200) n""");
    Rest.post("models", Rest.model("outlives", "full")).expect(201);
    var retention =
        new Retention(
            database::getConnection,
            "registry",
            List.of(new Retention.Rule("audit", Optional.of(Duration.ofDays(30)), OldAudit::new)),
            new SimpleMeterRegistry());
    assertEquals(0, retention.sweep(Instant.parse("1999-01-01T00:00:00Z")));
    assertEquals(1200, retention.sweep(Instant.parse("2001-01-01T00:00:00Z")));
    assertEquals(1, Rest.get("audit?name=outlives").json().path("items").size());
    assertEquals(0, Rest.get("audit?name=past").json().path("items").size());
    Rest.get("models/outlives/versions/1").expect(200);
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
