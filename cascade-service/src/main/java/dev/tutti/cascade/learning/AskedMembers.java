package dev.tutti.cascade.learning;

import dev.tutti.cascade.LiveAnswers;
import dev.tutti.generation.v1.CacheUse;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.MemberAnswer;
import dev.tutti.kit.calls.Turn;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.learning.FitContext;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Members as a fit asks them, by their names. One that abstains, whose content filter lets nothing
 * be said, that refuses the request or is too late has no answer; any other failure is the fit's.
 */
final class AskedMembers implements LiveAnswers {

  private final FitContext context;
  private final MemberPrices prices;

  AskedMembers(FitContext context, MemberPrices prices) {
    this.context = context;
    this.prices = prices;
  }

  @Override
  public double usdLeft() {
    return context.usdLeft();
  }

  @Override
  public OptionalDouble mostUsd(LiveCall call) {
    return prices.mostUsd(call);
  }

  @Override
  public Optional<LiveAnswer> ask(LiveCall call, double usd) {
    Sampling.Builder sampling =
        Sampling.newBuilder().setMaxTokens(call.maxTokens()).setLogprobs(call.logprobs());
    if (call.greedy()) {
      sampling.setTemperature(0);
    }
    GenerateRequest.Builder request =
        GenerateRequest.newBuilder()
            .setName(call.member())
            .setCache(CacheUse.CACHE_USE_BYPASS)
            .setSampling(sampling);
    call.turns().forEach(turn -> request.addMessages(message(turn)));
    try {
      Completion its = context.ask(request.build(), usd);
      return Optional.of(
          new LiveAnswer(
              Optional.of(its.getText()).filter(_ -> says(its)),
              new MemberAnswer(call.member(), List.of(), its).signals(),
              its.getCostUsd()));
    } catch (FailureException e) {
      return switch (e.failure()) {
        case Failure.InvalidArgument _, Failure.DeadlineExceeded _ ->
            Optional.of(
                new LiveAnswer(Optional.empty(), AnswerSignals.NONE, e.spent().getCostUsd()));
        case Failure.FailedPrecondition its when its.reason().equals(FitContext.SPENT) ->
            Optional.empty();
        default -> throw e;
      };
    }
  }

  private static boolean says(Completion its) {
    return its.getFinishReason() != FinishReason.FINISH_REASON_ABSTAIN
        && (its.getFinishReason() != FinishReason.FINISH_REASON_CONTENT_FILTER
            || !its.getText().isEmpty());
  }

  private static Message message(Turn turn) {
    return Message.newBuilder()
        .setRole(
            switch (turn.role()) {
              case SYSTEM -> Role.ROLE_SYSTEM;
              case USER -> Role.ROLE_USER;
              case ASSISTANT -> Role.ROLE_ASSISTANT;
            })
        .setContent(turn.text())
        .build();
  }

  @Override
  public float[] embed(String text) {
    return context.embed(List.of(text)).getFirst();
  }
}
