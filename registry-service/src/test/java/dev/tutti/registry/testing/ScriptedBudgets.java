package dev.tutti.registry.testing;

import com.google.protobuf.util.Timestamps;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.router.v1.BudgetReset;
import dev.tutti.router.v1.BudgetServiceGrpc;
import dev.tutti.router.v1.DayBudget;
import dev.tutti.router.v1.GetBudgetRequest;
import dev.tutti.router.v1.GetBudgetResponse;
import dev.tutti.router.v1.ListBudgetResetsRequest;
import dev.tutti.router.v1.ListBudgetResetsResponse;
import dev.tutti.router.v1.ListBudgetsRequest;
import dev.tutti.router.v1.ListBudgetsResponse;
import dev.tutti.router.v1.ResetBudgetRequest;
import dev.tutti.router.v1.ResetBudgetResponse;
import io.grpc.stub.StreamObserver;

/** A router in which {@code org/Paced} has a budget of a day, and is in debt. */
final class ScriptedBudgets extends BudgetServiceGrpc.BudgetServiceImplBase {

  private static final String NAME = "org/Paced";

  private volatile String resetBy = "";

  private static DayBudget budget(String ensemble, double left) {
    if (!ensemble.equals(NAME)) {
      throw new Failure.NotFound(
              "ensemble", "BUDGET_NOT_FOUND", "'%s' has no budget of a day.".formatted(ensemble))
          .exception();
    }
    return DayBudget.newBuilder()
        .setEnsemble(NAME)
        .setUsdPerDay(24)
        .setLeftUsd(left)
        .setHeldUsd(0.25)
        .setSecondsUntilLeft(left < 0 ? 3_600 : 0)
        .build();
  }

  @Override
  public void listBudgets(
      ListBudgetsRequest request, StreamObserver<ListBudgetsResponse> observer) {
    ServerCalls.unary(
        observer, () -> ListBudgetsResponse.newBuilder().addBudgets(budget(NAME, -1)).build());
  }

  @Override
  public void getBudget(GetBudgetRequest request, StreamObserver<GetBudgetResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> GetBudgetResponse.newBuilder().setBudget(budget(request.getEnsemble(), -1)).build());
  }

  @Override
  public void resetBudget(
      ResetBudgetRequest request, StreamObserver<ResetBudgetResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> {
          DayBudget budget = budget(request.getEnsemble(), 0.5);
          resetBy = request.getAuthor();
          return ResetBudgetResponse.newBuilder().setBudget(budget).build();
        });
  }

  @Override
  public void listBudgetResets(
      ListBudgetResetsRequest request, StreamObserver<ListBudgetResetsResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            ListBudgetResetsResponse.newBuilder()
                .addResets(
                    BudgetReset.newBuilder()
                        .setNumber(1)
                        .setEnsemble(budget(request.getEnsemble(), -1).getEnsemble())
                        .setBeforeUsd(-1)
                        .setAfterUsd(0.5)
                        .setAuthor(resetBy)
                        .setTime(Timestamps.fromSeconds(1_600_000_000L)))
                .build());
  }
}
