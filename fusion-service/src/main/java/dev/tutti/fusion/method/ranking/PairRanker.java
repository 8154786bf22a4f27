package dev.tutti.fusion.method.ranking;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Evidence;
import dev.tutti.fusion.Fitted;
import dev.tutti.fusion.FittedSelector;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.fusion.method.features.AnswerFeatures;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.Vectors;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * PairRanker: a fitted head compares answers by pairs, and the best one by all comparisons is given
 * (Jiang et al. 2023, LLM-Blender, arXiv:2306.02561, section 3).
 *
 * <p>{@code M_ij = s(i, j) = g(i, j) - g(j, i)} ({@link PairHead}); the ranking is by {@code
 * max_logits} ({@code s_i = mean_j M_ij - M_ji}, the paper's), {@code max_wins} ({@code s_i =
 * mean_j I[M_ij > 0] + I[M_ji < 0]}), or {@code bubble}: in a random order, which follows from the
 * answers themselves, a champion meets one after the other and is beaten where {@code M_cj - M_jc <
 * 0}.
 *
 * <p>Departures: the paper's logits come from a cross-encoder that reads both answers; here they
 * come from a layer over {@link AnswerFeatures}, whose comparisons ask nobody, so bubble saves
 * nothing and is there for its ranking. As {@code M_ji = -M_ij}, no place is preferred, and both
 * orders teach the same. Answers that are blank come behind all that are not; among equals the
 * member with the higher prior, else the first. Weights of a decision are the softmax of the scores
 * by max_logits, or by max_wins. Cost per request: one call a member. A member that the fit has not
 * seen is judged by everything but who it is.
 */
public final class PairRanker implements Selector {

  /**
   * Settings.
   *
   * @param artifact name of what was learned
   * @param aggregation how comparisons rank the answers
   * @param canonical form in which answers are compared
   */
  public record Settings(
      @Setting(help = "name of the artifact that the head comes from") String artifact,
      @Setting(
              help =
                  "max_logits: by how much better each is on average, max_wins: by how often, bubble:"
                      + " a champion meets one after the other")
          LlmBlender.Aggregation aggregation,
      @Setting(help = "form in which answers are compared for the agreement that a decision tells")
          AnswerForm canonical)
      implements Fitted.Settings {

    /** The defaults. */
    public static final Settings DEFAULTS =
        new Settings("", LlmBlender.Aggregation.MAX_LOGITS, AnswerForm.AUTO);
  }

  /** As it is fitted, and made of what that learned. */
  public static final FittedSelector<PairHead, PairRankerFit.Settings, Settings> METHOD =
      new FittedSelector<>(
          "pair-ranker",
          "A fitted head compares the answers by pairs; the best by all comparisons is given",
          "Jiang et al. 2023, LLM-Blender (PairRanker), arXiv:2306.02561",
          Members.atLeast(2),
          Set.of(Evidence.Kind.LOGPROBS),
          PairRankerFit.Settings.DEFAULTS,
          PairRankerFit::fit,
          PairHead::read,
          PairRanker.class,
          Settings.DEFAULTS,
          PairRanker::new,
          (learned, _) -> new PairRanker(Settings.DEFAULTS, learned, 0),
          PairRankerFit::bytes);

  private final Settings settings;
  private final FittedPairs pairs;

  /**
   * A ranker with this head.
   *
   * @param learned by {@link PairRankerFit}
   * @param version of the artifact; 0 where nobody keeps it
   * @throws IllegalArgumentException when the head is not over these features
   */
  PairRanker(Settings settings, PairHead learned, int version) {
    this.settings = settings;
    this.pairs = FittedPairs.of(settings.artifact(), learned, version);
  }

  @Override
  public Set<Evidence.Kind> evidence() {
    return Set.of(Evidence.Kind.LOGPROBS);
  }

  @Override
  public Weighing weigh(Query query, Candidates candidates) {
    PairwiseMatrix matrix = pairs.compare(query, candidates);
    double[] scores =
        settings.aggregation() == LlmBlender.Aggregation.MAX_WINS
            ? matrix.maxWins()
            : matrix.maxLogits();
    int best =
        settings.aggregation() == LlmBlender.Aggregation.BUBBLE
            ? champion(candidates, matrix)
            : RankedAnswers.best(candidates.answers(), scores);
    return new Weighing(
        Arrays.stream(Vectors.softmax(scores, 1)).boxed().toList(),
        AnswerFeatures.compared(settings.canonical(), candidates.answers()),
        best,
        String.format(
            Locale.ROOT,
            "The answer of %s is the best of %d by pairs, %s with a score of %.2f.",
            candidates.answers().get(best).member(),
            candidates.size(),
            settings.aggregation().name().toLowerCase(Locale.ROOT),
            scores[best]));
  }

  /** Who is left when each has met the champion. */
  private static int champion(Candidates candidates, PairwiseMatrix matrix) {
    List<Integer> order =
        IntStream.range(0, candidates.size())
            .boxed()
            .sorted(Comparator.comparingLong(i -> lot(candidates.answers().get(i))))
            .toList();
    int champion = order.getFirst();
    var meeting = new double[candidates.size()];
    for (int next : order.subList(1, order.size())) {
      meeting[champion] = 0;
      meeting[next] = matrix.difference(next, champion);
      champion =
          RankedAnswers.isBetter(candidates.answers(), meeting, next, champion) ? next : champion;
    }
    return champion;
  }

  /** Looks drawn, and is the same whatever stands beside the answer. */
  private static long lot(Answer answer) {
    return new SplittableRandom(Objects.hash(answer.member(), answer.sample(), answer.text()))
        .nextLong();
  }

  @Override
  public Optional<Fitted> fitted() {
    return Optional.of(pairs.fitted());
  }
}
