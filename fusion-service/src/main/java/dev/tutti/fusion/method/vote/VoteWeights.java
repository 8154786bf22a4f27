package dev.tutti.fusion.method.vote;

import dev.tutti.fusion.LearnedFusion;
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
 * answers by a {@link ConditionalLogit}: {@code w = argmin -sum_n log p(right_n) + ridge/2 |w|^2}
 * over all questions, and for each category {@code w_c = argmin -sum_(n in c) log p(right_n) +
 * shrinkage/2 |w_c - w|^2}, all of them at least 0. Unlike log-odds of accuracies it sees who errs
 * together: of members that always agree it needs one.
 *
 * <p>Questions that all answered alike, or that nobody is known to have answered better than
 * another, teach nothing. A pure function of the data: no chance is used.
 */
public final class VoteWeights implements LearnedFusion {

  private static final String WHOLE = "weights";
  private static final String CATEGORY = "category:";

  private final List<String> members;
  private final double[] whole;
  private final SortedMap<String, double[]> categories = new TreeMap<>();

  /**
   * Settings of the fit.
   *
   * @param canonical form in which answers are compared
   * @param label of the dataset that tells the category
   * @param ridge pull of all weights to 0
   * @param shrinkage pull of a category's weights to those over all
   */
  public record Settings(
      @Setting(
              help =
                  "form in which answers are compared: the final number, the letter of an option,"
                      + " words; auto takes the form that more than half of the answers plainly have")
          AnswerForm canonical,
      @Setting(help = "label of the dataset that tells a question's category; none where empty")
          String label,
      @Setting(help = "pull of the weights over all questions to 0", min = 1e-6, max = 1e9)
          double ridge,
      @Setting(
              help = "pull of a category's weights to those over all questions",
              min = 1e-6,
              max = 1e9)
          double shrinkage) {

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings(AnswerForm.AUTO, "category", 1, 30);
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
   * @throws IllegalArgumentException when no question tells whom to believe
   */
  public static VoteWeights fit(Ballots ballots, Settings settings, RandomGenerator random) {
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
                category,
                rounded(new ConditionalLogit(rows, members).fit(whole, settings.shrinkage()))));
    return new VoteWeights(ballots.members(), whole, categories);
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
