package dev.tutti.registry.admin;

import dev.tutti.registry.Author;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.neighbour.Services;
import dev.tutti.registry.store.ServiceChange;
import dev.tutti.registry.store.ServiceChange.Action;
import dev.tutti.registry.store.ServiceChange.Subject;
import dev.tutti.team.v1.DeleteTeamDataRequest;
import dev.tutti.team.v1.DeleteTeamDataResponse;
import dev.tutti.team.v1.DeletedData;
import dev.tutti.team.v1.TeamDataServiceGrpc;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What router-service and cascade-service keep of a team's requests. All methods block, and throw
 * {@link RefusedException} with what they answer.
 */
@ApplicationScoped
public class TeamDataAdmin {

  private static final Duration WITHIN = Duration.ofMinutes(5);

  /** So many requests of a user's the router lists, where it has more. */
  private static final int LISTED_AT_ONCE = 10_000;

  private final Services services;
  private final Audited audited;

  TeamDataAdmin(Services services, Audited audited) {
    this.services = services;
    this.audited = audited;
  }

  /**
   * Deletes it. Where one of the services is away, what the others have may be deleted: asked
   * again, the rest is. What cascades have of a user is found by what the router knows, so it goes
   * first.
   *
   * @param team its name, or "none"
   * @param user only what was asked for this user of its; empty for all
   * @return how much of each kind
   */
  public Map<String, Long> delete(String team, String user, Author author) {
    var request =
        DeleteTeamDataRequest.newBuilder()
            .setTeam(team)
            .setUser(user)
            .setAuthor(author.name())
            .build();
    var deleted = new TreeMap<String, Long>();
    if (user.isEmpty()) {
      add(deleted, ask(Services.ROUTER, request, author));
      add(deleted, ask(Services.CASCADE, request, author));
      return deleted;
    }
    DeleteTeamDataRequest list = request.toBuilder().setOnlyList(true).build();
    int some;
    do {
      DeleteTeamDataResponse known = ask(Services.ROUTER, list, author);
      add(deleted, known);
      some = known.getRequestsCount();
      DeleteTeamDataRequest these =
          request.toBuilder().addAllRequests(known.getRequestsList()).build();
      add(deleted, ask(Services.CASCADE, these, author));
      if (some > 0) {
        add(deleted, ask(Services.ROUTER, these, author));
      }
    } while (some == LISTED_AT_ONCE);
    return deleted;
  }

  private static void add(Map<String, Long> deleted, DeleteTeamDataResponse response) {
    response
        .getDeletedList()
        .forEach(its -> deleted.merge(its.getKind(), its.getCount(), Long::sum));
  }

  private DeleteTeamDataResponse ask(String service, DeleteTeamDataRequest request, Author author) {
    return audited.doing(
        author,
        () ->
            services.ask(
                service,
                WITHIN,
                TeamDataServiceGrpc::newBlockingStub,
                stub -> stub.deleteTeamData(request)),
        done ->
            done.getDeletedList().stream().mapToLong(DeletedData::getCount).sum() == 0
                ? Optional.empty()
                : Optional.of(
                    new ServiceChange(
                        service, Action.DELETE, Subject.TEAM_DATA, request.getTeam(), null)));
  }
}
