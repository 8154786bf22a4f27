package dev.tutti.cascade;

import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Prompt;
import java.util.List;
import java.util.OptionalDouble;

/**
 * A deferral rule as a policy: members are asked one after the other, in the order of the recipe.
 *
 * @param rule decides after each
 */
public record InOrder(DeferralRule rule) implements Policy {

  @Override
  public Step next(Episode episode) {
    int asked = episode.stages().size();
    if (asked == 0) {
      return ask(episode, new Verdict.Defer(OptionalDouble.empty(), ""));
    }
    boolean exhausted = episode.exhausted() || asked == episode.members().size();
    if (exhausted && episode.stages().stream().noneMatch(Answered.class::isInstance)) {
      return new Abstain(OptionalDouble.empty(), "No member answered.");
    }
    return switch (rule.decide(exhausted ? episode.exhaust() : episode)) {
      case Verdict.Defer defer -> ask(episode, defer);
      case Verdict.Accept accept ->
          new Accept(accept.stage(), accept.confidence(), accept.threshold(), accept.explanation());
      case Verdict.Abstain abstain ->
          new Abstain(abstain.confidence(), abstain.threshold(), abstain.explanation());
    };
  }

  private Ask ask(Episode episode, Verdict.Defer why) {
    int next = episode.stages().size();
    boolean live = rule.acceptsNext(episode);
    return new Ask(
        List.of(
            // Nothing is read from an answer that is accepted whatever it is.
            live
                ? Call.Generate.asAsked(next)
                : new Call.Generate(next, Prompt.AS_ASKED, 1, rule.sampling(), "")),
        // A member that hangs must leave time for those behind it.
        episode.members().size() - next,
        live,
        why.confidence(),
        why.threshold(),
        why.explanation());
  }
}
