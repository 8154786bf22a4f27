package dev.tutti.cascade;

import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Episode;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A method that says whom to ask next, from the first step on, until an answer is good enough.
 * Pure: the same episode gives the same step. Thread-safe once built.
 */
public non-sealed interface Policy extends CascadeMethod {

  /** What is to be done. */
  sealed interface Step {

    /**
     * The confidence in the latest answer, on the method's own scale; empty where there is none.
     */
    OptionalDouble confidence();

    /** Least confidence at which that answer is taken; empty where the method has none for it. */
    OptionalDouble threshold();

    /** A sentence for people. */
    String explanation();
  }

  /**
   * Calls are made together.
   *
   * @param calls at least one
   * @param turns rounds that share the time left one after the other, this one included; at least 1
   * @param live whether the answer is accepted whatever it is, as long as it is one: its text is
   *     given while it is written; for one sample of one call only
   * @param confidence in the latest answer
   * @param threshold of the latest answer
   * @param explanation why the answers so far do not do
   */
  record Ask(
      List<Call> calls,
      int turns,
      boolean live,
      OptionalDouble confidence,
      OptionalDouble threshold,
      String explanation)
      implements Step {

    /** By no threshold. */
    public Ask(
        List<Call> calls, int turns, boolean live, OptionalDouble confidence, String explanation) {
      this(calls, turns, live, confidence, OptionalDouble.empty(), explanation);
    }

    /** Keeps its own copy, and checks that what is given while it is written is one answer. */
    public Ask {
      calls = List.copyOf(calls);
      boolean one = calls.size() == 1 && calls.getFirst().samples() == 1;
      if (calls.isEmpty() || (live && !(one && calls.getFirst() instanceof Call.Generate))) {
        throw new IllegalArgumentException(
            ("%d calls are asked for; at least 1, of a text that is given while it is written 1 of"
                    + " 1 sample.")
                .formatted(calls.size()));
      }
    }
  }

  /**
   * An answer is good enough, or the best there can be.
   *
   * @param stage place of the stage whose answer is given; it answered
   * @param confidence in the latest answer
   * @param threshold of the latest answer
   * @param explanation a sentence for people
   * @param reading what that answer comes to, which is given in place of its text: the value of a
   *     program; empty where the text is given as it stands
   */
  record Accept(
      int stage,
      OptionalDouble confidence,
      OptionalDouble threshold,
      String explanation,
      Optional<String> reading)
      implements Step {

    /** As it stands. */
    public Accept(
        int stage, OptionalDouble confidence, OptionalDouble threshold, String explanation) {
      this(stage, confidence, threshold, explanation, Optional.empty());
    }

    /** By no threshold. */
    public Accept(int stage, OptionalDouble confidence, String explanation) {
      this(stage, confidence, OptionalDouble.empty(), explanation);
    }
  }

  /**
   * No answer is good enough, and none is given.
   *
   * @param confidence in the latest answer
   * @param threshold of the latest answer
   * @param explanation a sentence for people
   */
  record Abstain(OptionalDouble confidence, OptionalDouble threshold, String explanation)
      implements Step {

    /** By no threshold. */
    public Abstain(OptionalDouble confidence, String explanation) {
      this(confidence, OptionalDouble.empty(), explanation);
    }
  }

  /**
   * What a method does from the first step on: a rule's members are asked in order, and one that
   * recalls what was solved before recalls nothing.
   */
  static Policy of(CascadeMethod method) {
    return switch (method) {
      case DeferralRule rule -> new InOrder(rule);
      case Policy its -> its;
      case Recalling its -> its.policy(Recalled.NOTHING);
    };
  }

  /**
   * The next step.
   *
   * @param episode without stages at first
   * @return never {@link Ask} for an exhausted episode; never {@link Accept} of a stage that
   *     failed; {@link Abstain} where there is nothing to accept
   */
  Step next(Episode episode);

  /**
   * Whether what is done next is settled, whatever the calls of this round say that have not ended
   * yet: then nobody needs to wait for them.
   *
   * @param episode with the calls that have ended
   * @param pending places of the members whose calls have not, one a call
   */
  default boolean isSettled(Episode episode, List<Integer> pending) {
    return false;
  }
}
