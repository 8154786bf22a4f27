package dev.tutti.cascade.method.agent;

import dev.tutti.cascade.FittedCascade.Progress;
import dev.tutti.cascade.LiveAnswers;
import dev.tutti.cascade.LiveAnswers.LiveAnswer;
import dev.tutti.cascade.LiveAnswers.LiveCall;
import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.calls.References;
import dev.tutti.kit.calls.Turn;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Answers to questions with the answer so far handed on, asked live as {@link Der} asks for them,
 * and graded where there is a judge: one that the money does not pay the verdict on is none. For
 * one thread.
 */
final class HandedOn {

  private final PaidCalls calls;
  private final DerFit.Settings settings;
  private final List<String> names;
  private final Optional<Judge> judge;
  private boolean closed;

  /**
   * What came of asking.
   *
   * @param answer empty where there is none; its score is the judge's, NaN without
   * @param usd what it cost, without the verdict
   */
  record Outcome(Optional<Recorded> answer, double usd) {}

  HandedOn(LiveAnswers members, DerFit.Settings settings, RecordedOutcomes data) {
    this.calls = new PaidCalls(members, data);
    this.settings = settings;
    this.names = data.members();
    this.judge =
        settings.quality() == Worth.JUDGE
            ? Optional.of(new Judge(calls, settings.judge()))
            : Optional.empty();
  }

  /** What is left, US dollars. */
  double usdLeft() {
    return calls.usdLeft();
  }

  /**
   * Recorded answers, with the judge's grades as their scores where there is one. Shares of the
   * money are of what is left then.
   *
   * @throws IllegalArgumentException where the money does not do
   */
  RecordedOutcomes graded(RecordedOutcomes data, Progress progress) {
    RecordedOutcomes graded = judge.map(its -> its.graded(data, progress)).orElse(data);
    calls.share();
    return graded;
  }

  /** From here on this share of the money is not touched. */
  void reserve(double share) {
    calls.reserve(share);
  }

  /** From here on nobody is asked. */
  void close() {
    closed = true;
  }

  /** Whether somebody can be asked yet. */
  boolean isOpen() {
    return !closed;
  }

  /** Whether the answer so far reaches whoever is asked next. */
  boolean hands() {
    return !settings.transfer().isBlank();
  }

  /**
   * A call.
   *
   * @param before the answer so far; empty where the question is asked as it was
   */
  static LiveCall call(
      DerFit.Settings settings, String member, Query query, Optional<String> before) {
    List<Turn> turns = query.turns();
    if (before.isPresent()) {
      String text =
          new References(List.of("answer"), List.of(before.get()))
              .after(settings.transfer(), MemberCard.of(member, 1));
      turns = References.instructed(turns, text);
    }
    return new LiveCall(member, turns, settings.maxTokens(), settings.signals(), false);
  }

  /**
   * Asks a member.
   *
   * @param before the answer so far; empty where the question is asked as it was
   * @return empty where the money does not do
   */
  Optional<Outcome> ask(Row row, int member, Optional<String> before) {
    return calls
        .ask(call(settings, names.get(member), row.query(), before))
        .flatMap(its -> outcome(row, its));
  }

  private Optional<Outcome> outcome(Row row, LiveAnswer its) {
    if (its.text().isEmpty()) {
      return Optional.of(new Outcome(Optional.empty(), its.usd()));
    }
    String text = its.text().get();
    OptionalDouble score =
        judge.map(grader -> grader.worth(row, text)).orElse(OptionalDouble.of(Double.NaN));
    if (score.isEmpty()) {
      return Optional.empty();
    }
    var answer =
        new Recorded(
            text,
            its.signals(),
            score.getAsDouble(),
            its.usd(),
            List.of(),
            Optional.empty(),
            text.isBlank() ? Optional.empty() : Optional.of(calls.embed(text)));
    return Optional.of(new Outcome(Optional.of(answer), its.usd()));
  }
}
