package dev.tutti.cascade.api;

import dev.tutti.cascade.cache.AnswerCache;
import dev.tutti.cascade.solution.Shelf;
import dev.tutti.cascade.solution.Solutions;
import dev.tutti.cascade.study.Students;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.team.v1.DeleteTeamDataRequest;
import dev.tutti.team.v1.DeleteTeamDataResponse;
import dev.tutti.team.v1.DeletedData;
import dev.tutti.team.v1.TeamDataServiceGrpc;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import java.util.Optional;
import java.util.Set;

/**
 * Deletes what is kept of a team: answers in caches, solutions, and what students learned from. Of
 * some requests of a team's, the caches that have an answer of theirs, and their solutions: what
 * students learned from does not say whose it was.
 */
@GrpcService
public class CascadeTeamData extends TeamDataServiceGrpc.TeamDataServiceImplBase {

  private final AnswerCache cache;
  private final Solutions solutions;
  private final Students students;

  CascadeTeamData(AnswerCache cache, Solutions solutions, Students students) {
    this.cache = cache;
    this.solutions = solutions;
    this.students = students;
  }

  @Override
  public void deleteTeamData(
      DeleteTeamDataRequest request, StreamObserver<DeleteTeamDataResponse> observer) {
    ServerCalls.unary(observer, () -> delete(request));
  }

  private DeleteTeamDataResponse delete(DeleteTeamDataRequest request) {
    if (request.getTeam().isEmpty()) {
      throw Failure.invalid("team", "team is required: the name of one, or none.");
    }
    if (request.getOnlyList()) {
      throw Failure.invalid("only_list", "only_list is for router-service, which knows users.");
    }
    String team = Teams.named(request.getTeam());
    String author = Teams.author(request.getAuthor());
    if (!request.getUser().isEmpty() || request.getRequestsCount() > 0) {
      var requests = Set.copyOf(request.getRequestsList());
      return told(cache.purgeOf(team, requests, author), solutions.deleteOf(team, requests), 0);
    }
    int answers = cache.purgeAll(team, author);
    int deleted = 0;
    int forgotten = 0;
    for (String ensemble : solutions.ensembles(team, c -> students.ensembles(c, team))) {
      Solutions.Deleted gone =
          solutions.delete(
              new Shelf(team, ensemble),
              Optional.empty(),
              connection -> students.forget(connection, team, ensemble));
      deleted += gone.deleted();
      forgotten += gone.beside();
    }
    return told(answers, deleted, forgotten);
  }

  private static DeleteTeamDataResponse told(int answers, int solutions, int observations) {
    return DeleteTeamDataResponse.newBuilder()
        .addDeleted(of("cached_answers", answers))
        .addDeleted(of("solutions", solutions))
        .addDeleted(of("observations", observations))
        .build();
  }

  private static DeletedData of(String kind, int count) {
    return DeletedData.newBuilder().setKind(kind).setCount(count).build();
  }
}
