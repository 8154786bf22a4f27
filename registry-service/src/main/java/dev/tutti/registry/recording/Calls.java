package dev.tutti.registry.recording;

import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.kit.calls.Grading;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.registry.recording.PaidCalls.Paid;
import dev.tutti.registry.recording.PaidCalls.Place;
import dev.tutti.registry.recording.PaidCalls.What;
import dev.tutti.registry.v1.Outcome;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Makes the calls of one recording: asks, keeps what was paid, has it scored. Thread-safe. */
final class Calls {

  /** Tries of a call that fails for now. */
  private static final int TRIES = 4;

  private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);
  private static final int LONGEST_SHOWN = 200;

  /** Reason of gRPC itself: nobody was there to answer. */
  private static final String NOBODY = "UNAVAILABLE";

  private static final Sampling JUDGING =
      Sampling.newBuilder().setTemperature(0).setMaxTokens(Grading.MOST_TOKENS).build();

  private final String job;
  private final Scorer scorer;
  private final Sampling sampling;
  private final Roster roster;
  private final Asking asking;
  private final PaidCalls paid;
  private final Purse purse;
  private final Duration firstWait;
  private final ConcurrentMap<String, Double> dearest = new ConcurrentHashMap<>();
  private volatile double dearestVerdict;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final AtomicLong answered = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();

  Calls(
      String job,
      RecordingParameters parameters,
      Roster roster,
      Asking asking,
      PaidCalls paid,
      Purse purse,
      RecordingCounts before) {
    this.job = job;
    this.scorer = parameters.scoring();
    this.sampling = parameters.sampling();
    this.roster = roster;
    this.asking = asking;
    this.paid = paid;
    this.purse = purse;
    this.firstWait = FIRST_WAIT;
    before.members().forEach((name, tally) -> dearest.put(name, tally.dearest()));
    this.dearestVerdict = before.judge().dearest();
  }

  /** What was spent on one question and member. Confined to one thread. */
  private static final class Bill {
    private double usd;
    private double judgeUsd;

    Bill(Paid before) {
      usd = before.usd();
      judgeUsd = before.judgeUsd();
    }
  }

  /** Calls that are over since they were last counted. */
  long done() {
    return answered.get() + failed.get();
  }

  /** Of them, those that failed. */
  long failed() {
    return failed.get();
  }

  /** They are counted elsewhere from here on. */
  void counted() {
    answered.set(0);
    failed.set(0);
  }

  /** No call waits for another try from here on. */
  void stop() {
    stopped.countDown();
  }

  /**
   * What a question is expected to cost yet with one member: by prices and longest answer, or as
   * much as the dearest call of that member did cost.
   */
  double expected(Question question, Roster.Asked member, Paid before) {
    double usd = 0;
    if (before.outcome() == null) {
      usd +=
          Math.max(
              member.usd(question.messages(), sampling), dearest.getOrDefault(member.name(), 0.0));
    }
    if (before.score() == null && roster.judge().isPresent()) {
      usd += Math.max(roster.judgeUsd(question, sampling), dearestVerdict);
    }
    return usd;
  }

  /**
   * Asks a member, unless it was paid already, and has the answer scored.
   *
   * @throws FailureException where nobody can be asked now, or the call was cancelled
   */
  Made make(Question question, Roster.Asked member, Paid before) throws SQLException {
    var place = new Place(question.line(), member.name());
    var bill = new Bill(before);
    try {
      Outcome outcome = before.outcome();
      if (outcome == null) {
        outcome = answer(question, member, place, bill);
      }
      double score =
          before.score() != null ? before.score() : score(question, outcome, place, bill);
      answered.incrementAndGet();
      return new Made.Answered(
          outcome.toBuilder().setScore(score).build(), bill.usd, bill.judgeUsd);
    } catch (FailureException e) {
      if (e.failure() instanceof Failure.Cancelled || isAway(e.failure())) {
        throw e;
      }
      failed.incrementAndGet();
      return new Made.Failed(
          member.name(), e.failure().message(), isForNow(e.failure()), bill.usd, bill.judgeUsd);
    }
  }

  private Outcome answer(Question question, Roster.Asked member, Place place, Bill bill)
      throws SQLException {
    Asking.Answer answer = tried(member, question.messages(), sampling, place, What.LOSS, bill);
    Outcome outcome =
        Outcomes.of(member.name(), answer.completion(), answer.tokens(), answer.seconds());
    purse.spend(outcome.getCost());
    bill.usd += outcome.getCost();
    dearest.merge(member.name(), outcome.getCost(), Math::max);
    paid.answer(job, place, outcome);
    return outcome;
  }

  private double score(Question question, Outcome outcome, Place place, Bill bill)
      throws SQLException {
    return switch (scorer) {
      case Scorer.ByReference by ->
          by.comparison().score(outcome.getResponse(), question.references());
      case Scorer.ByJudge _ -> judged(question, outcome, place, bill);
    };
  }

  private double judged(Question question, Outcome outcome, Place place, Bill bill)
      throws SQLException {
    Asking.Answer verdict =
        tried(
            roster.judge().orElseThrow(),
            JudgePrompt.messages(
                JudgePrompt.question(question.messages()),
                question.references(),
                outcome.getResponse()),
            JUDGING,
            place,
            What.VERDICT_LOSS,
            bill);
    double usd = Math.max(0, verdict.completion().getCostUsd());
    String text = verdict.completion().getText();
    OptionalDouble score = Grading.score(text);
    purse.spend(usd);
    bill.judgeUsd += usd;
    dearestVerdict = Math.max(dearestVerdict, usd);
    if (score.isEmpty()) {
      paid.loss(job, place, What.VERDICT_LOSS, usd);
      throw new Failure.FailedPrecondition(
              "",
              "NO_GRADE",
              "The judge gave no grade from 1 to 10: '%s'"
                  .formatted(
                      text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN)))
          .exception();
    }
    paid.verdict(job, place, usd, score.getAsDouble());
    return score.getAsDouble();
  }

  private Asking.Answer tried(
      Roster.Asked member, List<Message> messages, Sampling how, Place place, What loss, Bill bill)
      throws SQLException {
    Duration wait = firstWait;
    for (int attempt = 1; ; attempt++) {
      try {
        return asking.ask(member, messages, how);
      } catch (FailureException e) {
        lose(e.spent().getCostUsd(), place, loss, bill);
        if (!isForNow(e.failure()) || attempt == TRIES) {
          throw e;
        }
        if (!purse.isEnough()) {
          throw new Failure.FailedPrecondition(
                  "",
                  "BUDGET_SPENT",
                  "It failed, and the budget has nothing left for another try: "
                      + e.failure().message())
              .exception();
        }
        pause(e.failure(), wait);
        wait = wait.multipliedBy(2);
      }
    }
  }

  private void lose(double usd, Place place, What loss, Bill bill) throws SQLException {
    if (!(usd > 0)) {
      return;
    }
    purse.spend(usd);
    if (loss == What.LOSS) {
      bill.usd += usd;
      dearest.merge(place.member(), usd, Math::max);
    } else {
      bill.judgeUsd += usd;
      dearestVerdict = Math.max(dearestVerdict, usd);
    }
    paid.loss(job, place, loss, usd);
  }

  private void pause(Failure failure, Duration wait) {
    Duration told = failure.retryAfter().compareTo(wait) > 0 ? failure.retryAfter() : wait;
    long millis = Math.min(told.toMillis(), LONGEST_WAIT.toMillis());
    try {
      if (stopped.await(millis, TimeUnit.MILLISECONDS)) {
        throw new Failure.Cancelled("CANCELLED", "The recording stops.").exception();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure.Cancelled("CANCELLED", "The recording stops.").exception();
    }
  }

  private static boolean isForNow(Failure failure) {
    return failure instanceof Failure.Unavailable
        || failure instanceof Failure.ResourceExhausted
        || failure instanceof Failure.DeadlineExceeded;
  }

  /** Whether there is nobody to ask, whoever the member is. */
  private static boolean isAway(Failure failure) {
    return failure instanceof Failure.Unavailable && failure.reason().equals(NOBODY);
  }
}
