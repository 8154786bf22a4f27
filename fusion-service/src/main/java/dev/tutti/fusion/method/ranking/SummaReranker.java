package dev.tutti.fusion.method.ranking;

import dev.tutti.fusion.Candidates;
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
public final class SummaReranker implements Selector, Fitted {

  /**
   * Settings.
   *
   * @param artifact name of what was learned
   * @param canonical form in which answers are compared
   */
  public record Settings(
      @Setting(help = "name of the artifact that the heads come from") String artifact,
      @Setting(help = "form in which answers are compared for the agreement that a decision tells")
          AnswerForm canonical) {

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings("", AnswerForm.AUTO);
  }

  private final Settings settings;
  private final MetricHeads learned;
  private final int version;
  private final AnswerFeatures features;

  /**
   * A ranker with these heads.
   *
   * @param learned by {@link SummaRerankerFit}
   * @param version of the artifact; 0 where nobody keeps it
   * @throws IllegalArgumentException when a head is not over these features
   */
  public SummaReranker(Settings settings, LearnedFusion learned, int version) {
    this.settings = settings;
    this.learned = (MetricHeads) learned;
    this.version = version;
    this.features = new AnswerFeatures(learned.members());
    int here = features.names().size();
    if (this.learned.heads().stream().anyMatch(head -> head.features() != here)) {
      throw new IllegalArgumentException(
          "The artifact '%s' is not over the %d features of an answer that this build has. Fit it anew."
              .formatted(settings.artifact(), here));
    }
  }

  @Override
  public Set<Evidence.Kind> evidence() {
    return Set.of(Evidence.Kind.LOGPROBS);
  }

  @Override
  public Weighing weigh(Query query, Candidates candidates) {
    Matrix rows = features.of(query, candidates);
    var scores = new double[candidates.size()];
    int best = 0;
    for (int i = 0; i < scores.length; i++) {
      scores[i] = learned.score(rows.row(i));
      best = More.isBetter(candidates, scores, i, best) ? i : best;
    }
    double sum = Arrays.stream(scores).sum();
    return new Weighing(
        Arrays.stream(scores).mapToObj(s -> s / sum).toList(),
        AnswerFeatures.compared(settings.canonical(), candidates.answers()),
        best,
        String.format(
            Locale.ROOT,
            "Over %d metrics the answer of %s is best with a mean probability of %.2f.",
            learned.heads().size(),
            candidates.answers().get(best).member(),
            scores[best] / learned.heads().size()));
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
