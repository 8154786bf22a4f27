package dev.tutti.registry.testing;

import com.google.protobuf.util.Timestamps;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.router.v1.Comparison;
import dev.tutti.router.v1.Feedback;
import dev.tutti.router.v1.FeedbackReceipt;
import dev.tutti.router.v1.FeedbackServiceGrpc;
import dev.tutti.router.v1.FeedbackSource;
import dev.tutti.router.v1.GiveRequest;
import dev.tutti.router.v1.GiveResponse;
import dev.tutti.router.v1.KeptFeedback;
import dev.tutti.router.v1.ListFeedbackRequest;
import dev.tutti.router.v1.ListFeedbackResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A router to which something was said about {@code route-1}, and about nothing else. It takes what
 * is said, but about decisions whose id begins with {@code no-}.
 */
public final class ScriptedFeedback extends FeedbackServiceGrpc.FeedbackServiceImplBase {

  private static final List<KeptFeedback> SAID =
      List.of(
          said(
              Feedback.newBuilder()
                  .setKey("one")
                  .setSource(FeedbackSource.FEEDBACK_SOURCE_JUDGE)
                  .setMember("small")
                  .setRating(0.75)
                  .setComment("=1+1 <script>alert('said')</script>"),
              "It has no artifact."),
          said(
              Feedback.newBuilder()
                  .setKey("two")
                  .setComparison(
                      Comparison.newBuilder().setWinner("large").setLoser("small").setTie(true)),
              ""));

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

  private static KeptFeedback said(Feedback.Builder feedback, String refused) {
    return KeptFeedback.newBuilder()
        .setFeedback(feedback.setDecision("route-1"))
        .setTime(Timestamps.fromSeconds(1_700_000_100))
        .setRefused(refused)
        .build();
  }

  @Override
  public void listFeedback(
      ListFeedbackRequest request, StreamObserver<ListFeedbackResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> {
          int from =
              request.getPageToken().isEmpty() ? 0 : Integer.parseInt(request.getPageToken());
          List<KeptFeedback> all = request.getDecision().equals("route-1") ? SAID : List.of();
          int to = Math.min(all.size(), from + request.getPageSize());
          return ListFeedbackResponse.newBuilder()
              .addAllFeedback(all.subList(from, to))
              .setNextPageToken(to - from == request.getPageSize() ? Integer.toString(to) : "")
              .build();
        });
  }
}
