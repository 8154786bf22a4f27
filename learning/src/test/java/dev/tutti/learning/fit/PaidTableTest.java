package dev.tutti.learning.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Struct;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.job.JobContext;
import dev.tutti.learning.LiveMembers;
import dev.tutti.learning.fit.PaidAnswers.Paid;
import dev.tutti.learning.fit.PaidAnswers.Sum;
import dev.tutti.learning.testing.LearningDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PaidTableTest {

  private static final Completion SAID = Completion.newBuilder().setText("42").build();

  private static LearningDatabase server;

  @BeforeAll
  static void start() {
    server = new LearningDatabase("paid");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void whatAJobHasPaidIsKeptUntilItIsGone() throws SQLException {
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
      table.settle(
          connection, table.hold("j", 1), Optional.of(one), new Paid(.5, Optional.of(SAID)));
      table.settle(table.hold("j", 1), Optional.of(two), new Paid(.25, Optional.empty()));
      table.settle(table.hold("j", 1), Optional.empty(), new Paid(.125, Optional.empty()));
      table.hold("j", .125);
      table.release(table.hold("j", 8));
      table.settle(table.hold("k", 1), Optional.of(one), new Paid(4, Optional.of(SAID)));
      assertEquals(new Sum(1, .75), table.sum("j"));
      assertEquals(new Sum(0, 0), table.sum("none"));
      assertEquals(new Paid(.5, Optional.of(SAID)), table.find("j", one).orElseThrow());
      assertEquals(new Paid(.25, Optional.empty()), table.find("j", two).orElseThrow());
      assertEquals(Optional.empty(), table.find("k", two));
      long third = table.hold("j", 1);
      assertThrows(
          SQLException.class,
          () -> table.settle(third, Optional.of(one), new Paid(1, Optional.empty())));
      assertEquals(new Sum(2, .75), table.sum("j"), "what was set aside stays");
      table.forget(connection, "j");
      assertEquals(new Sum(0, 0), table.sum("j"));
      run(connection, "delete from paid.job where id = 'k'");
      assertEquals(new Sum(0, 0), table.sum("k"), "it goes with its job");
    }
  }

  /** A job whose replica dies where it is told to: nothing that comes after is written. */
  private record Killed(AtomicInteger left) implements JobContext {

    void live() {
      if (left.decrementAndGet() == 0) {
        throw new IllegalStateException("killed");
      }
    }

    @Override
    public String id() {
      return "j";
    }

    @Override
    public Struct parameters() {
      return Struct.getDefaultInstance();
    }

    @Override
    public Optional<byte[]> checkpoint() {
      return Optional.empty();
    }

    @Override
    public void progress(long done, long total, String message) {}

    @Override
    public void commit(Step step) throws SQLException {
      live();
      try (Connection connection = server.database().connect()) {
        connection.setAutoCommit(false);
        step.write(connection);
        connection.commit();
      }
      live();
    }

    @Override
    public void checkStopped() {
      live();
    }
  }

  /**
   * Wherever a job is killed, and as often: what was heard is not paid again, nor the budget
   * passed.
   */
  @Test
  void aJobThatIsKilledPaysNobodyTwice() throws SQLException {
    int questions = 2;
    var table = new PaidTable(server.database());
    // A call: asked whether it is to stop, sets aside, asks, begins to write, has written.
    for (int killed = 1; killed <= 4 * questions; killed++) {
      try (Connection connection = server.database().connect()) {
        run(connection, "delete from paid.job");
        run(
            connection,
            "insert into paid.job (id, kind, author, parameters, state, unit) values ('j', 'fit', 'ada', '{}', 'RUNNING', 'queries')");
      }
      var calls = new HashMap<String, Integer>();
      var paid = new double[1];
      var heard = new HashSet<String>();
      boolean done = false;
      int attempts = 0;
      for (int kill = killed; !done; kill = attempts < 3 ? killed : Integer.MAX_VALUE) {
        attempts++;
        var job = new Killed(new AtomicInteger(kill));
        LiveMembers members =
            request -> {
              job.live();
              paid[0] += .0625;
              calls.merge(request.getName(), 1, Integer::sum);
              return SAID.toBuilder().setCostUsd(.0625).build();
            };
        try {
          var fit =
              new RunningFit(
                  job,
                  RunningFitTest.request(.1875),
                  Optional.of(members),
                  table,
                  new KeptEmbeddings(job, null, null));
          for (int q = 0; q < questions; q++) {
            String name = "q" + q;
            int before = calls.getOrDefault(name, 0);
            fit.ask(GenerateRequest.newBuilder().setName(name).build(), .0625);
            assertTrue(heard.add(name) || calls.get(name) == before, name);
          }
          done = true;
        } catch (IllegalStateException e) {
          assertEquals("killed", e.getMessage());
        } catch (FailureException e) {
          assertEquals("BUDGET_SPENT", e.failure().reason());
          done = true;
        }
        assertTrue(paid[0] <= .1875, paid[0] + " was paid");
        assertTrue(table.sum("j").all() >= paid[0], "what was paid is known");
      }
      assertTrue(
          calls.values().stream().mapToInt(its -> its - 1).sum() < attempts,
          "one call at most is cut off by each: " + calls);
    }
  }
}
