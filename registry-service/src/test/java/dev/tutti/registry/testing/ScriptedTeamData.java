package dev.tutti.registry.testing;

import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.team.v1.DeleteTeamDataRequest;
import dev.tutti.team.v1.DeleteTeamDataResponse;
import dev.tutti.team.v1.DeletedData;
import dev.tutti.team.v1.TeamDataServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Keeps 3 decisions, or cached answers, of every team; of user {@code ada} those of one request.
 */
final class ScriptedTeamData extends TeamDataServiceGrpc.TeamDataServiceImplBase {

  private final String kind;
  private final List<DeleteTeamDataRequest> asked = new CopyOnWriteArrayList<>();

  ScriptedTeamData(String kind) {
    this.kind = kind;
  }

  List<DeleteTeamDataRequest> asked() {
    return asked;
  }

  @Override
  public void deleteTeamData(
      DeleteTeamDataRequest request, StreamObserver<DeleteTeamDataResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> {
          asked.add(request);
          var response = DeleteTeamDataResponse.newBuilder();
          if (request.getUser().isEmpty()) {
            response.addDeleted(DeletedData.newBuilder().setKind(kind).setCount(3));
          } else if (request.getUser().equals("ada")) {
            response.addDeleted(DeletedData.newBuilder().setKind(kind).setCount(1));
            response.addRequests("of-ada");
          }
          return response.build();
        });
  }
}
