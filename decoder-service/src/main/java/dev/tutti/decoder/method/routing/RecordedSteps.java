package dev.tutti.decoder.method.routing;

import dev.tutti.decoder.method.routing.PerceptronFit.LabelledState;
import java.util.List;
import java.util.Optional;

/**
 * What members would have written along references, and what came of it: what {@link
 * TokenRouterFit} learns from.
 *
 * @param members whose steps are recorded, by their names in the registry
 * @param steps one list a member, in the same order
 * @param rollouts how an answer ends that went on with what no reference has
 */
public record RecordedSteps(List<String> members, List<List<Step>> steps, Rollouts rollouts) {

  /** Checks that there are steps of each. */
  public RecordedSteps {
    members = List.copyOf(members);
    steps = steps.stream().map(List::copyOf).toList();
    if (members.size() != steps.size()) {
      throw new IllegalArgumentException(
          "%d members have steps of %d.".formatted(members.size(), steps.size()));
    }
  }

  /**
   * A step of a member.
   *
   * @param hidden its last hidden state before the step
   * @param outcome what its most probable token is worth
   */
  public record Step(float[] hidden, Outcome outcome) {}

  /** What a token is worth. */
  public sealed interface Outcome {

    /** The reference goes on with it. */
    record Right() implements Outcome {}

    /** It does not, but with what a later member would write; or it ends what is no answer. */
    record Wrong() implements Outcome {}

    /**
     * It does not, nor with what a later member would write: what comes of it decides.
     *
     * @param reference number of the reference
     * @param written the reference up to here, and the token
     */
    record Open(int reference, String written) implements Outcome {}
  }

  /** How answers are completed. */
  @FunctionalInterface
  public interface Rollouts {

    /**
     * By whom.
     *
     * @param current who goes on step by step; the member by itself where there are no routers yet
     */
    Rollout by(Optional<TokenRouters> current);
  }

  /** Completes answers. */
  @FunctionalInterface
  public interface Rollout {

    /**
     * Whether an answer comes out right.
     *
     * @param member number of the one that has written the last token
     */
    boolean right(int member, Outcome.Open open);
  }

  /**
   * CITER's labels: 1 where the token is the reference's, 0 where a later member's is instead, and
   * what the roll-out says where nobody's is.
   */
  List<LabelledState> labelled(int member, Rollout rollout) {
    return steps.get(member).stream()
        .map(step -> new LabelledState(step.hidden(), fine(member, step.outcome(), rollout)))
        .toList();
  }

  private static boolean fine(int member, Outcome outcome, Rollout rollout) {
    return switch (outcome) {
      case Outcome.Right _ -> true;
      case Outcome.Wrong _ -> false;
      case Outcome.Open open -> rollout.right(member, open);
    };
  }

  /** The same, whose answers are completed so. */
  public RecordedSteps completedBy(Rollouts its) {
    return new RecordedSteps(members, steps, its);
  }

  /** How many steps a roll-out has to decide. */
  public int open() {
    return (int)
        steps.stream()
            .flatMap(List::stream)
            .filter(step -> step.outcome() instanceof Outcome.Open)
            .count();
  }
}
