package dev.tutti.cascade.learning;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc.GenerationServiceBlockingStub;
import dev.tutti.generation.v1.Spent;
import dev.tutti.kit.grpc.ClientStream;
import dev.tutti.kit.grpc.Deadlines;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.Usages;
import dev.tutti.learning.LiveMembers;
import io.quarkus.grpc.GrpcClient;
import jakarta.inject.Singleton;

/** Members that fits ask: models and ensembles by their names, at router-service. */
@Singleton
final class RouterMembers implements LiveMembers {

  private final GenerationServiceBlockingStub router;

  RouterMembers(@GrpcClient("router") GenerationServiceBlockingStub router) {
    this.router = router;
  }

  @Override
  public Completion ask(GenerateRequest request) {
    Spent spent = Spent.getDefaultInstance();
    try (var events = ClientStream.open(() -> Deadlines.apply(router).generate(request))) {
      while (events.hasNext()) {
        GenerateResponse event = events.next();
        switch (event.getEventCase()) {
          case COMPLETION -> {
            return event.getCompletion();
          }
          case SPENT -> spent = event.getSpent();
          case DELTA, PROGRESS, WIRE, EVENT_NOT_SET -> {}
        }
      }
    } catch (FailureException e) {
      throw new FailureException(e.failure(), e, Usages.isSomething(e.spent()) ? e.spent() : spent);
    }
    throw new FailureException(
        new Failure.Unavailable(
            "INCOMPLETE_ANSWER",
            "'%s' ended its answer without a completion.".formatted(request.getName())),
        null,
        spent);
  }
}
