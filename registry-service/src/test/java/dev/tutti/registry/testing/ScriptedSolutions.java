package dev.tutti.registry.testing;

import com.google.protobuf.Timestamp;
import dev.tutti.cascade.v1.DeleteSolutionRequest;
import dev.tutti.cascade.v1.DeleteSolutionResponse;
import dev.tutti.cascade.v1.DeleteSolutionsRequest;
import dev.tutti.cascade.v1.DeleteSolutionsResponse;
import dev.tutti.cascade.v1.ListSolutionsRequest;
import dev.tutti.cascade.v1.ListSolutionsResponse;
import dev.tutti.cascade.v1.Solution;
import dev.tutti.cascade.v1.SolutionServiceGrpc;
import dev.tutti.cascade.v1.SolutionState;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** A cascade of which {@code org/Eco} has solved 9 and 4. */
final class ScriptedSolutions extends SolutionServiceGrpc.SolutionServiceImplBase {

  private static final List<Long> SOLVED = List.of(9L, 4L);

  private static Solution solution(long id) {
    return Solution.newBuilder()
        .setId(id)
        .setQuestion("q" + id)
        .setAnswer("a" + id)
        .setMember("anna")
        .setDecision("d" + id)
        .setState(SolutionState.SOLUTION_STATE_ACCEPTED)
        .setCreated(Timestamp.newBuilder().setSeconds(1_600_000_000))
        .setUsed(Timestamp.newBuilder().setSeconds(1_600_000_001))
        .build();
  }

  @Override
  public void listSolutions(
      ListSolutionsRequest request, StreamObserver<ListSolutionsResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> {
          String page = request.getPageToken();
          List<Long> page1 =
              SOLVED.stream()
                  .filter(_ -> request.getEnsemble().equals("org/Eco"))
                  .filter(id -> page.isEmpty() || id < Long.parseLong(page))
                  .limit(request.getPageSize())
                  .toList();
          var response = ListSolutionsResponse.newBuilder();
          page1.forEach(id -> response.addSolutions(solution(id)));
          if (page1.size() == request.getPageSize()) {
            response.setNextPageToken(Long.toString(page1.getLast()));
          }
          return response.build();
        });
  }

  @Override
  public void deleteSolution(
      DeleteSolutionRequest request, StreamObserver<DeleteSolutionResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> {
          if (!request.getEnsemble().equals("org/Eco") || !SOLVED.contains(request.getId())) {
            throw new Failure.NotFound("id", "SOLUTION_NOT_FOUND", "There is none.").exception();
          }
          return DeleteSolutionResponse.getDefaultInstance();
        });
  }

  @Override
  public void deleteSolutions(
      DeleteSolutionsRequest request, StreamObserver<DeleteSolutionsResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            DeleteSolutionsResponse.newBuilder()
                .setDeleted(request.getEnsemble().equals("org/Eco") ? SOLVED.size() : 0)
                .setForgotten(request.getEnsemble().equals("org/Eco") ? 3 : 0)
                .build());
  }
}
