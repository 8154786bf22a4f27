package dev.tutti.cascade;

import dev.tutti.kit.calls.Asked;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Failed;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.calls.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * A deferral rule as a policy: members are asked one after the other, in the order of the recipe.
 * Whom the budget does not pay is passed over, which is to the rule as if they had failed; where it
 * pays nobody any more the next one is named.
 *
 * @param rule decides after each
 */
public record InOrder(DeferralRule rule) implements Policy {

  @Override
  public Step next(Episode episode) {
    int members = episode.members().size();
    int behind = episode.stages().isEmpty() ? 0 : episode.stages().getLast().asked().member() + 1;
    int next = IntStream.range(behind, members).filter(episode::pays).findFirst().orElse(behind);
    if (behind == 0) {
      return ask(episode, next, new Verdict.Defer(OptionalDouble.empty(), ""));
    }
    boolean exhausted = episode.exhausted() || behind == members;
    if (exhausted && episode.stages().stream().noneMatch(Answered.class::isInstance)) {
      return new Abstain(OptionalDouble.empty(), "No member answered.");
    }
    Episode seen = before(behind, exhausted ? episode.exhaust() : episode);
    return switch (rule.decide(seen)) {
      case Verdict.Defer defer -> ask(episode, next, defer);
      case Verdict.Accept accept ->
          new Accept(
              episode.stages().indexOf(seen.stages().get(accept.stage())),
              accept.confidence(),
              accept.threshold(),
              accept.explanation());
      case Verdict.Abstain abstain ->
          new Abstain(abstain.confidence(), abstain.threshold(), abstain.explanation());
    };
  }

  /** The episode with a stage for each member before this one. */
  private static Episode before(int member, Episode episode) {
    if (episode.stages().size() == member) {
      return episode;
    }
    var stages = new ArrayList<Stage>();
    for (int m = 0; m < member; m++) {
      int its = m;
      stages.add(
          episode.stages().stream()
              .filter(stage -> stage.asked().member() == its)
              .findFirst()
              .orElseGet(() -> new Failed(new Asked(-1, 0, its, 0, ""))));
    }
    return new Episode(
        episode.query(), episode.members(), stages, episode.usdLeft(), episode.exhausted());
  }

  private Ask ask(Episode episode, int next, Verdict.Defer why) {
    boolean live = rule.acceptsNext(before(next, episode));
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
