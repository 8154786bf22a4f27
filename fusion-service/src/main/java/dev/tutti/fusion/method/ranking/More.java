package dev.tutti.fusion.method.ranking;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Evidence;
import dev.tutti.fusion.Fitted;
import dev.tutti.fusion.LearnedFusion;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.fusion.method.features.AnswerFeatures;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.Arrays;
import java.util.List;
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
public final class More implements Selector, Fitted {

  private static final double ROUNDING = 1e-12;

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
          double error) {

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings("", AnswerForm.AUTO, 1, 1);
  }

  private final Settings settings;
  private final AnswerTrees learned;
  private final int version;
  private final AnswerFeatures features;
  private final double threshold;

  /**
   * A method with these trees.
   *
   * @param learned by {@link MoreFit}
   * @param version of the artifact; 0 where nobody keeps it
   * @throws IllegalArgumentException when the trees are not over these features
   */
  public More(Settings settings, LearnedFusion learned, int version) {
    this.settings = settings;
    this.learned = (AnswerTrees) learned;
    this.version = version;
    this.features = new AnswerFeatures(learned.members());
    this.threshold = this.learned.threshold(settings.coverage(), settings.error());
    int known = this.learned.trees().features();
    if (known != features.names().size()) {
      throw new IllegalArgumentException(
          "The artifact '%s' is over %d features of an answer; this build has %d. Fit it anew."
              .formatted(settings.artifact(), known, features.names().size()));
    }
  }

  @Override
  public Set<Evidence.Kind> evidence() {
    return Set.of(Evidence.Kind.LOGPROBS);
  }

  @Override
  public Weighing weigh(Query query, Candidates candidates) {
    Matrix rows = features.of(query, candidates);
    var probabilities = new double[candidates.size()];
    int best = 0;
    for (int i = 0; i < probabilities.length; i++) {
      probabilities[i] = learned.probability(rows.row(i));
      best = isBetter(candidates, probabilities, i, best) ? i : best;
    }
    double sum = Arrays.stream(probabilities).sum();
    List<Double> weights =
        Arrays.stream(probabilities)
            .mapToObj(p -> sum > 0 ? p / sum : 1.0 / probabilities.length)
            .toList();
    List<Optional<String>> answers =
        AnswerFeatures.compared(settings.canonical(), candidates.answers());
    boolean enough = probabilities[best] >= threshold;
    String explanation =
        String.format(
            Locale.ROOT,
            "The answer of %s is right with probability %.2f%s.",
            candidates.answers().get(best).member(),
            probabilities[best],
            enough ? "" : "; at least %.2f is wanted".formatted(threshold));
    return new Weighing(
        weights, answers, enough ? OptionalInt.of(best) : OptionalInt.empty(), explanation);
  }

  /** Whether one is given before another: what is not blank, by score, then by prior. */
  static boolean isBetter(Candidates candidates, double[] probabilities, int one, int other) {
    Answer its = candidates.answers().get(one);
    Answer those = candidates.answers().get(other);
    if (isBlank(its) != isBlank(those)) {
      return isBlank(those);
    }
    double more = probabilities[one] - probabilities[other];
    return Math.abs(more) <= ROUNDING ? its.prior() > those.prior() : more > 0;
  }

  private static boolean isBlank(Answer answer) {
    return answer.text().isBlank() && answer.isText();
  }

  @Override
  public String artifact() {
    return settings.artifact();
  }

  @Override
  public int version() {
    return version;
  }

  @Override
  public List<String> members() {
    return learned.members();
  }
}
