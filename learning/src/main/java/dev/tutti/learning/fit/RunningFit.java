package dev.tutti.learning.fit;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.job.JobContext;
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

  private final JobContext job;
  private final Optional<LiveMembers> members;
  private final PaidAnswers answers;
  private final KeptEmbeddings embeddings;
  private final double budgetUsd;
  private final RandomGenerator random;

  private final boolean resumed;

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
    this.resumed = before.all() > 0;
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
    return Math.max(0, budgetUsd - (paidUsd - aheadUsd));
  }

  @Override
  public Completion ask(GenerateRequest request) {
    byte[] digest = digest(request);
    boolean again = !asked.add(ByteBuffer.wrap(digest));
    try {
      Optional<Paid> kept = again || resumed ? answers.find(job.id(), digest) : Optional.empty();
      if (kept.isPresent()) {
        aheadUsd -= again ? 0 : kept.get().usd();
        return kept.get().completion().orElseThrow(RunningFit::unanswered);
      }
      return paid(request, digest);
    } catch (SQLException e) {
      throw new IllegalStateException("What was paid for cannot be kept", e);
    }
  }

  private Completion paid(GenerateRequest request, byte[] digest) throws SQLException {
    LiveMembers live =
        members.orElseThrow(
            () -> refused("method", "NO_LIVE_MEMBERS", "Fits of this service ask nobody live."));
    if (paidUsd >= budgetUsd) {
      throw refused(
          "budget_usd",
          "BUDGET_SPENT",
          "The fit asks members live, and its budget of %s US dollars is spent."
              .formatted(budgetUsd));
    }
    try {
      // Nobody reads the decisions of ensembles again.
      Completion completion = live.ask(request).toBuilder().clearDecision().build();
      keep(Optional.of(digest), completion.getCostUsd(), Optional.of(completion));
      return completion;
    } catch (FailureException e) {
      boolean unanswerable =
          e.failure() instanceof Failure.InvalidArgument
              || e.failure() instanceof Failure.DeadlineExceeded;
      keep(Optional.of(digest).filter(_ -> unanswerable), e.spent().getCostUsd(), Optional.empty());
      throw e;
    }
  }

  /** What a failed call used counts too; what is no price would make the budget endless. */
  private void keep(Optional<byte[]> digest, double told, Optional<Completion> completion)
      throws SQLException {
    double usd = told >= 0 && Double.isFinite(told) ? told : Math.max(0, budgetUsd - paidUsd);
    if (digest.isEmpty() && usd == 0) {
      return;
    }
    paidUsd += usd;
    job.commit(
        connection -> {
          answers.add(connection, job.id(), digest, new Paid(usd, completion));
          return job.checkpoint().orElse(ASKING);
        });
  }

  private static FailureException unanswered() {
    return new FailureException(
        new Failure.InvalidArgument(
            "", "NO_ANSWER", "The member had no answer to this when it was asked before."));
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
