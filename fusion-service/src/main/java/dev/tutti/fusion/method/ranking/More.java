package dev.tutti.fusion.method.ranking;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Evidence;
import dev.tutti.fusion.Fitted;
import dev.tutti.fusion.FittedSelector;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.fusion.method.features.AnswerFeatures;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Trees tell of each answer how probable it is that it is right, by who gave it, what was asked,
 * how it is written, who else said it and how sure its member was; the most probable one is given,
 * or none where even that is not probable enough (Si et al. 2023, "Getting MoRE out of Mixture of
 * Language Model Reasoning Experts", arXiv:2305.14628).
 *
 * <p>{@code p_e = trees(f_e)}, {@code e* = argmax_e p_e}; no answer where {@code p_e* < t}. The
 * features are {@link AnswerFeatures}; t is the one at which, on folds of the recorded answers that
 * the trees had not seen, no more questions were answered than {@code coverage}, and no greater
 * share of them wrong than {@code error}.
 *
 * <p>Departures: the paper grows a forest and chooses t by hand; boosted trees are this method's
 * default, which do better on the paper's own recorded answers. The experts of the paper are one
 * model with four prompts, here they are any members. An answer that is blank comes behind all that
 * are not; among equals the member with the higher prior, else the first. The weights of a decision
 * are the probabilities, scaled to sum to 1. Cost per request: one call a member; then some
 * hundreds of steps down a tree for each answer. A member that the fit has not seen is judged by
 * everything but who it is.
 */
public final class More implements Selector {

  /**
   * Settings.
   *
   * @param artifact name of what was learned
   * @param canonical form in which answers are compared
   * @param coverage share of the questions that is answered at most
   * @param error share of wrong ones among the answers that is borne
   */
  public record Settings(
      @Setting(help = "name of the artifact that the trees come from") String artifact,
      @Setting(
              help =
                  "form in which answers are compared for the agreement that a decision tells; the"
                      + " trees see them as auto does")
          AnswerForm canonical,
      @Setting(
              help =
                  "share of the questions that is answered at most, the surest ones, as calibrated"
                      + " on recorded answers; 1 for all",
              min = 0.01,
              max = 1)
          double coverage,
      @Setting(
              help =
                  "share of wrong ones among the answers that is borne, as calibrated on recorded"
                      + " answers; 1 for any",
              min = 0,
              max = 1)
          double error)
      implements Fitted.Settings {

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings("", AnswerForm.AUTO, 1, 1);
  }

  /** As it is fitted, and made of what that learned. */
  public static final FittedSelector<AnswerTrees, MoreFit.Settings, Settings> METHOD =
      new FittedSelector<>(
          "more",
          "Trees tell how probable it is that each answer is right; none is given where none is",
          "Si et al. 2023, MoRE, arXiv:2305.14628 (forest: Breiman 2001; boosted trees: Friedman 2001)",
          Members.atLeast(2),
          Set.of(Evidence.Kind.LOGPROBS),
          MoreFit.Settings.DEFAULTS,
          MoreFit::fit,
          AnswerTrees::read,
          More.class,
          Settings.DEFAULTS,
          More::new,
          (learned, _) -> new More(Settings.DEFAULTS, learned, 0),
          MoreFit::bytes);

  private final Settings settings;
  private final AnswerTrees learned;
  private final Fitted fitted;
  private final AnswerFeatures features;
  private final double threshold;

  /**
   * A method with these trees.
   *
   * @param learned by {@link MoreFit}
   * @param version of the artifact; 0 where nobody keeps it
   * @throws IllegalArgumentException when the trees are not over these features
   */
  More(Settings settings, AnswerTrees learned, int version) {
    this.settings = settings;
    this.learned = learned;
    this.fitted = new Fitted(settings.artifact(), version, learned.members());
    this.features =
        AnswerFeatures.of(settings.artifact(), learned.members(), learned.trees().features());
    this.threshold = learned.threshold(settings.coverage(), settings.error());
  }

  @Override
  public Set<Evidence.Kind> evidence() {
    return Set.of(Evidence.Kind.LOGPROBS);
  }

  @Override
  public Weighing weigh(Query query, Candidates candidates) {
    var ranked = RankedAnswers.of(candidates, features.of(query, candidates), learned::probability);
    boolean enough = ranked.most() >= threshold;
    String explanation =
        String.format(
            Locale.ROOT,
            "The answer of %s is right with probability %.2f%s.",
            candidates.answers().get(ranked.best()).member(),
            ranked.most(),
            enough ? "" : "; at least %.2f is wanted".formatted(threshold));
    return new Weighing(
        ranked.weights(),
        AnswerFeatures.compared(settings.canonical(), candidates.answers()),
        enough ? OptionalInt.of(ranked.best()) : OptionalInt.empty(),
        explanation);
  }

  @Override
  public Optional<Fitted> fitted() {
    return Optional.of(fitted);
  }
}
