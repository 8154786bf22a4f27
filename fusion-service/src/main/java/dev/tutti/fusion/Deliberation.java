package dev.tutti.fusion;

import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Episode;
import java.util.List;
import java.util.Optional;

/**
 * A method that says what to ask next, round by round: layers, debate, judging, synthesis. Pure:
 * the same episode gives the same step. Thread-safe once built.
 */
public non-sealed interface Deliberation extends FusionMethod {

  /** What is to be done. */
  sealed interface Step {}

  /**
   * Calls are made together.
   *
   * @param calls at least one
   * @param turns rounds that share the time left one after the other, this one included; at least 1
   */
  record Ask(List<Call> calls, int turns) implements Step {

    /** Keeps its own copy. */
    public Ask {
      calls = List.copyOf(calls);
    }
  }

  /**
   * One of the answers is given.
   *
   * @param weighed those that were weighed; one of them is chosen
   * @param compared whether answers were held against each other: else nobody knows how far they
   *     agree
   * @param text what of the answer is given, where that is not all of it
   */
  record Give(Weighed weighed, boolean compared, Optional<String> text) implements Step {

    /** All of an answer. */
    public Give(Weighed weighed, boolean compared) {
      this(weighed, compared, Optional.empty());
    }

    /** Of answers that were held against each other. */
    public Give(Weighed weighed) {
      this(weighed, true);
    }
  }

  /**
   * A member writes the answer; its text is passed on while it is written. Where it fails before it
   * has written anything, or writes nothing, the next step is asked for.
   *
   * @param call one sample
   * @param weighed answers that were weighed for it, if any were; what is chosen of them is the
   *     best one, not what is given
   * @param explanation one or two sentences for people
   */
  record Write(Call.Generate call, Optional<Weighed> weighed, String explanation) implements Step {

    /** Of answers that nobody has weighed. */
    public Write(Call.Generate call, String explanation) {
      this(call, Optional.empty(), explanation);
    }
  }

  /**
   * No answer is good enough, and none is given.
   *
   * @param weighed those that were weighed, if any were
   * @param explanation one or two sentences for people
   */
  record Abstain(Optional<Weighed> weighed, String explanation) implements Step {}

  /**
   * Answers that were weighed.
   *
   * @param stages places of the answers among the episode's stages, one a weight
   */
  record Weighed(List<Integer> stages, Weighing weighing) {

    /** Keeps its own copy, and checks the number of stages. */
    public Weighed {
      stages = List.copyOf(stages);
      if (stages.size() != weighing.weights().size()) {
        throw new IllegalArgumentException(
            "%d answers for %d weights.".formatted(stages.size(), weighing.weights().size()));
      }
    }
  }

  /**
   * The next step.
   *
   * @param episode without stages at first; after that, somebody has answered, or {@link #asksOn}
   * @return never {@link Ask} or {@link Write} for an exhausted episode
   */
  Step next(Episode episode);

  /**
   * Whether what will be given is settled, whatever the calls of this round say that have not ended
   * yet: then nobody needs to wait for them.
   *
   * @param episode with the calls that have ended
   * @param pending places of the members whose calls have not, one a call
   */
  default boolean isSettled(Episode episode, List<Integer> pending) {
    return false;
  }

  /**
   * Whether those that have answered do, though the others could still add something: then the
   * others are waited for as long again as these took.
   *
   * @param episode with the calls that have ended
   * @param pending places of the members whose calls have not, one a call
   */
  default boolean isEnough(Episode episode, List<Integer> pending) {
    return false;
  }

  /**
   * Whether somebody else is asked where nobody has answered yet; else the request fails then.
   *
   * @param episode of which nobody has answered
   */
  default boolean asksOn(Episode episode) {
    return false;
  }
}
