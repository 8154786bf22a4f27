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
import dev.tutti.numerics.trees.Trees;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * A ranker of several metrics: for each one it tells how probable it is that an answer is among the
 * best by it, and the answer with the greatest sum is given (Ravaut et al. 2022, "SummaReranker",
 * arXiv:2203.06569).
 *
 * <p>{@code s(x, y) = sum_m p_m(x, y)}, each {@code p_m} learned with a binary cross-entropy of its
 * own.
 *
 * <p>Departures: the paper's heads are a mixture of experts over a pretrained encoder; here they
 * are boosted trees over {@link AnswerFeatures}. Its metrics compare with a written reference; here
 * they are the recorded score and the overlap with the answers that were scored the best. Blank
 * answers come last; among equals the higher prior, else the first. The weights of a decision are
 * the sums, scaled to sum to 1. Cost per request: one call a member.
 */
public final class SummaReranker implements Selector {

  /**
   * Settings.
   *
   * @param artifact name of what was learned
   * @param canonical form in which answers are compared
   */
  public record Settings(
      @Setting(help = "name of the artifact that the heads come from") String artifact,
      @Setting(help = "form in which answers are compared for the agreement that a decision tells")
          AnswerForm canonical)
      implements Fitted.Settings {

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings("", AnswerForm.AUTO);
  }

  /** As it is fitted, and made of what that learned. */
  public static final FittedSelector<MetricHeads, SummaRerankerFit.Settings, Settings> METHOD =
      new FittedSelector<>(
          "summa-reranker",
          "A head a metric tells which answers are the best; the best by all of them is given",
          "Ravaut et al. 2022, SummaReranker, arXiv:2203.06569 (boosted trees: Friedman 2001)",
          Members.atLeast(2),
          Set.of(Evidence.Kind.LOGPROBS),
          SummaRerankerFit.Settings.DEFAULTS,
          SummaRerankerFit::fit,
          MetricHeads::read,
          SummaReranker.class,
          Settings.DEFAULTS,
          SummaReranker::new,
          (learned, _) -> new SummaReranker(Settings.DEFAULTS, learned, 0),
          SummaRerankerFit::bytes);

  private final Settings settings;
  private final MetricHeads learned;
  private final Fitted fitted;
  private final AnswerFeatures features;

  /**
   * A ranker with these heads.
   *
   * @param learned by {@link SummaRerankerFit}
   * @param version of the artifact; 0 where nobody keeps it
   * @throws IllegalArgumentException when a head is not over these features
   */
  SummaReranker(Settings settings, MetricHeads learned, int version) {
    this.settings = settings;
    this.learned = learned;
    this.fitted = new Fitted(settings.artifact(), version, learned.members());
    this.features =
        AnswerFeatures.of(
            settings.artifact(),
            learned.members(),
            learned.heads().stream().mapToInt(Trees::features).toArray());
  }

  @Override
  public Set<Evidence.Kind> evidence() {
    return Set.of(Evidence.Kind.LOGPROBS);
  }

  @Override
  public Weighing weigh(Query query, Candidates candidates) {
    var ranked = RankedAnswers.of(candidates, features.of(query, candidates), learned::score);
    return new Weighing(
        ranked.weights(),
        AnswerFeatures.compared(settings.canonical(), candidates.answers()),
        ranked.best(),
        String.format(
            Locale.ROOT,
            "Over %d metrics the answer of %s is best with a mean probability of %.2f.",
            learned.heads().size(),
            candidates.answers().get(ranked.best()).member(),
            ranked.most() / learned.heads().size()));
  }

  @Override
  public Optional<Fitted> fitted() {
    return Optional.of(fitted);
  }
}
