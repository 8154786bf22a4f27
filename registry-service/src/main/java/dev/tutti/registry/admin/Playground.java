package dev.tutti.registry.admin;

import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.kit.grpc.ClientStream;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.neighbour.Services;
import dev.tutti.router.v1.Feedback;
import dev.tutti.router.v1.FeedbackReceipt;
import dev.tutti.router.v1.FeedbackServiceGrpc;
import dev.tutti.router.v1.FeedbackSource;
import dev.tutti.router.v1.GiveRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Asks models and ensembles for an administrator, as the front door would be asked: the answer
 * costs what it costs, its decision is kept, and it belongs to no team. What somebody says of it is
 * feedback like any other. All methods block, and throw {@link RefusedException}.
 */
@ApplicationScoped
public class Playground {

  private static final String AT_ONCE = "tutti.registry.playground.at-once";

  /** Feedback waits a second for a decision that is on its way. */
  private static final Duration TO_RATE = Duration.ofSeconds(10);

  private static final Duration AGAIN = Duration.ofSeconds(5);

  private final Services services;
  private final Duration timeLimit;
  private final int most;
  private final Semaphore free;

  Playground(
      Services services,
      @ConfigProperty(name = AT_ONCE) int most,
      @ConfigProperty(name = "tutti.registry.playground.time-limit") Duration timeLimit) {
    this.services = services;
    this.timeLimit = timeLimit;
    this.most = most;
    this.free = new Semaphore(most);
  }

  /** The longest time of an answer. */
  public Duration timeLimit() {
    return timeLimit;
  }

  /**
   * Asks one, and hands on what comes, piece by piece.
   *
   * @param question with a name
   * @param events takes them on this thread; what it throws calls the answer off, as does the end
   *     of the gRPC context
   * @throws RefusedException {@link Refusal.Unavailable} where too many are being answered, {@link
   *     Refusal.OfService} with what the router says, also in the middle of an answer
   */
  public void ask(GenerateRequest question, Consumer<GenerateResponse> events) {
    if (!free.tryAcquire()) {
      throw new Refusal.Unavailable(
              "%d answers are being written in the playground, which is as many as there may be (%s). Try again."
                  .formatted(most, AT_ONCE),
              AGAIN)
          .exception();
    }
    try {
      long start = System.nanoTime();
      try (ClientStream<GenerateResponse> answer = open(question)) {
        while (answer.hasNext()) {
          events.accept(answer.next());
        }
      } catch (FailureException e) {
        throw new Refusal.OfService(
                Services.ROUTER, FailureStatus.naming(e, question.getName(), start).failure())
            .exception();
      }
    } finally {
      free.release();
    }
  }

  private ClientStream<GenerateResponse> open(GenerateRequest question) {
    return services.stream(
        Services.ROUTER,
        timeLimit,
        GenerationServiceGrpc::newBlockingStub,
        stub -> stub.generate(question));
  }

  /**
   * Says that an answer is good, or not.
   *
   * @param decision that it comes from
   * @param members whose answer it is, each of whom gets it said; none for the one whom the
   *     decision names
   * @param key of this piece of feedback: said again with it, it counts once
   * @return as it is kept
   */
  public List<FeedbackReceipt> rate(
      String decision, List<String> members, boolean isGood, String key) {
    List<String> about = members.isEmpty() ? List.of("") : members;
    var request =
        GiveRequest.newBuilder()
            .addAllFeedback(
                IntStream.range(0, about.size())
                    .mapToObj(
                        i ->
                            Feedback.newBuilder()
                                .setKey("%s:%d".formatted(key, i))
                                .setDecision(decision)
                                .setMember(about.get(i))
                                .setRating(isGood ? 1 : 0)
                                .setSource(FeedbackSource.FEEDBACK_SOURCE_PERSON)
                                .build())
                    .toList())
            .build();
    return services.ask(
        Services.ROUTER,
        TO_RATE,
        FeedbackServiceGrpc::newBlockingStub,
        stub -> stub.give(request).getReceiptsList());
  }
}
