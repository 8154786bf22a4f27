package dev.tutti.router.answer;

import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.RequestRules;
import dev.tutti.router.Fitted;
import dev.tutti.router.Pool;
import dev.tutti.router.Route;
import dev.tutti.router.access.Caller;
import dev.tutti.router.limit.Limits;
import dev.tutti.router.members.Entry;
import dev.tutti.router.members.KnownNames;
import dev.tutti.router.method.selection.BatchBudget;
import dev.tutti.router.v1.BatchAssignment;
import dev.tutti.router.v1.RouteBatchRequest;
import dev.tutti.router.v1.RouteBatchResponse;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Whom to ask for each query of a batch that has one budget ({@link BatchBudget}). */
@ApplicationScoped
public class Batches {

  /** Most queries of a batch. */
  public static final int MOST = 1_000;

  private final KnownNames names;
  private final Planner planner;
  private final Limits limits;

  Batches(KnownNames names, Planner planner, Limits limits) {
    this.names = names;
    this.planner = planner;
    this.limits = limits;
  }

  /**
   * Assigns a member to each query.
   *
   * @throws dev.tutti.kit.grpc.FailureException when the request is wrong, the ensemble's method
   *     estimates no quality, or the budget is too small
   */
  public RouteBatchResponse route(RouteBatchRequest request) {
    int size = request.getQueriesCount();
    if (size < 1 || size > MOST) {
      throw Failure.invalid(
          "queries", "There are %d queries; 1 to %d are allowed.".formatted(size, MOST));
    }
    if (!(request.getUsd() > 0) || Double.isInfinite(request.getUsd())) {
      throw Failure.invalid(
          "usd", "usd is %s; it must be above 0 and finite.".formatted(request.getUsd()));
    }
    Caller.current().requireMayAsk(names.own(request.getName()));
    if (!(names.resolve(request.getName()) instanceof Entry.Routed entry)
        || !(entry.router() instanceof Fitted)) {
      throw new Failure.InvalidArgument(
              "name",
              "NO_ESTIMATES",
              "'%s' is no routing ensemble whose method estimates quality: there is nothing to weigh against money."
                  .formatted(request.getName()))
          .exception();
    }
    limits.admit(0, 0).settleFree();
    List<Plan> plans =
        planner.plans(
            entry,
            request.getQueriesList().stream()
                .map(q -> checked(request.getName(), q.getMessagesList()))
                .toList());
    var quality = new double[size][];
    var usd = new double[size][];
    for (int i = 0; i < size; i++) {
      Map<String, Double> costs =
          plans.get(i).pool().members().stream()
              .collect(Collectors.toMap(Pool.Member::name, Pool.Member::usd));
      List<Route.Choice> ranked = plans.get(i).route().ranked();
      quality[i] = ranked.stream().mapToDouble(Route.Choice::score).toArray();
      usd[i] = ranked.stream().mapToDouble(c -> costs.get(c.member())).toArray();
    }
    int[] chosen;
    try {
      chosen = BatchBudget.assign(quality, usd, request.getUsd());
    } catch (IllegalArgumentException e) {
      throw Failure.invalid("usd", e.getMessage());
    }
    RouteBatchResponse.Builder response = RouteBatchResponse.newBuilder();
    for (int i = 0; i < size; i++) {
      response.addAssignments(
          BatchAssignment.newBuilder()
              .setMember(plans.get(i).route().ranked().get(chosen[i]).member())
              .setExpectedQuality(quality[i][chosen[i]])
              .setExpectedUsd(usd[i][chosen[i]]));
      response.setExpectedUsd(response.getExpectedUsd() + usd[i][chosen[i]]);
      response.setExpectedQuality(response.getExpectedQuality() + quality[i][chosen[i]] / size);
    }
    return response.build();
  }

  private static GenerateRequest checked(
      String name, List<dev.tutti.generation.v1.Message> messages) {
    GenerateRequest request =
        GenerateRequest.newBuilder()
            .setRequestId("batch")
            .setName(name)
            .addAllMessages(messages)
            .build();
    RequestRules.check(request);
    return request;
  }
}
