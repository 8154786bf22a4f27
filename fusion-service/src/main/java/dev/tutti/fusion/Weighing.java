package dev.tutti.fusion;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How much each candidate counts, and which one is given, if any.
 *
 * @param weights one a candidate, in [0, 1]; they sum to 1
 * @param answers each candidate's answer as the method compared it; empty where it could not be
 *     read
 * @param support share of the whole weight, unreadable answers included, that is behind each
 *     candidate's answer; in [0, 1], and 0 of one that cannot be read
 * @param chosen place of the candidate whose text is given; empty where none is good enough
 * @param explanation one or two sentences for people
 * @param text what is given where it is not the text of the chosen one, but made of it
 * @param similarity how alike the first answers are, {@value #MOST_COMPARED} at most, each with
 *     each as the method saw them; empty where it did not look
 */
public record Weighing(
    List<Double> weights,
    List<Optional<String>> answers,
    List<Double> support,
    OptionalInt chosen,
    String explanation,
    Optional<String> text,
    List<List<Double>> similarity) {

  /** So many answers' similarities are kept. */
  public static final int MOST_COMPARED = 16;

  private static final double ROUNDING = 1e-9;

  /** Checks weights, sizes and the chosen place. */
  public Weighing {
    weights = List.copyOf(weights);
    answers = List.copyOf(answers);
    requireOneEach(weights, answers);
    support = support.stream().map(share -> Math.min(1, share)).toList();
    if (support.size() != answers.size() || !support.stream().allMatch(share -> share >= 0)) {
      throw new IllegalArgumentException(
          "The support of %d answers is %s; 0 to 1 for each is allowed."
              .formatted(answers.size(), support));
    }
    double sum = 0;
    for (double weight : weights) {
      if (!(weight >= 0 && weight <= 1 + ROUNDING)) {
        throw new IllegalArgumentException("A weight is %s; 0 to 1 is allowed.".formatted(weight));
      }
      sum += weight;
    }
    if (!(Math.abs(sum - 1) <= ROUNDING)) {
      throw new IllegalArgumentException("The weights sum to %s, not 1.".formatted(sum));
    }
    if (chosen.isPresent() && (chosen.getAsInt() < 0 || chosen.getAsInt() >= weights.size())) {
      throw new IllegalArgumentException(
          "Candidate %d of %d is chosen.".formatted(chosen.getAsInt(), weights.size()));
    }
  }

  /** The chosen one's own text is given; nothing is told of how alike they are. */
  public Weighing(
      List<Double> weights,
      List<Optional<String>> answers,
      List<Double> support,
      OptionalInt chosen,
      String explanation) {
    this(weights, answers, support, chosen, explanation, Optional.empty(), List.of());
  }

  /** Behind an answer are those who gave it. */
  public Weighing(
      List<Double> weights,
      List<Optional<String>> answers,
      OptionalInt chosen,
      String explanation) {
    this(weights, answers, equal(weights, answers), chosen, explanation);
  }

  /** One that chooses. */
  public Weighing(
      List<Double> weights, List<Optional<String>> answers, int chosen, String explanation) {
    this(weights, answers, OptionalInt.of(chosen), explanation);
  }

  private static void requireOneEach(List<Double> weights, List<Optional<String>> answers) {
    if (weights.isEmpty() || weights.size() != answers.size()) {
      throw new IllegalArgumentException(
          "%d weights for %d answers; one each is needed."
              .formatted(weights.size(), answers.size()));
    }
  }

  /** The same, with another explanation. */
  public Weighing explained(String its) {
    return new Weighing(weights, answers, support, chosen, its, text, similarity);
  }

  /** The same, with a text that is given in the place of the chosen one's. */
  public Weighing giving(String its) {
    return new Weighing(
        weights, answers, support, chosen, explanation, Optional.of(its), similarity);
  }

  /**
   * The same, with how alike answers are.
   *
   * @param similar a row an answer
   */
  public Weighing comparing(double[][] similar) {
    List<List<Double>> first =
        Arrays.stream(similar)
            .limit(MOST_COMPARED)
            .map(row -> Arrays.stream(row).limit(MOST_COMPARED).boxed().toList())
            .toList();
    return new Weighing(weights, answers, support, chosen, explanation, text, first);
  }

  /** The support of each answer where those are behind it who gave it. */
  public static List<Double> equal(List<Double> weights, List<Optional<String>> answers) {
    requireOneEach(weights, answers);
    Map<String, Double> votes = votes(weights, answers);
    return answers.stream().map(answer -> answer.map(votes::get).orElse(0.0)).toList();
  }

  private static Map<String, Double> votes(List<Double> weights, List<Optional<String>> answers) {
    var votes = new LinkedHashMap<String, Double>();
    for (int i = 0; i < weights.size(); i++) {
      double weight = weights.get(i);
      answers.get(i).ifPresent(answer -> votes.merge(answer, weight, Double::sum));
    }
    return votes;
  }

  /**
   * Weight of each answer: the sum over the candidates that gave it, in the order in which the
   * answers first appear. An unreadable answer is none.
   */
  public Map<String, Double> votes() {
    return votes(weights, answers);
  }

  /**
   * The support of the chosen answer, in [0, 1]; 0 where the chosen answer is itself unreadable, or
   * none is chosen.
   */
  public double agreement() {
    return chosen.isEmpty() ? 0 : support.get(chosen.getAsInt());
  }
}
