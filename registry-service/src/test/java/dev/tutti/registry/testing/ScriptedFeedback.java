package dev.tutti.registry.testing;

import com.google.protobuf.util.Timestamps;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.router.v1.Feedback;
import dev.tutti.router.v1.FeedbackReceipt;
import dev.tutti.router.v1.FeedbackServiceGrpc;
import dev.tutti.router.v1.GiveRequest;
import dev.tutti.router.v1.GiveResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A router that keeps all feedback, but on decisions whose id begins with {@code no-}. */
public final class ScriptedFeedback extends FeedbackServiceGrpc.FeedbackServiceImplBase {

  private final List<Feedback> given = new CopyOnWriteArrayList<>();

  /** What was given, oldest first. */
  public List<Feedback> given() {
    return given;
  }

  @Override
  public void give(GiveRequest request, StreamObserver<GiveResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> {
          var response = GiveResponse.newBuilder();
          for (Feedback its : request.getFeedbackList()) {
            if (its.getDecision().startsWith("no-")) {
              throw new Failure.NotFound(
                      "decision",
                      "DECISION_NOT_FOUND",
                      "There is no decision '%s'.".formatted(its.getDecision()))
                  .exception();
            }
            given.add(its);
            response.addReceipts(
                FeedbackReceipt.newBuilder()
                    .setKey(its.getKey())
                    .setDecision(its.getDecision())
                    .setMember(its.getMember().isEmpty() ? "anna" : its.getMember())
                    .setTime(Timestamps.fromSeconds(1_600_000_000L)));
          }
          return response.build();
        });
  }
}
