package dev.tutti.learning.fit;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.job.JobContext;
import dev.tutti.learning.FitContext;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.LiveMembers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** What a fit has to work with, in its job. What it has spent is kept with its checkpoints. */
final class RunningFit implements FitContext {

  private static final byte[] LEARNING = "learning\n".getBytes(StandardCharsets.UTF_8);
  private static final int HEAD = LEARNING.length + Double.BYTES;

  private final JobContext job;
  private final Optional<LiveMembers> members;
  private final double budgetUsd;
  private final RandomGenerator random;
  private Optional<byte[]> kept;
  private double spentUsd;

  RunningFit(JobContext job, FitRequest request, Optional<LiveMembers> members) {
    this.job = job;
    this.members = members;
    this.budgetUsd = request.parameters().budgetUsd();
    this.random = new SplittableRandom(request.parameters().seed());
    this.kept = job.checkpoint().filter(RunningFit::isOurs);
    this.spentUsd =
        kept.map(bytes -> ByteBuffer.wrap(bytes).getDouble(LEARNING.length)).orElse(0.0);
  }

  private static boolean isOurs(byte[] checkpoint) {
    return checkpoint.length >= HEAD
        && Arrays.equals(checkpoint, 0, LEARNING.length, LEARNING, 0, LEARNING.length);
  }

  /** The job's checkpoint, where the fit has kept one. */
  Optional<byte[]> kept() {
    return kept;
  }

  @Override
  public RandomGenerator random() {
    return random;
  }

  @Override
  public void progress(long done, long total, String message) {
    job.progress(done, total, message);
  }

  @Override
  public Optional<byte[]> checkpoint() {
    return kept.map(bytes -> Arrays.copyOfRange(bytes, HEAD, bytes.length));
  }

  @Override
  public void checkpoint(byte[] checkpoint) throws SQLException {
    byte[] whole =
        ByteBuffer.allocate(HEAD + checkpoint.length)
            .put(LEARNING)
            .putDouble(spentUsd)
            .put(checkpoint)
            .array();
    job.checkpoint(whole);
    kept = Optional.of(whole);
  }

  @Override
  public double usdLeft() {
    return Math.max(0, budgetUsd - spentUsd);
  }

  @Override
  public Completion ask(GenerateRequest request) {
    LiveMembers asked =
        members.orElseThrow(
            () -> refused("method", "NO_LIVE_MEMBERS", "Fits of this service ask nobody live."));
    if (usdLeft() <= 0) {
      throw refused(
          "budget_usd",
          "BUDGET_SPENT",
          "The fit asks members live, and its budget of %s US dollars is spent."
              .formatted(budgetUsd));
    }
    try {
      Completion completion = asked.ask(request);
      spend(completion.getCostUsd());
      return completion;
    } catch (FailureException e) {
      spend(e.spent().getCostUsd());
      throw e;
    }
  }

  /** What a failed call used counts too; what is no price would make the budget endless. */
  private void spend(double usd) {
    spentUsd += usd >= 0 && Double.isFinite(usd) ? usd : usdLeft();
  }

  private static RuntimeException refused(String field, String reason, String message) {
    return new Failure.FailedPrecondition("parameters." + field, reason, message).exception();
  }
}
