package dev.tutti.fusion.method.vote;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.LearnedFusion;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.method.vote.Ballots.Ballot;
import dev.tutti.kit.settings.Setting;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * What each member's vote is worth, over all questions and by category, learned from recorded
 * answers: from how good they were by a {@link ConditionalLogit}, or without that from who agrees
 * with whom ({@link UnlabelledVotes}). The logit is {@code w = argmin -sum_n log p(right_n) +
 * ridge/2 |w|^2} over all questions, and for each category {@code w_c = argmin -sum_(n in c) log
 * p(right_n) + shrinkage/2 |w_c - w|^2}, all of them at least 0. Unlike log-odds of accuracies it
 * sees who errs together: of members that always agree it needs one.
 *
 * <p>Questions that all answered alike, or that nobody is known to have answered better than
 * another, teach nothing. A pure function of the data: no chance is used.
 */
public final class VoteWeights implements LearnedFusion {

  /** Beside it no weight that was learned is small. */
  private static final double WORTHLESS = 1e-6;

  private static final String WHOLE = "weights";
  private static final String CATEGORY = "category:";

  private final List<String> members;
  private final double[] whole;
  private final SortedMap<String, double[]> categories = new TreeMap<>();

  /** From what the weights are learned. */
  public enum Learning {
    /** From how good the answers were. */
    LOGIT,
    /** From the answers alone. */
    DAWID_SKENE
  }

  /**
   * Settings of the fit.
   *
   * @param canonical form in which answers are compared
   * @param label of the dataset that tells the category
   * @param ridge pull of all weights to 0; of the logit
   * @param shrinkage pull of a category's weights to those over all
   * @param learning from what
   * @param options C of the log-odds of dawid_skene
   */
  public record Settings(
      @Setting(help = Selector.CANONICAL) AnswerForm canonical,
      @Setting(help = "label of the dataset that tells a question's category; none where empty")
          String label,
      @Setting(help = "pull of the weights over all questions to 0", min = 1e-6, max = 1e9)
          double ridge,
      @Setting(
              help = "pull of a category's weights to those over all questions",
              min = 1e-6,
              max = 1e9)
          double shrinkage,
      @Setting(
              help =
                  "logit: from how good the answers were; dawid_skene: from the answers alone, which"
                      + " needs three members that err independently")
          Learning learning,
      @Setting(
              help =
                  "number C of options in the log-odds of dawid_skene; 2 silences whom it finds right"
                      + " less than half of the time",
              min = 2,
              max = 1000)
          int options) {

    /** The defaults. */
    public static final Settings DEFAULTS =
        new Settings(AnswerForm.AUTO, "category", 1, 30, Learning.LOGIT, 2);
  }

  private VoteWeights(List<String> members, double[] whole, Map<String, double[]> categories) {
    this.members = members;
    this.whole = whole;
    this.categories.putAll(categories);
  }

  /** What was learned before. */
  public VoteWeights(Parameters parameters) {
    this(parameters.members(), row(parameters.matrix(WHOLE)), Map.of());
    parameters
        .matrices()
        .forEach(
            (name, matrix) -> {
              if (name.startsWith(CATEGORY)) {
                categories.put(name.substring(CATEGORY.length()), row(matrix));
              }
            });
  }

  /**
   * Learns.
   *
   * @throws IllegalArgumentException when no question tells whom to believe; by dawid_skene, when
   *     no answer can be read or fewer than three members differ
   */
  public static VoteWeights fit(Ballots ballots, Settings settings, RandomGenerator random) {
    if (settings.learning() == Learning.DAWID_SKENE) {
      var learned = new UnlabelledVotes(ballots, settings);
      return of(ballots.members(), learned.whole(), learned.categories());
    }
    int members = ballots.members().size();
    var all = new ConditionalLogit(ballots.rows(), members);
    if (all.size() == 0) {
      throw new IllegalArgumentException(
          "Of %d questions none has two readable answers of which one is better."
              .formatted(ballots.rows().size()));
    }
    double[] whole = rounded(all.fit(new double[members], settings.ridge()));
    var byCategory = new TreeMap<String, List<Ballot>>();
    for (Ballot row : ballots.rows()) {
      if (!row.category().isEmpty()) {
        byCategory.computeIfAbsent(row.category(), _ -> new ArrayList<>()).add(row);
      }
    }
    var categories = new TreeMap<String, double[]>();
    byCategory.forEach(
        (category, rows) ->
            categories.put(
                category, new ConditionalLogit(rows, members).fit(whole, settings.shrinkage())));
    return of(ballots.members(), whole, categories);
  }

