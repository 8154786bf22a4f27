package dev.tutti.registry.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class AuditNumbersTest {

  private static final String INSERT =
      "insert into former.audit_log (revision, at, author, action, kind, name, trace_id)"
          + " values (%d, now(), 'ada', 'CREATE', 'MODEL', 'x', '')";

  @Inject DataSource database;

  private Flyway flyway(String target) {
    return Flyway.configure().dataSource(database).schemas("former").target(target).load();
  }

  @Test
  void aLogOfBeforeIsNumberedByItsRevisionsAndGoesOn() throws SQLException {
    flyway("5").migrate();
    var numbers = new ArrayList<Long>();
    try (var connection = database.getConnection();
        var statement = connection.createStatement()) {
      statement.execute(INSERT.formatted(7));
      statement.execute(INSERT.formatted(3));
      flyway("latest").migrate();
      // As a replica of before does.
      statement.execute(INSERT.formatted(9));
      statement.execute(INSERT.formatted(9));
      try (var rows = statement.executeQuery("select number from former.audit_log order by 1")) {
        while (rows.next()) {
          numbers.add(rows.getLong(1));
        }
      }
      statement.execute("drop schema former cascade");
    }
    assertEquals(List.of(3L, 7L, 8L, 9L), numbers);
  }
}
