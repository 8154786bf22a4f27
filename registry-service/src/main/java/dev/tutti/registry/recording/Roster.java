package dev.tutti.registry.recording;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.kit.calls.AnswerOptions;
import dev.tutti.kit.calls.Grading;
import dev.tutti.kit.grpc.CostEstimate;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.Usages;
import dev.tutti.method.v1.Family;
import dev.tutti.registry.Contracts;
import dev.tutti.registry.Ensemble;
import dev.tutti.registry.Entry;
import dev.tutti.registry.Model;
import dev.tutti.registry.RegistryState;
import dev.tutti.registry.v1.Runtime;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import dev.tutti.type.v1.Prices;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;

/**
 * Whom a recording asks, and what that is expected to cost.
 *
 * @param members in the order in which they were named
 * @param judge who judges; empty where nobody does
 */
record Roster(List<Asked> members, Optional<Asked> judge) {

  /** Ensembles within ensembles that are looked at; registration allows no more. */
  private static final int DEEPEST = 8;

  private static final int CHARACTERS_A_TOKEN = 4;

  /**
   * A member.
   *
   * @param name its own
   * @param logprobs whether its answers can carry the log-probabilities of their tokens
   * @param alternatives how many other tokens it is asked to tell of each; 0 without
   *     log-probabilities
   * @param prices of a model; of an ensemble what a token is expected to cost over all members that
   *     may be asked
   * @param most US dollars that a call costs at most; infinite where nothing says so
   */
  record Asked(String name, boolean logprobs, int alternatives, Prices prices, double most) {

    /** What a call is expected to cost, US dollars: by the prices and the longest answer. */
    double usd(List<Message> messages, Sampling sampling) {
      return usd(CostEstimate.of(messages, sampling));
    }

    private double usd(CostEstimate estimate) {
      return Math.min(most, estimate.usd(Member.newBuilder().setPrices(prices).build()));
    }
  }

  /**
   * Finds the members of a recording.
   *
   * @throws dev.tutti.kit.grpc.FailureException {@link Failure.NotFound} where one is not
   *     registered, {@link Failure.FailedPrecondition} where it is not served
   */
  static Roster of(RegistryState state, RecordingParameters parameters) {
    return new Roster(
        parameters.members().stream().map(name -> asked(state, "members", name)).toList(),
        Optional.ofNullable(parameters.judge()).map(name -> asked(state, "judge", name)));
  }

  /** What the judge's reading of an answer is expected to cost; 0 where nobody judges. */
  double judgeUsd(Question question, Sampling sampling) {
    if (judge.isEmpty()) {
      return 0;
    }
    long answer = CostEstimate.of(List.of(), sampling).completionTokens() * CHARACTERS_A_TOKEN;
    long prompt =
        JudgePrompt.messages(JudgePrompt.question(question.messages()), question.references(), "")
            .stream()
            .mapToLong(message -> Usages.characters(message.getContent()))
            .sum();
    return judge.get().usd(new CostEstimate(Usages.tokens(prompt + answer), Grading.MOST_TOKENS));
  }

  private static Asked asked(RegistryState state, String field, String name) {
    Entry entry =
        state
            .find(name)
            .orElseThrow(
                () ->
                    new Failure.NotFound(
                            "parameters." + field,
                            "MEMBER_NOT_FOUND",
                            "There is no model or ensemble '%s'.".formatted(name))
                        .exception());
    if (!entry.served()) {
      throw new Failure.FailedPrecondition(
              "parameters." + field,
              "MEMBER_NOT_SERVED",
              "'%s' is not served: only what is active or deprecated is asked.".formatted(name))
          .exception();
    }
    List<Capability> capabilities = Contracts.capabilities(entry);
    if (!capabilities.contains(Capability.CAPABILITY_GENERATION)) {
      throw new Failure.FailedPrecondition(
              "parameters." + field,
              "MEMBER_WRITES_NOTHING",
              "'%s' writes no text.".formatted(name))
          .exception();
    }
    return new Asked(
        entry.name(),
        capabilities.contains(Capability.CAPABILITY_LOGPROBS)
            || capabilities.contains(Capability.CAPABILITY_TOP_LOGPROBS),
        alternatives(state, entry, 0),
        prices(state, entry, 0),
        entry instanceof Ensemble e && e.budget() != null && e.budget().usdPerRequest() != null
            ? e.budget().usdPerRequest()
            : Double.POSITIVE_INFINITY);
  }

  /** What all tell who may write the answer, as many as methods look at. */
  private static int alternatives(RegistryState state, Entry entry, int depth) {
    if (!Contracts.capabilities(entry).contains(Capability.CAPABILITY_LOGPROBS)) {
      return 0;
    }
    return switch (entry) {
      case Model model when model.runtime() == Runtime.RUNTIME_OPENAI ->
          Math.min(
              AnswerOptions.ALTERNATIVES, model.topLogprobs() == null ? 0 : model.topLogprobs());
      case Model _ -> AnswerOptions.ALTERNATIVES;
      case Ensemble ensemble when depth < DEEPEST ->
          switch (ensemble.family()) {
            case FAMILY_TOKEN, FAMILY_SPAN, FAMILY_PROCESS -> AnswerOptions.ALTERNATIVES;
            case FAMILY_ROUTER ->
                ensemble.members().stream()
                    .flatMap(m -> state.find(m.ref()).stream())
                    .mapToInt(member -> alternatives(state, member, depth + 1))
                    .min()
                    .orElse(0);
            case FAMILY_FUSION, FAMILY_CASCADE, FAMILY_UNSPECIFIED, UNRECOGNIZED -> 0;
          };
      case Ensemble _ -> 0;
    };
  }

  /**
   * Of a routing ensemble the dearest member's, of any other those of all members together, each as
   * often as the ensemble's samples say.
   */
  private static Prices prices(RegistryState state, Entry entry, int depth) {
    return switch (entry) {
      case Model model -> Contracts.model(model).getPrices();
      case Ensemble ensemble when depth < DEEPEST -> {
        List<Prices> each =
            ensemble.members().stream()
                .flatMap(
                    m ->
                        state.find(m.ref()).stream()
                            .map(e -> times(prices(state, e, depth + 1), drawn(ensemble, m))))
                .toList();
        boolean one = ensemble.family() == Family.FAMILY_ROUTER;
        yield Prices.newBuilder()
            .setUsdPerMillionPromptTokens(
                together(one, each.stream().mapToDouble(Prices::getUsdPerMillionPromptTokens)))
            .setUsdPerMillionCompletionTokens(
                together(one, each.stream().mapToDouble(Prices::getUsdPerMillionCompletionTokens)))
            .build();
      }
      case Ensemble _ -> Prices.getDefaultInstance();
    };
  }

  private static double together(boolean one, DoubleStream each) {
    return one ? each.max().orElse(0) : each.sum();
  }

  /** Answers that a member gives to one request. */
  private static int drawn(Ensemble ensemble, Ensemble.Member member) {
    if (member.sampling() != null && member.sampling().n() != null) {
      return member.sampling().n();
    }
    JsonNode samples = ensemble.settings() == null ? null : ensemble.settings().get("samples");
    return samples == null || !samples.isNumber() ? 1 : Math.max(1, samples.intValue());
  }

  private static Prices times(Prices prices, int samples) {
    return Prices.newBuilder()
        .setUsdPerMillionPromptTokens(samples * prices.getUsdPerMillionPromptTokens())
        .setUsdPerMillionCompletionTokens(samples * prices.getUsdPerMillionCompletionTokens())
        .build();
  }
}
