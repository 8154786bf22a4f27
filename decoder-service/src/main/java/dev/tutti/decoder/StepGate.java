package dev.tutti.decoder;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntPredicate;

/**
 * Decides which members take part in a step, and how much each of them counts. A gate is stateless;
 * what it remembers of an answer is in a {@link State}.
 */
public interface StepGate {

  /** Everyone takes part in every step, by the weights of the plan. */
  StepGate EVERYONE = (weights, _) -> () -> weights;

  /**
   * Whether {@link #begin} looks at how the members read their prompts; they are read then with the
   * probability of each token.
   */
  default boolean readsPrompts() {
    return false;
  }

  /** Whether {@link #begin} has the prompts read a second time. */
  default boolean readsPromptsAgain() {
    return false;
  }

  /**
   * Whether an answer ends where this member's context is full, since nobody else could play its
   * part; else the others go on without it, by their weights, as long as one has room.
   */
  default boolean needs(int member) {
    return false;
  }

  /** The same gate, which needs some of the members. */
  static StepGate needing(IntPredicate members, StepGate gate) {
    return new StepGate() {
      @Override
      public boolean needs(int member) {
        return members.test(member);
      }

      @Override
      public boolean readsPrompts() {
        return gate.readsPrompts();
      }

      @Override
      public boolean readsPromptsAgain() {
        return gate.readsPromptsAgain();
      }

      @Override
      public State begin(double[] weights, List<Optional<PromptReading>> prompts) {
        return gate.begin(weights, prompts);
      }
    };
  }

  /**
   * The gate before the first step of an answer.
   *
   * @param weights of the plan, one a member
   * @param prompts one a member, empty for those behind endpoints and those that failed; no list
   *     where the gate does not read prompts
   */
  State begin(double[] weights, List<Optional<PromptReading>> prompts);

  /**
   * The gate before one step of one answer. Immutable: an answer that is rewound goes on from the
   * state that it had there, a forked one from the same.
   */
  interface State {

    /**
     * How much each member counts in the step, at least 0; scaled to sum 1 over those who take
     * part. Whose weight is 0 is not asked, unless nobody else has something to say: then the
     * plan's weights count for the step. The array is shared: leave it as it is.
     */
    double[] weights();

    /**
     * Index of the member that is asked first and alone; empty where all are asked at once. Where
     * it cannot speak, all are.
     */
    default OptionalInt scout() {
      return OptionalInt.empty();
    }

    /**
     * Who is to write the step, after a scout was asked.
     *
     * @param scout its index
     * @param heard what it says
     */
    default Verdict judge(int scout, Heard heard) {
      return Verdict.TOGETHER;
    }

    /** The gate before the next step. */
    default State after(Step step) {
      return this;
    }

    /** How the step is combined where that depends on the answer; empty for the plan's combiner. */
    default Optional<StepCombiner> combiner() {
      return Optional.empty();
    }

    /** What it measured of the answer so far, as {@link JointSession#measures}. */
    default Map<String, Double> measures() {
      return Map.of();
    }

    /**
     * The same with a step that was asked for, but not gone on with through {@link #after}: the
     * last of an answer.
     *
     * @param open votes of that step; empty where there is none
     */
    default Map<String, Double> measures(List<StepCombiner.Vote> open) {
      return measures();
    }
  }

  /** Who writes a step. */
  sealed interface Verdict {

    /** What the scout says stands; the others sit the step out. */
    Verdict ALONE = new Alone();

    /** All whose weight is above 0. */
    Verdict TOGETHER = new Together();

    /** See {@link #ALONE}. */
    record Alone() implements Verdict {}

    /** See {@link #TOGETHER}. */
    record Together() implements Verdict {}

    /**
     * What the scout says does not count; this member is asked in its place, and judged as a scout
     * is.
     *
     * @param member its index
     */
    record Instead(int member) implements Verdict {}
  }

  /**
   * A step that was taken.
   *
   * @param piece that the answer went on with; not always whole characters
   * @param token the same among the tokens of the step
   * @param votes of those who took part; none where the piece was given, not asked for
   */
  record Step(byte[] piece, int token, List<StepCombiner.Vote> votes) {}
}
