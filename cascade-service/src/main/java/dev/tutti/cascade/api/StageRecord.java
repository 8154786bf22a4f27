package dev.tutti.cascade.api;

import dev.tutti.cascade.AnswerSignals;
import dev.tutti.cascade.Episode.Answered;
import dev.tutti.cascade.Episode.Failed;
import dev.tutti.cascade.Episode.Stage;
import dev.tutti.generation.v1.Signals;
import dev.tutti.generation.v1.Spent;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.MemberAnswer;
import dev.tutti.type.v1.Member;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A member that was asked.
 *
 * @param member who
 * @param answer its answer, unless it failed
 * @param failure why it failed, unless it answered
 * @param spent what it used, as far as this is known
 * @param live whether its text was given while it was written
 * @param confidence the rule's confidence in the answer
 */
record StageRecord(
    Member member,
    Optional<MemberAnswer> answer,
    Optional<Failure> failure,
    Spent spent,
    boolean live,
    OptionalDouble confidence) {

  static StageRecord answered(Member member, MemberAnswer answer, boolean live) {
    return new StageRecord(
        member,
        Optional.of(answer),
        Optional.empty(),
        answer.spent(),
        live,
        OptionalDouble.empty());
  }

  static StageRecord failed(Member member, FailureException why, boolean live) {
    return new StageRecord(
        member,
        Optional.empty(),
        Optional.of(why.failure()),
        why.spent(),
        live,
        OptionalDouble.empty());
  }

  StageRecord with(OptionalDouble known) {
    return new StageRecord(member, answer, failure, spent, live, known);
  }

  /** As the rule sees it. */
  Stage stage() {
    return answer
        .map(MemberAnswer::completion)
        .<Stage>map(its -> new Answered(its.getText(), signals(its.getSignals())))
        .orElseGet(Failed::new);
  }

  private static AnswerSignals signals(Signals signals) {
    return new AnswerSignals(
        optional(signals.hasMeanLogprob(), signals.getMeanLogprob()),
        optional(signals.hasSumLogprob(), signals.getSumLogprob()),
        optional(signals.hasMinLogprob(), signals.getMinLogprob()),
        optional(signals.hasMeanDistanceToUniform(), signals.getMeanDistanceToUniform()),
        optional(signals.hasMinDistanceToUniform(), signals.getMinDistanceToUniform()));
  }

  private static OptionalDouble optional(boolean has, double value) {
    return has ? OptionalDouble.of(value) : OptionalDouble.empty();
  }
}
