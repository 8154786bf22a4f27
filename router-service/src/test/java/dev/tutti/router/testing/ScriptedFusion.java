package dev.tutti.router.testing;

import dev.tutti.fusion.v1.FuseRequest;
import dev.tutti.fusion.v1.FuseResponse;
import dev.tutti.fusion.v1.FusionServiceGrpc;
import dev.tutti.kit.grpc.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** Fusion-service's {@code Fuse} by a script; remembers what it was asked. */
public final class ScriptedFusion extends FusionServiceGrpc.FusionServiceImplBase {

  private final List<FuseRequest> requests = new CopyOnWriteArrayList<>();
  private volatile Function<FuseRequest, FuseResponse> script = ScriptedFusion::first;

  /** Gives the first answer, for 0.25 US dollars. */
  public static FuseResponse first(FuseRequest request) {
    FuseResponse.Builder response = FuseResponse.newBuilder().setChosen(0);
    var first = request.getAnswers(0);
    response
        .getCompletionBuilder()
        .setText(first.getText())
        .setAuthor(first.getMember())
        .setCostUsd(0.25)
        .addAllToolCalls(first.getToolCallsList());
    response.getCompletionBuilder().getSignalsBuilder().setAgreement(0.5);
    response
        .getCompletionBuilder()
        .getDecisionBuilder()
        .setEnsemble(request.getRequest().getRecipe().getEnsemble())
        .setMethod(request.getRequest().getRecipe().getMethod())
        .setExplanation("It came first.");
    request
        .getAnswersList()
        .forEach(its -> response.addAnswersBuilder().setMember(its.getMember()).setWeight(0.5));
    return response.build();
  }

  /** Answers by another script from now on. */
  public void script(Function<FuseRequest, FuseResponse> next) {
    script = next;
  }

  /** What it was asked since it was calmed. */
  public List<FuseRequest> requests() {
    return List.copyOf(requests);
  }

  /** Answers as usual, and has forgotten. */
  public void calm() {
    script = ScriptedFusion::first;
    requests.clear();
  }

  @Override
  public void fuse(FuseRequest request, StreamObserver<FuseResponse> observer) {
    requests.add(request);
    ServerCalls.unary(observer, () -> script.apply(request));
  }
}
