package dev.tutti.learning.fit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.LiveMembers;
import dev.tutti.learning.testing.SumMethod;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunningFitTest {

  /** A job that keeps what is committed. */
  private static final class Job implements JobContext {

    private Optional<byte[]> checkpoint = Optional.empty();
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
      checkpoint = Optional.of(step.write(null));
    }

    @Override
    public void checkStopped() {}
  }

  private final Job job = new Job();

  private RunningFit fit(double budget, LiveMembers members) {
    return new RunningFit(job, request(budget), Optional.ofNullable(members));
  }

  private static FitRequest request(double budget) {
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
    assertEquals("42", fit.ask(GenerateRequest.getDefaultInstance()).getText());
    assertEquals(0.6, fit.usdLeft(), 1e-12);
    fit.ask(GenerateRequest.getDefaultInstance());
    fit.ask(GenerateRequest.getDefaultInstance());
    assertEquals(0, fit.usdLeft(), "more was spent than there was, which cannot be known before");
    var e =
        assertThrows(FailureException.class, () -> fit.ask(GenerateRequest.getDefaultInstance()));
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
    var e =
        assertThrows(FailureException.class, () -> fit.ask(GenerateRequest.getDefaultInstance()));
    assertEquals(cut, e.failure());
    assertEquals(0.7, fit.usdLeft(), 1e-12);
  }

  @Test
  void whatIsNoPriceEndsTheBudgetInsteadOfMakingItEndless() {
    for (double usd : new double[] {Double.NaN, Double.POSITIVE_INFINITY, -1}) {
      RunningFit fit = fit(1, _ -> Completion.newBuilder().setCostUsd(usd).build());
      fit.ask(GenerateRequest.getDefaultInstance());
      assertEquals(0, fit.usdLeft(), "after " + usd);
    }
  }

  @Test
  void whoHasNoBudgetAsksNobody() {
    assertThrows(
        FailureException.class,
        () -> fit(0, RunningFitTest::answer).ask(GenerateRequest.getDefaultInstance()));
    var e =
        assertThrows(
            FailureException.class, () -> fit(1, null).ask(GenerateRequest.getDefaultInstance()));
    assertEquals("NO_LIVE_MEMBERS", e.failure().reason());
  }

  @Test
  void aFitThatIsResumedKnowsWhatItKeptAndSpent() throws SQLException {
    RunningFit fit = fit(1, RunningFitTest::answer);
    assertTrue(fit.checkpoint().isEmpty());
    fit.ask(GenerateRequest.getDefaultInstance());
    fit.checkpoint(new byte[] {1, 2, 3});
    RunningFit resumed = fit(1, RunningFitTest::answer);
    assertArrayEquals(new byte[] {1, 2, 3}, resumed.checkpoint().orElseThrow());
    assertEquals(0.6, resumed.usdLeft(), 1e-12);
    assertArrayEquals(job.checkpoint().orElseThrow(), resumed.kept().orElseThrow());
  }

  @Test
  void theJobsOwnCheckpointsAreNotTheFits() throws SQLException {
    job.commit(_ -> "embedding".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    RunningFit fit = fit(1, null);
    assertTrue(fit.checkpoint().isEmpty());
    assertTrue(fit.kept().isEmpty());
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
