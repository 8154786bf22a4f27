package dev.tutti.learning.fit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.Spent;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.job.JobContext;
import dev.tutti.kit.job.JobStoppedException;
import dev.tutti.learning.FitContext;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.LiveMembers;
import dev.tutti.learning.testing.SumMethod;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunningFitTest {

  /** A job that keeps what is committed. */
  private static final class Job implements JobContext {

    private Optional<byte[]> checkpoint = Optional.empty();
    private boolean stopped;
    private final List<String> told = new ArrayList<>();

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
      return checkpoint;
    }

    @Override
    public void progress(long done, long total, String message) {
      told.add("%d/%d %s".formatted(done, total, message));
    }

    @Override
    public void commit(Step step) throws SQLException {
      checkStopped();
      checkpoint = Optional.of(step.write(null));
    }

    @Override
    public void checkStopped() {
      if (stopped) {
        throw new JobStoppedException("The service ends.");
      }
    }
  }

  /** Keeps what was paid for in memory. */
  private static final class Purse implements PaidAnswers {

    private final Map<Long, Paid> all = new HashMap<>();
    private final Map<ByteBuffer, Long> kept = new HashMap<>();
    private long last;

    @Override
    public Sum sum(String job) {
      return new Sum(
          all.values().stream().mapToDouble(Paid::usd).sum(),
          kept.values().stream().mapToDouble(number -> all.get(number).usd()).sum());
    }

    @Override
    public Optional<Paid> find(String job, byte[] digest) {
      return Optional.ofNullable(kept.get(ByteBuffer.wrap(digest))).map(all::get);
    }

    @Override
    public long hold(String job, double usd) {
      all.put(++last, new Paid(usd, Optional.empty()));
      return last;
    }

    @Override
    public void release(long held) {
      all.remove(held);
    }

    @Override
    public void settle(Connection connection, long held, Optional<byte[]> digest, Paid paid) {
      settle(held, digest, paid);
    }

    @Override
    public void settle(long held, Optional<byte[]> digest, Paid paid) {
      all.put(held, paid);
      digest.ifPresent(its -> assertNull(kept.put(ByteBuffer.wrap(its), held), "paid twice"));
    }

    @Override
    public void forget(Connection connection, String job) {
      all.clear();
      kept.clear();
    }
  }

  private final Job job = new Job();
  private final Purse purse = new Purse();

  private RunningFit fit(double budget, LiveMembers members) {
    try {
      return new RunningFit(
          job,
          request(budget),
          Optional.ofNullable(members),
          purse,
          new KeptEmbeddings(job, null, null));
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private static GenerateRequest asks(String name) {
    return GenerateRequest.newBuilder().setName(name).build();
  }

  static FitRequest request(double budget) {
    Struct parameters =
        Struct.newBuilder()
            .putFields("artifact", Value.newBuilder().setStringValue("x").build())
            .putFields("method", Value.newBuilder().setStringValue("sum").build())
            .putFields("budget_usd", Value.newBuilder().setNumberValue(budget).build())
            .build();
    return FitRequest.of(parameters, List.of(new SumMethod()));
  }

  private static Completion answer(GenerateRequest request) {
    return Completion.newBuilder().setText("42").setCostUsd(0.4).build();
  }

  @Test
  void whatMembersCostIsTakenFromTheBudget() {
    RunningFit fit = fit(1, RunningFitTest::answer);
    assertEquals("42", fit.ask(asks("a"), 0).getText());
    assertEquals(0.6, fit.usdLeft(), 1e-12);
    fit.ask(asks("b"), 0);
    fit.ask(asks("c"), 0);
    assertEquals(0, fit.usdLeft(), "more was spent than there was, which cannot be known before");
    var e = assertThrows(FailureException.class, () -> fit.ask(asks("d"), 0));
    assertEquals("BUDGET_SPENT", e.failure().reason());
    assertEquals("parameters.budget_usd", ((Failure.FailedPrecondition) e.failure()).field());
  }

  @Test
  void whatAFailedCallUsedIsTakenFromTheBudgetToo() {
    var spent = Spent.newBuilder().setCostUsd(0.3).build();
    var cut = new Failure.Unavailable("CUT_OFF", "It was cut off.");
    RunningFit fit =
        fit(
            1,
            _ -> {
              throw new FailureException(cut, null, spent);
            });
    var e = assertThrows(FailureException.class, () -> fit.ask(asks("a"), 0));
    assertEquals(cut, e.failure());
    assertEquals(0.7, fit.usdLeft(), 1e-12);
  }

  @Test
  void whatIsNoPriceEndsTheBudgetInsteadOfMakingItEndless() {
    for (double usd : new double[] {Double.NaN, Double.POSITIVE_INFINITY, -1}) {
      purse.forget(null, "j");
      RunningFit fit = fit(1, _ -> Completion.newBuilder().setCostUsd(usd).build());
      fit.ask(asks("a"), 0);
      assertEquals(0, fit.usdLeft(), "after " + usd);
    }
  }

  @Test
  void whoHasNoBudgetAsksNobody() {
    assertThrows(FailureException.class, () -> fit(0, RunningFitTest::answer).ask(asks("a"), 0));
    var e = assertThrows(FailureException.class, () -> fit(1, null).ask(asks("a"), 0));
    assertEquals("NO_LIVE_MEMBERS", e.failure().reason());
  }

  @Test
  void aFitThatIsResumedPaysNobodyTwice() throws SQLException {
    RunningFit fit = fit(1, RunningFitTest::answer);
    assertTrue(fit.checkpoint().isEmpty());
    fit.ask(asks("a"), 0);
    fit.ask(asks("a"), 0);
    fit.ask(asks("b"), 0);
    assertEquals(.2, fit.usdLeft(), 1e-12, "the same again is given again");
    fit.checkpoint(new byte[] {1, 2, 3});
    RunningFit resumed =
        fit(
            1,
            _ -> {
              throw new AssertionError("asked");
            });
    assertArrayEquals(new byte[] {1, 2, 3}, resumed.checkpoint().orElseThrow());
    assertEquals(1, resumed.usdLeft(), 1e-12, "as it was seen the first time");
    assertEquals(.8, resumed.usdSpent(), 1e-12, "whatever is asked for again");
    assertEquals("42", resumed.ask(asks("a"), 0).getText());
    assertEquals(.6, resumed.usdLeft(), 1e-12);
    resumed.ask(asks("a"), 0);
    assertEquals(.6, resumed.usdLeft(), 1e-12);
    resumed.ask(asks("b"), 0);
    assertEquals(.2, resumed.usdLeft(), 1e-12);
    // Whoever asks otherwise than before does not get beyond what the job may spend either.
    RunningFit other = fit(.8, RunningFitTest::answer);
    var e = assertThrows(FailureException.class, () -> other.ask(asks("c"), 0));
    assertEquals("BUDGET_SPENT", e.failure().reason());
  }

  @Test
  void nobodyIsAskedWhomTheMoneyLeftDoesNotPay() {
    RunningFit fit = fit(1, RunningFitTest::answer);
    fit.ask(asks("a"), .6);
    fit.ask(asks("b"), .6);
    var e = assertThrows(FailureException.class, () -> fit.ask(asks("c"), .3));
    assertEquals(FitContext.SPENT, e.failure().reason());
    assertEquals("42", fit.ask(asks("a"), .6).getText(), "what is kept costs nothing");
    assertEquals("42", fit.ask(asks("c"), .2).getText(), "all that is left");
  }

  @Test
  void whatACrashCutsOffIsSpent() throws SQLException {
    LiveMembers dying =
        _ -> {
          throw new IllegalStateException("killed");
        };
    assertThrows(IllegalStateException.class, () -> fit(1, dying).ask(asks("a"), .5));
    assertEquals(.5, fit(1, dying).usdLeft(), 1e-12);
    RunningFit resumed = fit(1, RunningFitTest::answer);
    resumed.ask(asks("a"), .5);
    assertEquals(.1, resumed.usdLeft(), 1e-12);
    assertThrows(FailureException.class, () -> resumed.ask(asks("b"), .5));
    assertEquals(.9, purse.sum("j").all(), 1e-12);
    // Whoever hears that it was told to stop does not hear what it cost either.
    LiveMembers stopped =
        _ -> {
          throw new Failure.Cancelled("CANCELLED", "The caller left.").exception();
        };
    RunningFit cut = fit(1, stopped);
    assertThrows(FailureException.class, () -> cut.ask(asks("b"), .0625));
    assertEquals(.9625, purse.sum("j").all(), 1e-12);
  }

  @Test
  void whatIsAnsweredWhileTheJobIsStoppedIsKept() {
    RunningFit fit =
        fit(
            1,
            request -> {
              job.stopped = true;
              return answer(request);
            });
    assertThrows(JobStoppedException.class, () -> fit.ask(asks("a"), .5));
    assertThrows(JobStoppedException.class, () -> fit.ask(asks("b"), .5), "nobody is asked");
    job.stopped = false;
    RunningFit resumed = fit(1, null);
    assertEquals("42", resumed.ask(asks("a"), .5).getText());
    assertEquals(.6, resumed.usdLeft(), 1e-12);
  }

  @Test
  void whatIsFreeIsNotAskedForTwiceEither() {
    fit(1, _ -> Completion.newBuilder().setText("free").build()).ask(asks("a"), 0);
    assertEquals("free", fit(1, null).ask(asks("a"), 0).getText());
  }

  @Test
  void noAnswerIsOneAndWhatMayBeCuredIsAskedAgain() {
    var spent = Spent.newBuilder().setCostUsd(0.25).build();
    var asked = new ArrayList<String>();
    LiveMembers members =
        request -> {
          asked.add(request.getName());
          throw new FailureException(
              request.getName().equals("long")
                  ? new Failure.InvalidArgument("messages", "CONTEXT_FULL", "Too long.")
                  : new Failure.Unavailable("AWAY", "It is away."),
              null,
              spent);
        };
    RunningFit first = fit(1, members);
    assertThrows(FailureException.class, () -> first.ask(asks("long"), 0));
    assertThrows(FailureException.class, () -> first.ask(asks("away"), 0));
    RunningFit resumed = fit(1, members);
    assertEquals(.75, resumed.usdLeft(), 1e-12, "what was in vain is gone");
    var e = assertThrows(FailureException.class, () -> resumed.ask(asks("long"), 0));
    assertEquals("NO_ANSWER", e.failure().reason());
    assertEquals(spent, e.spent(), "as the first time");
    assertEquals(.5, resumed.usdLeft(), 1e-12);
    assertThrows(FailureException.class, () -> resumed.ask(asks("away"), 0));
    assertEquals(List.of("long", "away", "away"), asked);
    assertEquals(.25, resumed.usdLeft(), 1e-12);
  }

  @Test
  void theJobsOwnCheckpointsAreNotTheFits() throws SQLException {
    job.commit(_ -> "embedding".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    RunningFit fit = fit(1, RunningFitTest::answer);
    assertTrue(fit.checkpoint().isEmpty());
    fit.checkpoint(new byte[] {7});
    fit.ask(asks("a"), 0);
    assertArrayEquals(new byte[] {7}, fit.checkpoint().orElseThrow(), "what is paid leaves it");
  }

  @Test
  void theSameSeedGivesTheSameChanceAndProgressIsTheJobs() {
    assertEquals(fit(0, null).random().nextLong(), fit(0, null).random().nextLong());
    fit(0, null).progress(1, 2, "half");
    assertEquals(List.of("1/2 half"), job.told);
  }

  @Test
  void aQueryIsHeldOutByItsTextAndTheSeedAlone() {
    FitRequest request = request(0);
    long held = 0;
    for (int i = 0; i < 10_000; i++) {
      long number = FitRequest.number("question " + i);
      assertEquals(number, FitRequest.number("question " + i));
      held += request.holdsOut(number) ? 1 : 0;
    }
    assertEquals(2_000, held, 150, "a fifth");
    // As versions of before numbered it, which newer ones are compared with.
    assertEquals(0x1ca1e9a1867e590cL, FitRequest.number("question 0"));
    assertFalse(FitRequest.number("a") == FitRequest.number("b"));
  }
}
