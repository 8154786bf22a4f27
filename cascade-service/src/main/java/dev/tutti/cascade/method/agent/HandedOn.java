package dev.tutti.cascade.method.agent;

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

/**
 * Answers to questions with the answer so far handed on, asked live as {@link Der} asks for them.
 * Nobody is asked where the money left does not pay what the answer costs at most; where nobody
 * knows that, where it is not twice what the member's dearest answer so far did cost, recorded ones
 * among them. For one thread.
 */
final class HandedOn {

  /** How many times what the dearest answer did cost must be there: prompts differ. */
  private static final double ROOM = 2;

  private final LiveAnswers members;
  private final DerFit.Settings settings;
  private final List<String> names;
  private final double[] dearest;
  private final double usd;
  private double reserve;

  /**
   * What came of asking.
   *
   * @param answer empty where there is none
   * @param usd what it cost
   */
  record Outcome(Optional<Recorded> answer, double usd) {}

  HandedOn(LiveAnswers members, DerFit.Settings settings, RecordedOutcomes data) {
    this.members = members;
    this.settings = settings;
    this.names = data.members();
    this.usd = members.usdLeft();
    this.dearest = new double[names.size()];
    for (int m = 0; m < dearest.length; m++) {
      for (Row row : data.rows()) {
        dearest[m] = Math.max(dearest[m], row.outcomes().get(m).map(Recorded::usd).orElse(0.0));
      }
    }
  }

  /** What is left, US dollars. */
  double usdLeft() {
    return members.usdLeft();
  }

  /** From here on this share of all the money is not touched. */
  void reserve(double share) {
    reserve = share * usd;
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
    return new LiveCall(member, turns, settings.maxTokens(), settings.signals());
  }

  /**
   * Asks a member.
   *
   * @param before the answer so far; empty where the question is asked as it was
   * @return empty where the money does not do
   */
  Optional<Outcome> ask(Row row, int member, Optional<String> before) {
    LiveCall call = call(settings, names.get(member), row.query(), before);
    double usd = members.mostUsd(call).orElse(ROOM * dearest[member]);
    double left = members.usdLeft() - reserve;
    return left > 0 && left >= usd
        ? members.ask(call, usd).map(its -> outcome(member, its))
        : Optional.empty();
  }

  private Outcome outcome(int member, LiveAnswer its) {
    dearest[member] = Math.max(dearest[member], its.usd());
    return new Outcome(
        its.text()
            .map(
                text ->
                    new Recorded(
                        text,
                        its.signals(),
                        Double.NaN,
                        its.usd(),
                        List.of(),
                        Optional.empty(),
                        text.isBlank() ? Optional.empty() : Optional.of(members.embed(text)))),
        its.usd());
  }
}
