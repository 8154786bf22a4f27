package dev.tutti.registry.admin;

import dev.tutti.cascade.v1.DeleteSolutionRequest;
import dev.tutti.cascade.v1.DeleteSolutionsRequest;
import dev.tutti.cascade.v1.DeleteSolutionsResponse;
import dev.tutti.cascade.v1.ListSolutionsRequest;
import dev.tutti.cascade.v1.ListSolutionsResponse;
import dev.tutti.cascade.v1.SolutionServiceGrpc;
import dev.tutti.cascade.v1.SolutionServiceGrpc.SolutionServiceBlockingStub;
import dev.tutti.registry.Author;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.neighbour.Services;
import dev.tutti.registry.store.ServiceChange;
import dev.tutti.registry.store.ServiceChange.Action;
import dev.tutti.registry.store.ServiceChange.Subject;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * What ensembles solved, which cascade-service keeps. All methods block, and throw {@link
 * RefusedException} with what it answers.
 */
@ApplicationScoped
public class SolutionAdmin {

  private static final Duration WITHIN = Duration.ofSeconds(30);

  private final Services services;
  private final Audited audited;

  SolutionAdmin(Services services, Audited audited) {
    this.services = services;
    this.audited = audited;
  }

  /**
   * A part of what is kept of an ensemble, the newest first.
   *
   * @param team whose; "none" for what was asked without a key
   * @param page token of the part; empty for the first
   */
  public ListSolutionsResponse solutions(String team, String ensemble, int limit, String page) {
    var request =
        ListSolutionsRequest.newBuilder()
            .setTeam(team)
            .setEnsemble(ensemble)
            .setPageSize(limit)
            .setPageToken(page)
            .build();
    return ask(stub -> stub.listSolutions(request));
  }

  /** Deletes one. */
  public void delete(String team, String ensemble, long id, Author author) {
    var request =
        DeleteSolutionRequest.newBuilder().setTeam(team).setEnsemble(ensemble).setId(id).build();
    audited.doing(
        author,
        () -> ask(stub -> stub.deleteSolution(request)),
        _ -> Optional.of(change(ensemble)));
  }

  /** Deletes all, and what students learned from; tells how much there was. */
  public DeleteSolutionsResponse delete(String team, String ensemble, Author author) {
    var request = DeleteSolutionsRequest.newBuilder().setTeam(team).setEnsemble(ensemble).build();
    return audited.doing(
        author,
        () -> ask(stub -> stub.deleteSolutions(request)),
        done ->
            done.getDeleted() + done.getForgotten() == 0
                ? Optional.empty()
                : Optional.of(change(ensemble)));
  }

  private <T> T ask(Function<SolutionServiceBlockingStub, T> question) {
    return services.ask(Services.CASCADE, WITHIN, SolutionServiceGrpc::newBlockingStub, question);
  }

  private static ServiceChange change(String ensemble) {
    return new ServiceChange(Services.CASCADE, Action.DELETE, Subject.SOLUTION, ensemble, null);
  }
}
