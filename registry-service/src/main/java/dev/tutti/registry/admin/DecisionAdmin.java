package dev.tutti.registry.admin;

import dev.tutti.generation.v1.Decision;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.neighbour.Services;
import dev.tutti.router.v1.DecisionServiceGrpc;
import dev.tutti.router.v1.DecisionServiceGrpc.DecisionServiceBlockingStub;
import dev.tutti.router.v1.FeedbackServiceGrpc;
import dev.tutti.router.v1.GetDecisionRequest;
import dev.tutti.router.v1.ListDecisionsRequest;
import dev.tutti.router.v1.ListDecisionsResponse;
import dev.tutti.router.v1.ListFeedbackRequest;
import dev.tutti.router.v1.ListFeedbackResponse;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.function.Function;

/**
 * Why requests were answered as they were, which router-service keeps. All methods block, and throw
 * {@link RefusedException} with what it answers.
 */
@ApplicationScoped
public class DecisionAdmin {

  private static final Duration WITHIN = Duration.ofSeconds(30);

  private final Services services;

  DecisionAdmin(Services services) {
    this.services = services;
  }

  /** Decisions in brief, newest first, a part of them. */
  public ListDecisionsResponse list(ListDecisionsRequest request) {
    return ask(stub -> stub.listDecisions(request));
  }

  /**
   * One.
   *
   * @param id its own; with .1 behind it the first decision within
   */
  public Decision decision(String id) {
    var request = GetDecisionRequest.newBuilder().setId(id).build();
    return ask(stub -> stub.getDecision(request)).getDecision();
  }

  /** What was said about decisions, oldest first, a part of it. */
  public ListFeedbackResponse feedback(ListFeedbackRequest request) {
    return services.ask(
        Services.ROUTER,
        WITHIN,
        FeedbackServiceGrpc::newBlockingStub,
        stub -> stub.listFeedback(request));
  }

  private <T> T ask(Function<DecisionServiceBlockingStub, T> question) {
    return services.ask(Services.ROUTER, WITHIN, DecisionServiceGrpc::newBlockingStub, question);
  }
}
