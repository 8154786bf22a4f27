package dev.tutti.registry.testing;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.team.v1.DeleteTeamDataRequest;
import dev.tutti.team.v1.DeleteTeamDataResponse;
import dev.tutti.team.v1.DeletedData;
import dev.tutti.team.v1.TeamDataServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Keeps 3 decisions, or cached answers, of every team; of user {@code ada} those of one request,
 * and of user {@code bo} too, until they are deleted: whoever keeps answers is away when it is
 * first asked for his.
 */
final class ScriptedTeamData extends TeamDataServiceGrpc.TeamDataServiceImplBase {

  private final String kind;
  private final boolean knowsUsers;
  private final List<DeleteTeamDataRequest> asked = new CopyOnWriteArrayList<>();
  private volatile boolean wasAway;
  private volatile boolean hasBo = true;

  ScriptedTeamData(String kind, boolean knowsUsers) {
    this.kind = kind;
    this.knowsUsers = knowsUsers;
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
          String user = request.getUser();
          if (user.isEmpty()) {
            return told(3).build();
          }
          String id = "of-" + user;
          boolean isKnown = user.equals("ada") || user.equals("bo") && hasBo;
          if (request.getOnlyList() && knowsUsers) {
            return isKnown ? told(0).addRequests(id).build() : told(0).build();
          }
          if (!knowsUsers && user.equals("bo") && !wasAway) {
            wasAway = true;
            throw new Failure.Unavailable("DATABASE_UNREACHABLE", "Away.").exception();
          }
          boolean deletes = isKnown && request.getRequestsList().contains(id);
          hasBo = hasBo && !(deletes && user.equals("bo"));
          return told(deletes ? 1 : 0).build();
        });
  }

  private DeleteTeamDataResponse.Builder told(int count) {
    return DeleteTeamDataResponse.newBuilder()
        .addDeleted(DeletedData.newBuilder().setKind(kind).setCount(count));
  }
}