  /**
   * These weights, as they are kept.
   *
   * @param whole one a member, at least 0
   * @param categories the same by category
   */
  public static VoteWeights of(
      List<String> members, double[] whole, SortedMap<String, double[]> categories) {
    var kept = new TreeMap<String, double[]>();
    categories.forEach((category, weights) -> kept.put(category, rounded(weights)));
    return new VoteWeights(members, rounded(whole), kept);
  }

  /** As they are kept. */
  private static double[] rounded(double[] weights) {
    return row(Matrix.row(weights));
  }

  private static double[] row(Matrix matrix) {
    var row = new double[matrix.columns()];
    for (int i = 0; i < row.length; i++) {
      row[i] = matrix.at(0, i);
    }
    return row;
  }

  /**
   * What each of {@link #members} counts, at least 0.
   *
   * @param category of the question; the weights over all where it is empty or unknown
   */
  public double[] weights(String category) {
    return categories.getOrDefault(category, whole).clone();
  }

  /**
   * The same candidates, each as heavy as its member's weight, times its own prior. A member that
   * was not learned about, or found worthless, counts next to nothing: it decides only where nobody
   * else said anything that can be read.
   *
   * @param category as {@link #weights}
   */
  public Candidates weighted(Candidates candidates, String category) {
    return new Candidates(
        candidates.answers().stream()
            .map(answer -> answer.withPrior(answer.prior() * weight(answer.knownAs(), category)))
            .toList(),
        candidates.evidence());
  }

  /** What an answer of a member counts, as {@link #weighted}; above 0. */
  public double weight(String member, String category) {
    int column = members.indexOf(member);
    return column < 0
        ? WORTHLESS
        : Math.max(WORTHLESS, categories.getOrDefault(category, whole)[column]);
  }

  /** Categories that have weights of their own, in order. */
  public List<String> categories() {
    return List.copyOf(categories.keySet());
  }

  /**
   * Who speaks for the answer with the most weight, the first of equals; the member with the most
   * weight where nothing can be read.
   *
   * @param ballot with an answer at least
   * @return their column
   */
  public int voice(Ballot ballot) {
    double[] weights = weights(ballot.category());
    var votes = new double[ballot.count()];
    for (int m = 0; m < weights.length; m++) {
      if (ballot.answers()[m] >= 0) {
        votes[ballot.answers()[m]] += weights[m];
      }
    }
    int voice = -1;
    for (int m = 0; m < weights.length; m++) {
      if (Float.isNaN(ballot.scores()[m])) {
        continue;
      }
      if (voice < 0 || value(ballot, votes, weights, m) > value(ballot, votes, weights, voice)) {
        voice = m;
      }
    }
    return voice;
  }

  /** An answer that can be read before one that cannot, then by weight. */
  private static double value(Ballot ballot, double[] votes, double[] weights, int member) {
    int answer = ballot.answers()[member];
    return answer < 0 ? -2 + weights[member] / (1 + Arrays.stream(weights).sum()) : votes[answer];
  }

  @Override
  public Parameters parameters() {
    Parameters parameters = Parameters.of(members).with(WHOLE, Matrix.row(whole));
    for (var category : categories.entrySet()) {
      parameters = parameters.with(CATEGORY + category.getKey(), Matrix.row(category.getValue()));
    }
    return parameters;
  }
}
