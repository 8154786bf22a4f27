package dev.tutti.router.api.grpc;

import com.google.protobuf.util.Timestamps;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.router.budget.BudgetAdmin;
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
import io.quarkus.grpc.GrpcService;

/** {@code BudgetService}: what ensembles with a budget of a day may still spend. */
@GrpcService
public class BudgetEndpoint extends BudgetServiceGrpc.BudgetServiceImplBase {

  private static final int MOST_RESETS = 100;
  private static final int LONGEST_AUTHOR = 128;

  private final BudgetAdmin budgets;

  BudgetEndpoint(BudgetAdmin budgets) {
    this.budgets = budgets;
  }

  @Override
  public void listBudgets(
      ListBudgetsRequest request, StreamObserver<ListBudgetsResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            ListBudgetsResponse.newBuilder()
                .addAllBudgets(budgets.standings().stream().map(BudgetEndpoint::message).toList())
                .build());
  }

  @Override
  public void getBudget(GetBudgetRequest request, StreamObserver<GetBudgetResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            GetBudgetResponse.newBuilder()
                .setBudget(message(budgets.standing(request.getEnsemble())))
                .build());
  }

  @Override
  public void resetBudget(
      ResetBudgetRequest request, StreamObserver<ResetBudgetResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            ResetBudgetResponse.newBuilder()
                .setBudget(
                    message(budgets.reset(request.getEnsemble(), author(request.getAuthor()))))
                .build());
  }

  @Override
  public void listBudgetResets(
      ListBudgetResetsRequest request, StreamObserver<ListBudgetResetsResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            ListBudgetResetsResponse.newBuilder()
                .addAllResets(
                    budgets.changes(request.getEnsemble(), MOST_RESETS).stream()
                        .map(BudgetEndpoint::message)
                        .toList())
                .build());
  }

  private static String author(String text) {
    if (text.length() > LONGEST_AUTHOR || text.chars().anyMatch(c -> c < ' ' || c > '~')) {
      throw Failure.invalid(
          "author",
          "author must have at most %d printable ASCII characters.".formatted(LONGEST_AUTHOR));
    }
    return text.isBlank() ? "anonymous" : text.strip();
  }

  private static DayBudget message(BudgetAdmin.Standing standing) {
    return DayBudget.newBuilder()
        .setEnsemble(standing.ensemble())
        .setUsdPerDay(standing.usdPerDay())
        .setLeftUsd(standing.leftUsd())
        .setHeldUsd(standing.heldUsd())
        .setSecondsUntilLeft(standing.untilSomethingIsLeft().toMillis() / 1e3)
        .build();
  }

  private static BudgetReset message(BudgetAdmin.Change change) {
    return BudgetReset.newBuilder()
        .setNumber(change.number())
        .setEnsemble(change.ensemble())
        .setBeforeUsd(change.balanceBefore())
        .setAfterUsd(change.balanceAfter())
        .setAuthor(change.author())
        .setTime(Timestamps.fromMillis(change.at().toEpochMilli()))
        .build();
  }
}
