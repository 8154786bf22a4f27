package dev.tutti.registry.recording;

import dev.tutti.generation.v1.CacheUse;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.generation.v1.GenerationServiceGrpc.GenerationServiceBlockingStub;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.generation.v1.TokenLogprob;
import dev.tutti.kit.grpc.ClientStream;
import dev.tutti.kit.grpc.Delivered;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.registry.neighbour.Services;
import dev.tutti.type.v1.Member;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Asks one member through router-service, by its name, and waits for the whole answer. */
@ApplicationScoped
class Asking {

  private static final Duration LONGEST = Duration.ofMinutes(5);

  private final Services services;

  Asking(Services services) {
    this.services = services;
  }

  /**
   * An answer.
   *
   * @param tokens with their log-probabilities; empty where it carries none
   * @param seconds that it took
   */
  record Answer(Completion completion, List<TokenLogprob> tokens, double seconds) {}

  /**
   * Asks. Nothing that an ensemble keeps is given, and nothing is kept. An interrupt of this thread
   * cancels the call.
   *
   * @throws FailureException when the member failed or abstained; it tells what was used all the
   *     same
   */
  Answer ask(Roster.Asked member, List<Message> messages, Sampling sampling) {
    GenerateRequest request =
        GenerateRequest.newBuilder()
            .setName(member.name())
            .addAllMessages(messages)
            .setSampling(
                sampling.toBuilder()
                    .setLogprobs(member.logprobs())
                    .setTopLogprobs(member.alternatives()))
            .setCache(CacheUse.CACHE_USE_BYPASS)
            .build();
    var priced = Member.newBuilder().setModel(member.name()).setPrices(member.prices()).build();
    var delivered = new Delivered(List.of(priced), request);
    long start = System.nanoTime();
    try {
      return services.<GenerationServiceBlockingStub, Answer>ask(
          Services.ROUTER,
          LONGEST,
          GenerationServiceGrpc::newBlockingStub,
          stub -> collect(stub, request, delivered, start));
    } catch (FailureException e) {
      throw new FailureException(e.failure(), e, delivered.bill(e.failure()));
    }
  }

  private static Answer collect(
      GenerationServiceBlockingStub stub,
      GenerateRequest request,
      Delivered delivered,
      long start) {
    var tokens = new ArrayList<TokenLogprob>();
    Completion completion = null;
    try (var events = ClientStream.open(() -> stub.generate(request))) {
      while (events.hasNext()) {
        GenerateResponse event = events.next();
        delivered.note(event);
        switch (event.getEventCase()) {
          case DELTA -> tokens.addAll(event.getDelta().getLogprobsList());
          case COMPLETION -> completion = event.getCompletion();
          case SPENT, PROGRESS, WIRE, EVENT_NOT_SET -> {
            // The bill looks at them.
          }
        }
      }
    }
    if (completion == null) {
      throw new Failure.Unavailable("INCOMPLETE_ANSWER", "The answer ended without a completion.")
          .exception();
    }
    if (completion.getFinishReason() == FinishReason.FINISH_REASON_ABSTAIN) {
      throw new FailureException(
          new Failure.FailedPrecondition(
              "", "ABSTAINED", "It abstained: no member's answer was good enough."),
          null,
          dev.tutti.generation.v1.Spent.newBuilder()
              .setUsage(completion.getUsage())
              .setCostUsd(completion.getCostUsd())
              .build());
    }
    return new Answer(completion, tokens, (System.nanoTime() - start) / 1e9);
  }
}
