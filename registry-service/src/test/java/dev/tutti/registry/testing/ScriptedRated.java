package dev.tutti.registry.testing;

import com.google.protobuf.util.Timestamps;
import dev.tutti.generation.v1.Signals;
import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.router.v1.RatedDecision;
import dev.tutti.router.v1.RatedDecisionServiceGrpc;
import dev.tutti.router.v1.RatedMember;
import dev.tutti.router.v1.ReadRatedDecisionsRequest;
import dev.tutti.router.v1.ReadRatedDecisionsResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** Decisions {@code d-1}, whose two members were rated, twice and once, and {@code d-2}. */
public final class ScriptedRated extends RatedDecisionServiceGrpc.RatedDecisionServiceImplBase {

  private static final Map<String, RatedDecision> DECISIONS =
      Map.of(
          "d-1",
          decision("d-1")
              .setDomain("other")
              .addMembers(
                  RatedMember.newBuilder()
                      .setMember("zoe")
                      .setScore(0.75)
                      .setRatings(2)
                      .setCostUsd(0.002)
                      .setSeconds(1.5)
                      .setAnswer("42")
                      .setSignals(Signals.newBuilder().setMeanLogprob(-0.5)))
              .addMembers(RatedMember.newBuilder().setMember("adam").setScore(0).setRatings(1))
              .build(),
          "d-2",
          decision("d-2")
              .setDomain("told")
              .addMembers(RatedMember.newBuilder().setMember("adam").setScore(1).setRatings(1))
              .build());

  private final List<ReadRatedDecisionsRequest> requests = new CopyOnWriteArrayList<>();

  private static RatedDecision.Builder decision(String id) {
    return RatedDecision.newBuilder()
        .setId(id)
        .setEnsemble("specialists")
        .setTime(Timestamps.fromSeconds(1_700_000_000));
  }

  /** What was asked, in order. */
  public List<ReadRatedDecisionsRequest> requests() {
    return requests;
  }

  @Override
  public void readRatedDecisions(
      ReadRatedDecisionsRequest request, StreamObserver<ReadRatedDecisionsResponse> observer) {
    requests.add(request);
    ServerCalls.<ReadRatedDecisionsResponse>streaming(
        observer,
        sink ->
            request.getDecisionsList().stream()
                .filter(DECISIONS::containsKey)
                .forEach(
                    id ->
                        sink.emit(
                            ReadRatedDecisionsResponse.newBuilder()
                                .setDecision(DECISIONS.get(id))
                                .build())));
  }
}
