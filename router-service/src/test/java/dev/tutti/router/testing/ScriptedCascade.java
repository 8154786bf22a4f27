package dev.tutti.router.testing;

import dev.tutti.cascade.v1.CascadeServiceGrpc;
import dev.tutti.cascade.v1.DecideRequest;
import dev.tutti.cascade.v1.DecideResponse;
import dev.tutti.cascade.v1.Verdict;
import dev.tutti.generation.v1.CallKind;
import dev.tutti.kit.grpc.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** Cascade-service's {@code Decide} by a script; remembers what it was asked. */
public final class ScriptedCascade extends CascadeServiceGrpc.CascadeServiceImplBase {

  private final List<DecideRequest> requests = new CopyOnWriteArrayList<>();
  private volatile Function<DecideRequest, DecideResponse> script = ScriptedCascade::usual;

  /** Takes the first answer; where there is none, wants two samples of the last member. */
  public static DecideResponse usual(DecideRequest request) {
    DecideResponse.Builder response = DecideResponse.newBuilder();
    var recipe = request.getRequest().getRecipe();
    if (request.getAnswersCount() > 0) {
      response
          .setVerdict(Verdict.VERDICT_ACCEPT)
          .setChosen(0)
          .setConfidence(0.75)
          .setThreshold(0.5);
      request
          .getAnswersList()
          .forEach(its -> response.addAnswersBuilder().setMember(its.getMember()));
      response.getAnswersBuilder(0).setSeen(true).setConfidence(0.75);
    } else {
      response
          .setVerdict(Verdict.VERDICT_DEFER)
          .addWantedBuilder()
          .setMember(recipe.getMembers(recipe.getMembersCount() - 1).getModel())
          .setKind(CallKind.CALL_KIND_GENERATE)
          .setSamples(2);
      response.getWantedBuilder(0).getSamplingBuilder().setTemperature(0.8);
    }
    response
        .getDecisionBuilder()
        .setEnsemble(recipe.getEnsemble())
        .setMethod(recipe.getMethod())
        .setCostAvoidedUsd(0.125)
        .setExplanation("It is sure.");
    return response.build();
  }

  /** Decides by another script from now on. */
  public void script(Function<DecideRequest, DecideResponse> next) {
    script = next;
  }

  /** What it was asked since it was calmed. */
  public List<DecideRequest> requests() {
    return List.copyOf(requests);
  }

  /** Decides as usual, and has forgotten. */
  public void calm() {
    script = ScriptedCascade::usual;
    requests.clear();
  }

  @Override
  public void decide(DecideRequest request, StreamObserver<DecideResponse> observer) {
    requests.add(request);
    ServerCalls.unary(observer, () -> script.apply(request));
  }
}
