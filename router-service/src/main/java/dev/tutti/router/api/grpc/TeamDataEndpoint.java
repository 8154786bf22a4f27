package dev.tutti.router.api.grpc;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.router.decision.TeamData;
import dev.tutti.team.v1.DeleteTeamDataRequest;
import dev.tutti.team.v1.DeleteTeamDataResponse;
import dev.tutti.team.v1.DeletedData;
import dev.tutti.team.v1.TeamDataServiceGrpc;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import java.util.Set;

/** {@code TeamDataService}: decisions of a team, and feedback on them. */
@GrpcService
public class TeamDataEndpoint extends TeamDataServiceGrpc.TeamDataServiceImplBase {

  private static final int LONGEST_TEAM = 64;
  private static final int LONGEST_USER = 1_024;
  private static final int LONGEST_REQUEST = 1_024;
  private static final int MOST_REQUESTS = 100_000;

  private final TeamData data;

  TeamDataEndpoint(TeamData data) {
    this.data = data;
  }

  @Override
  public void deleteTeamData(
      DeleteTeamDataRequest request, StreamObserver<DeleteTeamDataResponse> observer) {
    ServerCalls.unary(observer, () -> delete(request));
  }

  private DeleteTeamDataResponse delete(DeleteTeamDataRequest request) {
    require("team", request.getTeam(), LONGEST_TEAM);
    if (request.getTeam().isEmpty()) {
      throw Failure.invalid("team", "team is required: the name of one, or none.");
    }
    require("user", request.getUser(), LONGEST_USER);
    boolean isUser = !request.getUser().isEmpty();
    if (request.getRequestsCount() > 0 && !isUser) {
      throw Failure.invalid("requests", "requests goes with user, whose they are.");
    }
    if (request.getRequestsCount() > MOST_REQUESTS) {
      throw Failure.invalid("requests", "requests has at most %,d.".formatted(MOST_REQUESTS));
    }
    request.getRequestsList().forEach(its -> require("requests", its, LONGEST_REQUEST));
    if (request.getOnlyList()) {
      if (!isUser || request.getRequestsCount() > 0) {
        throw Failure.invalid(
            "only_list", "only_list goes with user, and without requests: it tells them.");
      }
      return told(new TeamData.Deleted(0, 0, data.requests(request.getTeam(), request.getUser())));
    }
    return told(
        data.delete(request.getTeam(), request.getUser(), Set.copyOf(request.getRequestsList())));
  }

  private static DeleteTeamDataResponse told(TeamData.Deleted deleted) {
    return DeleteTeamDataResponse.newBuilder()
        .addDeleted(DeletedData.newBuilder().setKind("decisions").setCount(deleted.decisions()))
        .addDeleted(DeletedData.newBuilder().setKind("feedback").setCount(deleted.feedback()))
        .addAllRequests(deleted.ids())
        .build();
  }

  private static void require(String field, String text, int longest) {
    if (text.length() > longest || text.indexOf('\0') >= 0) {
      throw Failure.invalid(
          field, "%s has at most %d characters, none of them NUL.".formatted(field, longest));
    }
  }
}
