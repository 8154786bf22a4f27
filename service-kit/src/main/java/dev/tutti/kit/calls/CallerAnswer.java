package dev.tutti.kit.calls;

import static dev.tutti.kit.grpc.RequestRules.require;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.Signals;
import dev.tutti.generation.v1.TextDelta;
import dev.tutti.generation.v1.TokenLogprob;
import dev.tutti.generation.v1.ToolCall;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.CostEstimate;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.Usages;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An answer as its caller has it.
 *
 * @param member its name
 * @param text may be empty
 * @param tools that it wants to be called
 * @param logprobs of its tokens, nats; empty where they are not known
 * @param distances to uniform of the tokens' distributions; empty where they are not known
 * @param options log-probability of each option that its last token might have been, nats; empty
 *     where they are not known
 * @param usd what it did cost, US dollars
 */
public record CallerAnswer(
    String member,
    String text,
    List<ToolCall> tools,
    List<Double> logprobs,
    List<Double> distances,
    Map<String, Double> options,
    double usd) {

  /** Most answers of one request. */
  public static final int MOST = 256;

  private static final int MOST_TOKENS = 65_536;
  private static final int MOST_OPTIONS = 64;

  /** Keeps its own copies. */
  public CallerAnswer {
    tools = List.copyOf(tools);
    logprobs = List.copyOf(logprobs);
    distances = List.copyOf(distances);
    options = Map.copyOf(options);
  }

  /**
   * Checks its ranges.
   *
   * @param field what names it in the request
   * @throws dev.tutti.kit.grpc.FailureException ({@link
   *     dev.tutti.kit.grpc.Failure.InvalidArgument}) names the first field that is wrong
   */
  public void check(String field) {
    requireTokens(field + ".logprobs", logprobs, "log-probabilities");
    requireLogprobs(field + ".logprobs", logprobs);
    require(
        options.size() <= MOST_OPTIONS,
        field + ".options",
        "There are %d options; at most %d are allowed.".formatted(options.size(), MOST_OPTIONS));
    require(
        !options.containsKey(""),
        field + ".options",
        "An option has no name; each has one: the token that it would have been.");
    requireLogprobs(field + ".options", options.values());
    requireTokens(field + ".distances_to_uniform", distances, "distances");
    for (double distance : distances) {
      require(
          distance >= 0 && distance <= 1,
          field + ".distances_to_uniform",
          "A distance to uniform is %s; it must be in [0, 1].".formatted(distance));
    }
    require(
        usd >= 0 && Double.isFinite(usd),
        field + ".cost_usd",
        "cost_usd is %s; it must be at least 0 and finite.".formatted(usd));
    for (int t = 0; t < tools.size(); t++) {
      require(
          !tools.get(t).getName().isEmpty(),
          "%s.tool_calls[%d].name".formatted(field, t),
          "A call of a tool names its function.");
    }
  }

  private static void requireLogprobs(String field, Collection<Double> logprobs) {
    for (double logprob : logprobs) {
      require(
          logprob <= 0 && Double.isFinite(logprob),
          field,
          "A log-probability is %s; it must be at most 0 and finite.".formatted(logprob));
    }
  }

  private static void requireTokens(String field, List<Double> values, String what) {
    require(
        values.size() <= MOST_TOKENS,
        field,
        "There are %d %s; at most %d are allowed.".formatted(values.size(), what, MOST_TOKENS));
  }

  /**
   * As if it had been asked for, with what it says about itself.
   *
   * @param ran what running it gave; empty where nobody ran it
   */
  public MemberAnswer answer(RecipeRequest request, Optional<Ran> ran) {
    TextDelta delta = delta();
    // What a member that writes on would read and write is estimated by it.
    CostEstimate estimate = CostEstimate.of(request.messages(), request.sampling());
    Completion completion =
        Completion.newBuilder()
            .setText(text)
            .setAuthor(member)
            .setFinishReason(
                tools.isEmpty()
                    ? FinishReason.FINISH_REASON_STOP
                    : FinishReason.FINISH_REASON_TOOL_CALLS)
            .addAllToolCalls(tools)
            .setSignals(signals())
            .setCostUsd(usd)
            .setUsage(
                Usage.newBuilder()
                    .setPromptTokens(estimate.promptTokens())
                    .setCompletionTokens(Usages.tokens(Usages.characters(text)))
                    .setEstimated(true))
            .build();
    return new MemberAnswer(member, List.of(delta), completion, ran);
  }

  private TextDelta delta() {
    var delta = TextDelta.newBuilder().setText(text);
    logprobs.forEach(logprob -> delta.addLogprobs(TokenLogprob.newBuilder().setLogprob(logprob)));
    options.entrySet().stream()
        .max(Map.Entry.<String, Double>comparingByValue().thenComparing(Map.Entry::getKey))
        .ifPresent(
            likeliest -> {
              if (logprobs.isEmpty()) {
                delta.addLogprobsBuilder().setLogprob(likeliest.getValue());
              }
              TokenLogprob.Builder last = delta.getLogprobsBuilder(delta.getLogprobsCount() - 1);
              last.setToken(likeliest.getKey());
              options.forEach(
                  (option, logprob) -> last.addTopBuilder().setToken(option).setLogprob(logprob));
            });
    return delta.build();
  }

  private Signals signals() {
    var signals = Signals.newBuilder();
    if (!logprobs.isEmpty()) {
      double sum = logprobs.stream().mapToDouble(logprob -> logprob).sum();
      signals
          .setSumLogprob(sum)
          .setMeanLogprob(sum / logprobs.size())
          .setMinLogprob(logprobs.stream().mapToDouble(logprob -> logprob).min().orElseThrow());
    }
    if (!distances.isEmpty()) {
      var all = distances.stream().mapToDouble(distance -> distance).summaryStatistics();
      signals.setMeanDistanceToUniform(all.getAverage()).setMinDistanceToUniform(all.getMin());
    }
    return signals.build();
  }
}
