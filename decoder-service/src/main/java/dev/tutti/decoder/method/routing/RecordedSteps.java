package dev.tutti.decoder.method.routing;

import dev.tutti.decoder.method.routing.PerceptronFit.LabelledState;
import java.util.List;
import java.util.Optional;

/**
 * What members would have written along references, and what came of it: what {@link
 * TokenRouterFit} learns from.
 *
 * @param members their names in the registry
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

    /** It does not, but with what another member would write; or it ends what is no answer. */
    record Wrong() implements Outcome {}

    /**
     * It does not, nor with what anybody else would write: what comes of it decides.
     *
     * @param reference number of the reference
     * @param written the reference up to here, and the token
     */
    record Open(int reference, String written) implements Outcome {}
  }

  /** Completes answers. */
  @FunctionalInterface
  public interface Rollouts {

    /**
     * Whether an answer comes out right.
     *
     * @param member who has written the last token
     * @param current who goes on step by step; the member by itself where there are no routers yet
     */
    boolean right(int member, Outcome.Open open, Optional<TokenRouters> current);
  }

  /**
   * CITER's labels: 1 where the token is the reference's, 0 where another member's is instead, and
   * what the roll-out says where nobody's is.
   *
   * @param current the routers so far; none in the first round
   */
  List<LabelledState> labelled(int member, Optional<TokenRouters> current) {
    return steps.get(member).stream()
        .map(step -> new LabelledState(step.hidden(), fine(member, step.outcome(), current)))
        .toList();
  }

  private boolean fine(int member, Outcome outcome, Optional<TokenRouters> current) {
    return switch (outcome) {
      case Outcome.Right _ -> true;
      case Outcome.Wrong _ -> false;
      case Outcome.Open open -> rollouts.right(member, open, current);
    };
  }

  /** Whether there is anything for a roll-out to decide. */
  boolean isOpen() {
    return steps.stream()
        .flatMap(List::stream)
        .anyMatch(step -> step.outcome() instanceof Outcome.Open);
  }
}
