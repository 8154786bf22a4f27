package dev.tutti.cascade.api;

import com.google.protobuf.Timestamp;
import dev.tutti.cascade.solution.Shelf;
import dev.tutti.cascade.solution.Solution;
import dev.tutti.cascade.solution.Solutions;
import dev.tutti.cascade.study.Students;
import dev.tutti.cascade.v1.DeleteSolutionRequest;
import dev.tutti.cascade.v1.DeleteSolutionResponse;
import dev.tutti.cascade.v1.DeleteSolutionsRequest;
import dev.tutti.cascade.v1.DeleteSolutionsResponse;
import dev.tutti.cascade.v1.ListSolutionsRequest;
import dev.tutti.cascade.v1.ListSolutionsResponse;
import dev.tutti.cascade.v1.SolutionServiceGrpc;
import dev.tutti.cascade.v1.SolutionState;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What ensembles solved, over gRPC. */
@GrpcService
public class CascadeSolutions extends SolutionServiceGrpc.SolutionServiceImplBase {

  private static final int USUAL = 100;
  private static final int MOST = 1_000;

  private final Solutions solutions;
  private final Students students;

  CascadeSolutions(Solutions solutions, Students students) {
    this.solutions = solutions;
    this.students = students;
  }

  @Override
  public void listSolutions(
      ListSolutionsRequest request, StreamObserver<ListSolutionsResponse> observer) {
    ServerCalls.unary(observer, () -> list(request));
  }

  @Override
  public void deleteSolution(
      DeleteSolutionRequest request, StreamObserver<DeleteSolutionResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> {
          if (solutions.delete(
                  shelf(request.getTeam(), request.getEnsemble()), Optional.of(request.getId()))
              == 0) {
            throw new Failure.NotFound(
                    "id",
                    "SOLUTION_NOT_FOUND",
                    "'%s' has no solution %d.".formatted(request.getEnsemble(), request.getId()))
                .exception();
          }
          return DeleteSolutionResponse.getDefaultInstance();
        });
  }

  @Override
  public void deleteSolutions(
      DeleteSolutionsRequest request, StreamObserver<DeleteSolutionsResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> {
          Shelf shelf = shelf(request.getTeam(), request.getEnsemble());
          var gone =
              solutions.delete(
                  shelf,
                  Optional.empty(),
                  connection -> students.forget(connection, shelf.team(), shelf.ensemble()));
          return DeleteSolutionsResponse.newBuilder()
              .setDeleted(gone.deleted())
              .setForgotten(gone.beside())
              .build();
        });
  }

  private ListSolutionsResponse list(ListSolutionsRequest request) {
    int size = request.getPageSize() == 0 ? USUAL : request.getPageSize();
    if (size < 1 || size > MOST) {
      throw Failure.invalid(
          "page_size", "page_size is %d; it takes 1 to %d.".formatted(size, MOST));
    }
    String token = request.getPageToken();
    if (!token.matches("[0-9]{0,18}")) {
      throw Failure.invalid("page_token", "That is no page; the page before names it.");
    }
    List<Solution> page =
        solutions.list(
            shelf(request.getTeam(), request.getEnsemble()),
            token.isEmpty() ? Long.MAX_VALUE : Long.parseLong(token),
            size);
    ListSolutionsResponse.Builder response = ListSolutionsResponse.newBuilder();
    page.forEach(solution -> response.addSolutions(told(solution)));
    if (page.size() == size) {
      response.setNextPageToken(Long.toString(page.getLast().id()));
    }
    return response.build();
  }

  private static Shelf shelf(String team, String ensemble) {
    if (ensemble.isEmpty() || ensemble.indexOf(0) >= 0) {
      throw Failure.invalid("ensemble", "ensemble is the name of one; it is required.");
    }
    return new Shelf(Teams.named(team), ensemble);
  }

  private static dev.tutti.cascade.v1.Solution told(Solution its) {
    return dev.tutti.cascade.v1.Solution.newBuilder()
        .setId(its.id())
        .setQuestion(its.question())
        .setAnswer(its.answer())
        .setMember(its.member())
        .setDecision(its.decision())
        .setState(SolutionState.valueOf("SOLUTION_STATE_" + its.state().name()))
        .setCreated(time(its.created()))
        .setUsed(time(its.used()))
        .build();
  }

  private static Timestamp time(Instant time) {
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }
}
