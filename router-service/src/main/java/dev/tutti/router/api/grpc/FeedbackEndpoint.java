package dev.tutti.router.api.grpc;

import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.router.feedback.FeedbackLog;
import dev.tutti.router.feedback.FeedbackPages;
import dev.tutti.router.v1.FeedbackServiceGrpc;
import dev.tutti.router.v1.GiveRequest;
import dev.tutti.router.v1.GiveResponse;
import dev.tutti.router.v1.ListFeedbackRequest;
import dev.tutti.router.v1.ListFeedbackResponse;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;

/** Feedback over gRPC. */
@GrpcService
public class FeedbackEndpoint extends FeedbackServiceGrpc.FeedbackServiceImplBase {

  private final FeedbackLog log;
  private final FeedbackPages pages;

  FeedbackEndpoint(FeedbackLog log, FeedbackPages pages) {
    this.log = log;
    this.pages = pages;
  }

  @Override
  public void give(GiveRequest request, StreamObserver<GiveResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            GiveResponse.newBuilder()
                .addAllReceipts(log.give(request.getFeedbackList(), "feedback"))
                .build());
  }

  @Override
  public void listFeedback(
      ListFeedbackRequest request, StreamObserver<ListFeedbackResponse> observer) {
    ServerCalls.unary(observer, () -> pages.read(request));
  }
}
