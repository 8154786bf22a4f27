package dev.tutti.learning.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tutti.generation.v1.Completion;
import dev.tutti.learning.fit.PaidAnswers.Paid;
import dev.tutti.learning.fit.PaidAnswers.Sum;
import dev.tutti.learning.testing.LearningDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PaidTableTest {

  private static final Completion SAID = Completion.newBuilder().setText("42").build();

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void whatAJobHasPaidIsKeptUntilItIsGone() throws SQLException {
    try (var server = new LearningDatabase("paid")) {
      var table = new PaidTable(server.database());
      byte[] one = {1};
      byte[] two = {2};
      try (Connection connection = server.database().connect()) {
        for (String job : new String[] {"j", "k"}) {
          run(
              connection,
              "insert into paid.job (id, kind, author, parameters, state, unit) values ('%s', 'fit', 'ada', '{}', 'RUNNING', 'queries')"
                  .formatted(job));
        }
        table.add(connection, "j", Optional.of(one), new Paid(.5, Optional.of(SAID)));
        table.add(connection, "j", Optional.of(two), new Paid(.25, Optional.empty()));
        table.add(connection, "j", Optional.empty(), new Paid(.125, Optional.empty()));
        table.add(connection, "j", Optional.empty(), new Paid(.125, Optional.empty()));
        table.add(connection, "k", Optional.of(one), new Paid(4, Optional.of(SAID)));
        assertEquals(new Sum(1, .75), table.sum("j"));
        assertEquals(new Sum(0, 0), table.sum("none"));
        assertEquals(new Paid(.5, Optional.of(SAID)), table.find("j", one).orElseThrow());
        assertEquals(new Paid(.25, Optional.empty()), table.find("j", two).orElseThrow());
        assertEquals(Optional.empty(), table.find("k", two));
        assertThrows(
            SQLException.class,
            () -> table.add(connection, "j", Optional.of(one), new Paid(1, Optional.empty())));
        table.forget(connection, "j");
        assertEquals(new Sum(0, 0), table.sum("j"));
        run(connection, "delete from paid.job where id = 'k'");
        assertEquals(new Sum(0, 0), table.sum("k"), "it goes with its job");
      }
    }
  }
}
