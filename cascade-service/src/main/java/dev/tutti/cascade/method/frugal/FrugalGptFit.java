package dev.tutti.cascade.method.frugal;

import dev.tutti.cascade.CascadeMethod;
import dev.tutti.cascade.FittedCascade;
import dev.tutti.cascade.LearnedCascade;
import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.cascade.estimate.Estimates;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.kit.settings.Setting;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Shuffle;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * How {@link FrugalGpt} is fitted (Chen, Zaharia & Zou 2023, arXiv:2305.05176): on one part of the
 * questions a scorer of answers, on the other the chain and its thresholds. The published code fits
 * both to the same questions, where scores look better than they are.
 *
 * <p>The scorer is a logistic head a member ({@link Estimates}) in place of DistilBERT: over the
 * question's embedding by way of ridge heads, the answer's length, digits and log-probabilities,
 * and whether it agrees with the answer before it; a third answer is taken whatever it is. All
 * chains of one to three members (the code has those of exactly three) with {@value
 * ChainSearch#STEPS} quantiles a threshold are replayed, the code's grid without its simplex steps
 * after it, and thresholds need not rise along the chain. Nobody is pruned for being dearer and
 * worse: the search costs {@code K^3 * 40^2} sums, and who is worse may err elsewhere. Where no
 * chain keeps to the budget the cheapest member answers alone.
 */
public final class FrugalGptFit implements FittedCascade<FrugalGptFit.Settings> {

  /** Name of the method. */
  public static final String NAME = "frugal-gpt";

  /** Where it comes from. */
  public static final String PAPER = "Chen, Zaharia & Zou 2023, FrugalGPT, arXiv:2305.05176";

  /**
   * Settings of the fit.
   *
   * @param embedding whether the scorer looks at the question's embedding
   * @param ridge penalty of what it learns from embeddings
   * @param penalty of what it learns from answers
   * @param canonical form in which answers are compared
   * @param searched share of the questions on which chains are searched
   * @param longest most members of a chain
   * @param budget mean cost that a question may have; 0 for any
   */
  public record Settings(
      @Setting(help = "Whether the scorer looks at the question's embedding.") boolean embedding,
      @Setting(
              help = "Penalty of what the scorer learns from embeddings (ridge regression).",
              min = 1e-3,
              max = 1e6)
          double ridge,
      @Setting(
              help = "Penalty of what the scorer learns from answers (logistic regression).",
              min = 1e-3,
              max = 1e6)
          double penalty,
      @Setting(help = "Form in which answers are compared, as consistency has it.")
          AnswerForm canonical,
      @Setting(
              help =
                  "Share of the questions on which chains and thresholds are searched; the scorer is"
                      + " fitted to the others.",
              min = .1,
              max = .9)
          double searched,
      @Setting(help = "Most members of a chain.", min = 1, max = FrugalChain.LONGEST) int longest,
      @Setting(
              help = "Mean cost that a question may have, in the dataset's unit; 0 for any.",
              min = 0)
          double budget) {

    /** The defaults. */
    public static final Settings DEFAULTS =
        new Settings(true, 10, 3, AnswerForm.AUTO, .5, FrugalChain.LONGEST, 0);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String paper() {
    return PAPER;
  }

  @Override
  public Settings defaults() {
    return Settings.DEFAULTS;
  }

  @Override
  public Members members() {
    // Of more there are too many chains.
    return new Members(1, 12);
  }

  @Override
  public boolean embeds() {
    return true;
  }

  @Override
  public FrugalScorer fit(RecordedOutcomes data, Settings settings, RandomGenerator random) {
    List<Long> numbers = data.rows().stream().map(Row::number).distinct().toList();
    int[] order = Shuffle.of(numbers.size(), random);
    int count = (int) Math.round(settings.searched() * numbers.size());
    Set<Long> searched = new HashSet<>();
    for (int i = 0; i < count; i++) {
      searched.add(numbers.get(order[i]));
    }
    var parts =
        data.rows().stream()
            .collect(Collectors.partitioningBy(row -> searched.contains(row.number())));
    List<Row> whole =
        parts.get(true).stream()
            .filter(row -> row.outcomes().stream().allMatch(Optional::isPresent))
            .toList();
    if (whole.isEmpty() || parts.get(false).isEmpty()) {
      throw new IllegalArgumentException(
          ("Of %d questions %d are for the scorer and %d, answered by all members, for the search of"
                  + " chains; at least one is needed for each.")
              .formatted(data.rows().size(), parts.get(false).size(), whole.size()));
    }
    Estimates estimates =
        Estimates.fit(
                new RecordedOutcomes(data.members(), parts.get(false)),
                new Estimates.Wanted(
                    settings.embedding(),
                    settings.ridge(),
                    settings.penalty(),
                    settings.canonical(),
                    sets(data.members().size()),
                    false))
            .estimates();
    List<TunedPoints.Point> points =
        new ChainSearch(estimates, data, whole).search(settings.longest());
    return new FrugalScorer(estimates, TunedPoints.of(points, settings.budget()));
  }

  private static List<Integer> sets(int members) {
    var sets = new ArrayList<Integer>();
    for (int m = 0; m < members; m++) {
      sets.add(1 << m);
      for (int other = 0; other < m; other++) {
        sets.add(1 << m | 1 << other);
      }
    }
    return sets;
  }

  @Override
  public FrugalScorer read(Parameters parameters) {
    return FrugalScorer.read(parameters);
  }

  @Override
  public Parameters parameters(LearnedCascade learned) {
    return learned.parameters();
  }

  @Override
  public List<CascadeMethod> points(
      LearnedCascade learned, Settings settings, List<MemberCard> members) {
    var its = (FrugalScorer) learned;
    var points = new ArrayList<CascadeMethod>();
    its.points().points().forEach(point -> points.add(new FrugalGpt(point, its)));
    points.add(new FrugalGpt(FrugalGpt.Settings.DEFAULTS, its));
    return points;
  }
}
