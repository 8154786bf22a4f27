package dev.tutti.router.api.grpc;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.router.database.Instants;
import dev.tutti.router.decision.DecisionLog;
import dev.tutti.router.decision.DecisionPages;
import dev.tutti.router.decision.Failed;
import dev.tutti.router.feedback.Decisions;
import dev.tutti.router.v1.DecisionBrief;
import dev.tutti.router.v1.DecisionFailure;
import dev.tutti.router.v1.DecisionServiceGrpc;
import dev.tutti.router.v1.GetDecisionRequest;
import dev.tutti.router.v1.GetDecisionResponse;
import dev.tutti.router.v1.ListDecisionsRequest;
import dev.tutti.router.v1.ListDecisionsResponse;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import java.time.Instant;
import java.util.Optional;

/** Decisions as they are kept, over gRPC. */
@GrpcService
public class DecisionEndpoint extends DecisionServiceGrpc.DecisionServiceImplBase {

  private static final int USUAL = 50;
  private static final int MOST = 1_000;

  private final DecisionLog decisions;
  private final DecisionPages pages;

  DecisionEndpoint(DecisionLog decisions, DecisionPages pages) {
    this.decisions = decisions;
    this.pages = pages;
  }

  @Override
  public void listDecisions(
      ListDecisionsRequest request, StreamObserver<ListDecisionsResponse> observer) {
    ServerCalls.unary(observer, () -> list(request));
  }

  @Override
  public void getDecision(
      GetDecisionRequest request, StreamObserver<GetDecisionResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            GetDecisionResponse.newBuilder()
                .setDecision(
                    decisions
                        .find(request.getId())
                        .map(Decisions.Decided::decision)
                        .orElseThrow(
                            () ->
                                new Failure.NotFound(
                                        "id", "DECISION_NOT_FOUND", "There is no such decision.")
                                    .exception()))
                .build());
  }

  private ListDecisionsResponse list(ListDecisionsRequest request) {
    int size = request.getPageSize() == 0 ? USUAL : request.getPageSize();
    if (size < 1 || size > MOST) {
      throw Failure.invalid(
          "page_size", "page_size is %d; it takes 1 to %d.".formatted(size, MOST));
    }
    var filter =
        new DecisionPages.Filter(
            request.getEnsemble(),
            request.getMember(),
            request.getTeam(),
            request.getKey(),
            failed(request),
            request.hasFrom() ? instant("from", request.getFrom()) : Instants.FIRST,
            request.hasTo() ? instant("to", request.getTo()) : Instants.END);
    DecisionPages.Page page = pages.read(filter, size, place(request.getPageToken()));
    return ListDecisionsResponse.newBuilder()
        .addAllDecisions(page.decisions().stream().map(DecisionEndpoint::brief).toList())
        .setNextPageToken(page.next().map(DecisionPages.Place::token).orElse(""))
        .build();
  }

  private static Optional<DecisionPages.Place> place(String token) {
    if (token.isEmpty()) {
      return Optional.empty();
    }
    Optional<DecisionPages.Place> place = DecisionPages.Place.of(token);
    if (place.isEmpty()) {
      throw Failure.invalid("page_token", "page_token is no page; the page before names it.");
    }
    return place;
  }

  private static Optional<Failed> failed(ListDecisionsRequest request) {
    return switch (request.getFailed()) {
      case DECISION_FAILURE_UNSPECIFIED -> Optional.empty();
      case DECISION_FAILURE_REQUEST -> Optional.of(Failed.REQUEST);
      case DECISION_FAILURE_MEMBER -> Optional.of(Failed.MEMBER);
      case UNRECOGNIZED ->
          throw Failure.invalid(
              "failed", "failed is %d, which is unknown.".formatted(request.getFailedValue()));
    };
  }

  private static Instant instant(String field, Timestamp time) {
    if (!Timestamps.isValid(time)) {
      throw Failure.invalid(field, field + " is no time.");
    }
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }

  private static DecisionBrief brief(DecisionPages.Brief its) {
    DecisionBrief.Builder brief =
        DecisionBrief.newBuilder()
            .setId(its.id())
            .setTime(
                Timestamp.newBuilder()
                    .setSeconds(its.time().getEpochSecond())
                    .setNanos(its.time().getNano()))
            .setEnsemble(its.ensemble())
            .setEnsembleVersion(its.ensembleVersion())
            .setMethod(its.method())
            .addAllMembers(its.members())
            .setTeam(its.team())
            .setPromptTokens(its.promptTokens())
            .setCompletionTokens(its.completionTokens())
            .setCostUsd(its.usd().toPlainString())
            .setEstimated(its.estimated())
            .setFailed(
                its.failed()
                    .map(
                        failed ->
                            switch (failed) {
                              case REQUEST -> DecisionFailure.DECISION_FAILURE_REQUEST;
                              case MEMBER -> DecisionFailure.DECISION_FAILURE_MEMBER;
                            })
                    .orElse(DecisionFailure.DECISION_FAILURE_UNSPECIFIED));
    if (its.key() != null) {
      brief.setKey(its.key());
    }
    return brief.build();
  }
}
