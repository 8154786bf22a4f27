package dev.tutti.registry.recording;

import com.google.protobuf.util.Durations;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Signals;
import dev.tutti.generation.v1.TokenLogprob;
import dev.tutti.kit.calls.AnswerOptions;
import dev.tutti.registry.v1.Outcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** Answers as datasets keep them. */
final class Outcomes {

  /** Further numbers of an outcome. */
  private static final int MOST_NUMBERS = 24;

  private static final int TENTHS = 10;

  /** What is kept before the quantiles. */
  private static final List<String> FIRST =
      List.of("sum_logprob", "mean_logprob", "agreement", "reward");

  private Outcomes() {}

  /**
   * What an answer came to, without its score. The log-probabilities of its tokens are kept as
   * their quantiles 0, .1, ... 1, linear between neighbours, by the names that fits read; with them
   * how it was divided between the options that it might have named.
   *
   * @param tokens with their log-probabilities; empty where the answer carries none
   * @param seconds that it took, where it does not tell itself
   */
  static Outcome of(String member, Completion answer, List<TokenLogprob> tokens, double seconds) {
    Outcome.Builder outcome =
        Outcome.newBuilder()
            .setMember(member)
            .setResponse(answer.getText())
            .setCost(Math.max(0, answer.getCostUsd()))
            .setLatencySeconds(seconds(answer, seconds));
    confidence(answer.getSignals()).ifPresent(outcome::setConfidence);
    Map<String, Double> numbers = numbers(answer, tokens);
    numbers.entrySet().stream()
        .limit(MOST_NUMBERS)
        .forEach(number -> outcome.putNumbers(number.getKey(), number.getValue()));
    return outcome.build();
  }

  /** How sure an answer is: its mean log-probability, of a vote its agreement. */
  static OptionalDouble confidence(Signals signals) {
    return signals.hasMeanLogprob()
        ? OptionalDouble.of(signals.getMeanLogprob())
        : signals.hasAgreement()
            ? OptionalDouble.of(signals.getAgreement())
            : OptionalDouble.empty();
  }

  /** By the names that datasets know, what counts more before what counts less. */
  private static Map<String, Double> numbers(Completion answer, List<TokenLogprob> tokens) {
    Map<String, Double> signals = signals(answer.getSignals());
    var numbers = new LinkedHashMap<String, Double>();
    numbers.put("tokens_out", (double) answer.getUsage().getCompletionTokens());
    FIRST.stream()
        .filter(signals::containsKey)
        .forEach(name -> numbers.put(name, signals.get(name)));
    double[] rising = tokens.stream().mapToDouble(TokenLogprob::getLogprob).sorted().toArray();
    if (rising.length > 0) {
      for (int tenth = 0; tenth <= TENTHS; tenth++) {
        numbers.put("logprob_q" + tenth, quantile(rising, tenth / (double) TENTHS));
      }
    }
    AnswerOptions.of(tokens)
        .ifPresent(
            options -> {
              numbers.put("option_margin", options.margin());
              numbers.put("option_entropy", options.entropy());
            });
    numbers.put("tokens_in", (double) answer.getUsage().getPromptTokens());
    signals.forEach(numbers::putIfAbsent);
    return numbers;
  }

  /** What an answer says of itself, by the names that datasets know. */
  static Map<String, Double> signals(Signals signals) {
    var numbers = new LinkedHashMap<String, Double>();
    put(numbers, "sum_logprob", signals.hasSumLogprob(), signals.getSumLogprob());
    put(numbers, "mean_logprob", signals.hasMeanLogprob(), signals.getMeanLogprob());
    put(numbers, "agreement", signals.hasAgreement(), signals.getAgreement());
    put(numbers, "reward", signals.hasReward(), signals.getReward());
    put(numbers, "min_logprob", signals.hasMinLogprob(), signals.getMinLogprob());
    put(numbers, "mean_entropy", signals.hasMeanEntropy(), signals.getMeanEntropy());
    put(numbers, "max_entropy", signals.hasMaxEntropy(), signals.getMaxEntropy());
    put(
        numbers,
        "mean_distance_to_uniform",
        signals.hasMeanDistanceToUniform(),
        signals.getMeanDistanceToUniform());
    put(
        numbers,
        "min_distance_to_uniform",
        signals.hasMinDistanceToUniform(),
        signals.getMinDistanceToUniform());
    return numbers;
  }

  private static void put(Map<String, Double> numbers, String name, boolean known, double value) {
    if (known && Double.isFinite(value)) {
      numbers.put(name, value);
    }
  }

  /** Between the two neighbours of a place, by its distance from each. */
  static double quantile(double[] rising, double share) {
    double place = share * (rising.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, rising.length - 1);
    return rising[below] + (place - below) * (rising[above] - rising[below]);
  }

  private static double seconds(Completion answer, double measured) {
    double told = Durations.toNanos(answer.getTiming().getTotal()) / 1e9;
    return told > 0 ? told : measured;
  }
}
