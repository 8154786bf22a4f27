package dev.tutti.fusion.method.vote;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Fitted;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.fusion.method.vote.MajorityVote.Weights;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.List;
import java.util.Optional;

/**
 * A vote whose weights were learned: the answer wins for which {@code sum_i w_i I[y_i = a]} is
 * greatest, which is the most probable one of the conditional logit that {@link VoteWeights} fits
 * (McFadden 1974; votes weighed by what they proved to be worth: Littlestone & Warmuth 1994).
 * Everything else is as in {@link MajorityVote}, with the learned weights, times the members' own
 * in the ensemble, as priors.
 *
 * <p>Departures: a member that the fit has not seen, or found worthless, counts next to nothing: it
 * decides only where nobody else said anything that can be read. Cost per request: one call a
 * member.
 */
public final class WeightedVote implements Selector {

  /**
   * Settings.
   *
   * @param artifact name of what was learned
   * @param canonical form in which answers are compared
   * @param category of the questions
   */
  public record Settings(
      @Setting(help = "name of the artifact that the weights come from") String artifact,
      @Setting(help = Selector.CANONICAL) AnswerForm canonical,
      @Setting(
              help =
                  "category of the questions, as the dataset's label named it; the weights over all"
                      + " questions where it is empty or was not learned about")
          String category)
      implements Fitted.Settings {

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings("", AnswerForm.AUTO, "");
  }

  private final Settings settings;
  private final VoteWeights learned;
  private final Fitted fitted;
  private final MajorityVote vote;

  /**
   * A vote with these weights.
   *
   * @param version of the artifact; 0 where nobody keeps it
   */
  public WeightedVote(Settings settings, VoteWeights learned, int version) {
    this.settings = settings;
    this.learned = learned;
    this.fitted = new Fitted(settings.artifact(), version, learned.members());
    this.vote = new MajorityVote(new MajorityVote.Settings(settings.canonical(), Weights.PRIOR, 2));
  }

  @Override
  public Weighing weigh(Query query, Candidates candidates) {
    return weigh(query, candidates, settings.category());
  }

  /**
   * Weighs them as answers to a question of this category.
   *
   * @param category as {@link VoteWeights#weights}
   */
  public Weighing weigh(Query query, Candidates candidates, String category) {
    return vote.weigh(query, learned.weighted(candidates, category));
  }

  @Override
  public boolean isSettled(Candidates candidates, List<Double> pending) {
    return vote.isSettled(learned.weighted(candidates, settings.category()), pending);
  }

  @Override
  public double weight(String knownAs, double prior) {
    return prior * learned.weight(knownAs, settings.category());
  }

  @Override
  public Optional<Fitted> fitted() {
    return Optional.of(fitted);
  }
}
