package dev.tutti.learning.fit;

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
import dev.tutti.learning.fit.PaidAnswers.Paid;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** What a fit has to work with, in its job. What it pays for is kept answer by answer. */
final class RunningFit implements FitContext {

  private static final byte[] LEARNING = "learning\n".getBytes(StandardCharsets.UTF_8);
  private static final byte[] ASKING = "asking".getBytes(StandardCharsets.UTF_8);

  /** Of a US dollar. */
  private static final double GRAINS = 1e12;

  private final JobContext job;
  private final Optional<LiveMembers> members;
  private final PaidAnswers answers;
  private final KeptEmbeddings embeddings;
  private final double budgetUsd;
  private final RandomGenerator random;

  /** Digests of what this attempt has asked. */
  private final Set<ByteBuffer> asked = new HashSet<>();

  /** What the job has paid, in all attempts. */
  private double paidUsd;

  /** What of that attempts before have paid for answers that this one was not given yet. */
  private double aheadUsd;

  /**
   * Begins, or goes on.
   *
   * @throws SQLException when what was paid cannot be told
   */
  RunningFit(
      JobContext job,
      FitRequest request,
      Optional<LiveMembers> members,
      PaidAnswers answers,
      KeptEmbeddings embeddings)
      throws SQLException {
    this.job = job;
    this.members = members;
    this.answers = answers;
    this.embeddings = embeddings;
    this.budgetUsd = request.parameters().budgetUsd();
    this.random = new SplittableRandom(request.parameters().seed());
    PaidAnswers.Sum before = budgetUsd > 0 ? answers.sum(job.id()) : new PaidAnswers.Sum(0, 0);
    this.paidUsd = before.all();
    this.aheadUsd = before.kept();
  }

  private static boolean isOurs(byte[] checkpoint) {
    return checkpoint.length >= LEARNING.length
        && Arrays.equals(checkpoint, 0, LEARNING.length, LEARNING, 0, LEARNING.length);
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
    return job.checkpoint()
        .filter(RunningFit::isOurs)
        .map(bytes -> Arrays.copyOfRange(bytes, LEARNING.length, bytes.length));
  }

  @Override
  public void checkpoint(byte[] checkpoint) throws SQLException {
    job.checkpoint(
        ByteBuffer.allocate(LEARNING.length + checkpoint.length)
            .put(LEARNING)
            .put(checkpoint)
            .array());
  }

  @Override
  public List<float[]> embed(List<String> texts) {
    try {
      Map<String, float[]> vectors = embeddings.of(texts);
      return texts.stream().map(vectors::get).toList();
    } catch (SQLException e) {
      throw new IllegalStateException("Embeddings cannot be kept", e);
    }
  }

  @Override
  public double usdLeft() {
    return left(paidUsd - aheadUsd);
  }

  @Override
  public double usdSpent() {
    return rounded(paidUsd);
  }

  private double left(double spentUsd) {
    return Math.max(0, rounded(budgetUsd - spentUsd));
  }

  /** Sums of the same in another order are the same. */
  private static double rounded(double usd) {
    return Math.rint(usd * GRAINS) / GRAINS;
  }

  @Override
  public Completion ask(GenerateRequest request, double usd) {
    byte[] digest = digest(request);
    try {
      Optional<Paid> kept = answers.find(job.id(), digest);
      boolean again = !asked.add(ByteBuffer.wrap(digest));
      if (kept.isEmpty()) {
        return paid(request, digest, usd);
      }
      aheadUsd -= again ? 0 : kept.get().usd();
      return kept.get().completion().orElseThrow(() -> unanswered(kept.get().usd()));
    } catch (SQLException e) {
      throw new IllegalStateException("What was paid for cannot be kept", e);
    }
  }

  private Completion paid(GenerateRequest request, byte[] digest, double usd) throws SQLException {
    LiveMembers live =
        members.orElseThrow(
            () -> refused("method", "NO_LIVE_MEMBERS", "Fits of this service ask nobody live."));
    double left = left(paidUsd);
    if (left <= 0 || left < usd) {
      throw refused(
          "budget_usd",
          SPENT,
          "The fit asks members live, and of its budget of %s US dollars %s are left."
              .formatted(budgetUsd, left));
    }
    job.checkStopped();
    long held = answers.hold(job.id(), usd);
    Completion completion;
    try {
      // Nobody reads the decisions of ensembles again.
      completion = live.ask(request).toBuilder().clearDecision().build();
    } catch (FailureException e) {
      failed(held, digest, usd, e);
      throw e;
    }
    settle(held, Optional.of(digest), paid(completion.getCostUsd(), Optional.of(completion)));
    return completion;
  }

  private void failed(long held, byte[] digest, double usd, FailureException e)
      throws SQLException {
    double spent = e.spent().getCostUsd();
    switch (e.failure()) {
      case Failure.InvalidArgument _, Failure.DeadlineExceeded _ ->
          settle(held, Optional.of(digest), paid(spent, Optional.empty()));
      // Whoever was told to stop has not heard what it cost.
      case Failure.Cancelled _ -> paidUsd += usd;
      default -> {
        if (spent == 0) {
          answers.release(held);
        } else {
          settle(held, Optional.empty(), paid(spent, Optional.empty()));
        }
      }
    }
  }

  /** What a failed call used counts too; what is no price would make the budget endless. */
  private Paid paid(double told, Optional<Completion> completion) {
    return new Paid(
        told >= 0 && Double.isFinite(told) ? told : Math.max(0, budgetUsd - paidUsd), completion);
  }

  /** An answer that is paid is kept, whatever the job is told meanwhile. */
  private void settle(long held, Optional<byte[]> digest, Paid paid) throws SQLException {
    paidUsd += paid.usd();
    try {
      job.commit(
          connection -> {
            answers.settle(connection, held, digest, paid);
            return job.checkpoint().orElse(ASKING);
          });
    } catch (JobStoppedException e) {
      try {
        answers.settle(held, digest, paid);
      } catch (SQLException lost) {
        // What was set aside for it stays spent.
        e.addSuppressed(lost);
      }
      throw e;
    }
  }

  private static FailureException unanswered(double usd) {
    return new FailureException(
        new Failure.InvalidArgument(
            "", "NO_ANSWER", "The member had no answer to this when it was asked before."),
        null,
        Spent.newBuilder().setCostUsd(usd).build());
  }

  private static byte[] digest(GenerateRequest request) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(request.toByteArray());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  private static FailureException refused(String field, String reason, String message) {
    return new Failure.FailedPrecondition("parameters." + field, reason, message).exception();
  }
}
