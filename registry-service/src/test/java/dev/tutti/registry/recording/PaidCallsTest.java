package dev.tutti.registry.recording;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.registry.recording.PaidCalls.Place;
import dev.tutti.registry.recording.PaidCalls.What;
import dev.tutti.registry.recording.RecordingCounts.Tally;
import dev.tutti.registry.store.Transactions;
import dev.tutti.registry.testing.OfRegistry;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.TreeMap;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@QuarkusTest
@ExtendWith(OfRegistry.class)
class PaidCallsTest {

  private static final String JOB = UUID.randomUUID().toString();

  @Inject DataSource database;

  /** A job that takes over what it paid, between what is read of it first and second. */
  private void takeOver() throws SQLException {
    var members = new TreeMap<String, Tally>();
    members.put("anna", new Tally(1, 0, 0, 0.5, 1, 0.5));
    RecordingCounts none = RecordingCounts.NONE;
    byte[] counts = none.plus(members, Tally.NONE, 0).at(0, 2, none.imported()).bytes();
    try (Connection connection = database.getConnection()) {
      Transactions.run(
          connection,
          () -> {
            PaidCalls.forget(connection, JOB, 2);
            PaidCalls.tell(connection, JOB, counts);
            return null;
          });
    }
  }

  @SuppressWarnings("unchecked")
  private <T> T of(Class<T> type, T its) {
    return (T)
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) -> {
              if (method.getName().equals("prepareStatement")
                  && arguments[0].toString().contains("registry.recording_call")) {
                takeOver();
              }
              try {
                Object result = method.invoke(its, arguments);
                return result instanceof Connection c ? of(Connection.class, c) : result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void nothingIsMissedOrCountedTwiceThatIsTakenOverMeanwhile() throws SQLException {
    execute(
        "insert into registry.job (id, kind, author, parameters, state, unit, ended_at)"
            + " values (?, 'record', 'ada', '{}', 'SUCCEEDED', 'answers', now())");
    var paid = new PaidCalls(database);
    paid.loss(JOB, new Place(1, "anna"), What.LOSS, 0.5);
    PaidCalls.Known meanwhile = new PaidCalls(of(DataSource.class, database)).known(JOB);
    assertTrue(meanwhile.counts().members().isEmpty());
    assertEquals(0.5, meanwhile.paid().get(new Place(1, "anna")).usd());
    PaidCalls.Known after = paid.known(JOB);
    assertEquals(0.5, after.counts().members().get("anna").usd());
    assertTrue(after.paid().isEmpty());
    execute("delete from registry.job where id = ?");
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        var statement = connection.prepareStatement(sql)) {
      statement.setString(1, JOB);
      assertEquals(1, statement.executeUpdate());
    }
  }
}
