package dev.tutti.router.testing;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.router.v1.BudgetServiceGrpc;
import dev.tutti.router.v1.BudgetServiceGrpc.BudgetServiceBlockingStub;
import dev.tutti.router.v1.GetLearnerRequest;
import dev.tutti.router.v1.Learner;
import dev.tutti.router.v1.LearnerServiceGrpc;
import dev.tutti.router.v1.LearnerServiceGrpc.LearnerServiceBlockingStub;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.function.Executable;

/** Asks the router as the registry does for an administrator: by gRPC. */
public final class Admin {

  private static final int SECONDS = 20;

  private Admin() {}

  /** What an ensemble learned from feedback. */
  public static Learner learner(String ensemble) {
    return learners(
        stub ->
            stub.getLearner(GetLearnerRequest.newBuilder().setEnsemble(ensemble).build())
                .getLearner());
  }

  /** Asks of learners. */
  public static <T> T learners(Function<LearnerServiceBlockingStub, T> question) {
    return ask(
        channel ->
            question.apply(
                LearnerServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(SECONDS, TimeUnit.SECONDS)));
  }

  /** Asks of budgets. */
  public static <T> T budgets(Function<BudgetServiceBlockingStub, T> question) {
    return ask(
        channel ->
            question.apply(
                BudgetServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(SECONDS, TimeUnit.SECONDS)));
  }

  /** Why a question is not answered. */
  public static Failure refusal(Executable question) {
    return FailureStatus.fromThrowable(assertThrows(StatusRuntimeException.class, question));
  }

  private static <T> T ask(Function<ManagedChannel, T> question) {
    int port = ConfigProvider.getConfig().getValue("quarkus.grpc.server.test-port", Integer.class);
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    try {
      return question.apply(channel);
    } finally {
      channel.shutdownNow();
    }
  }
}
