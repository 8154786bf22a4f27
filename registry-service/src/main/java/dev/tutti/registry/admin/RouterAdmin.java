package dev.tutti.registry.admin;

import dev.tutti.registry.Author;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.neighbour.Services;
import dev.tutti.registry.store.ServiceChange;
import dev.tutti.registry.store.ServiceChange.Action;
import dev.tutti.registry.store.ServiceChange.Subject;
import dev.tutti.router.v1.BudgetReset;
import dev.tutti.router.v1.BudgetServiceGrpc;
import dev.tutti.router.v1.BudgetServiceGrpc.BudgetServiceBlockingStub;
import dev.tutti.router.v1.DayBudget;
import dev.tutti.router.v1.GetBudgetRequest;
import dev.tutti.router.v1.GetLearnerRequest;
import dev.tutti.router.v1.KeyServiceGrpc;
import dev.tutti.router.v1.KeySpend;
import dev.tutti.router.v1.Learner;
import dev.tutti.router.v1.LearnerServiceGrpc;
import dev.tutti.router.v1.LearnerServiceGrpc.LearnerServiceBlockingStub;
import dev.tutti.router.v1.ListBudgetResetsRequest;
import dev.tutti.router.v1.ListBudgetsRequest;
import dev.tutti.router.v1.ListKeySpendRequest;
import dev.tutti.router.v1.ListLearnersRequest;
import dev.tutti.router.v1.RebuildLearnerRequest;
import dev.tutti.router.v1.RebuildLearnerResponse;
import dev.tutti.router.v1.ResetBudgetRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What only router-service keeps: what routing ensembles learned from feedback, what ensembles may
 * spend in a day, and what keys have spent. All methods block, and throw {@link RefusedException}
 * with what it answers.
 */
@ApplicationScoped
public class RouterAdmin {

  private static final Duration WITHIN = Duration.ofSeconds(30);

  /** Learning all feedback anew takes as long as there is feedback. */
  private static final Duration TO_REBUILD = Duration.ofMinutes(10);

  private final Services services;
  private final Audited audited;

  RouterAdmin(Services services, Audited audited) {
    this.services = services;
    this.audited = audited;
  }

  /** Every ensemble that learns, by name. */
  public List<Learner> learners() {
    return learner(WITHIN, stub -> stub.listLearners(ListLearnersRequest.getDefaultInstance()))
        .getLearnersList();
  }

  /**
   * One.
   *
   * @param ensemble its name, or an alias
   */
  public Learner learner(String ensemble) {
    var request = GetLearnerRequest.newBuilder().setEnsemble(ensemble).build();
    return learner(WITHIN, stub -> stub.getLearner(request)).getLearner();
  }

  /** Learns all feedback on an ensemble anew, from nothing. */
  public RebuildLearnerResponse rebuild(String ensemble, Author author) {
    var request = RebuildLearnerRequest.newBuilder().setEnsemble(ensemble).build();
    return audited.doing(
        author,
        () -> learner(TO_REBUILD, stub -> stub.rebuildLearner(request)),
        done -> change(Action.REBUILD, Subject.LEARNER, done.getLearner().getEnsemble()));
  }

  /** Every budget of a day, by the name of its ensemble. */
  public List<DayBudget> budgets() {
    return budget(stub -> stub.listBudgets(ListBudgetsRequest.getDefaultInstance()))
        .getBudgetsList();
  }

  /**
   * One.
   *
   * @param ensemble its name, or an alias
   */
  public DayBudget budget(String ensemble) {
    var request = GetBudgetRequest.newBuilder().setEnsemble(ensemble).build();
    return budget(stub -> stub.getBudget(request)).getBudget();
  }

  /** Begins one anew: what is owed is forgiven. */
  public DayBudget reset(String ensemble, Author author) {
    var request =
        ResetBudgetRequest.newBuilder().setEnsemble(ensemble).setAuthor(author.name()).build();
    return audited.doing(
        author,
        () -> budget(stub -> stub.resetBudget(request)).getBudget(),
        budget -> change(Action.RESET, Subject.BUDGET, budget.getEnsemble()));
  }

  /** Who began one anew, the newest first. */
  public List<BudgetReset> resets(String ensemble) {
    var request = ListBudgetResetsRequest.newBuilder().setEnsemble(ensemble).build();
    return budget(stub -> stub.listBudgetResets(request)).getResetsList();
  }

  /** What keys have spent this day and month, dearest first. */
  public List<KeySpend> keySpend() {
    return services
        .ask(
            Services.ROUTER,
            WITHIN,
            KeyServiceGrpc::newBlockingStub,
            stub -> stub.listKeySpend(ListKeySpendRequest.getDefaultInstance()))
        .getKeysList();
  }

  private <T> T learner(Duration within, Function<LearnerServiceBlockingStub, T> question) {
    return services.ask(Services.ROUTER, within, LearnerServiceGrpc::newBlockingStub, question);
  }

  private <T> T budget(Function<BudgetServiceBlockingStub, T> question) {
    return services.ask(Services.ROUTER, WITHIN, BudgetServiceGrpc::newBlockingStub, question);
  }

  private static Optional<ServiceChange> change(Action action, Subject kind, String ensemble) {
    return Optional.of(new ServiceChange(Services.ROUTER, action, kind, ensemble, null));
  }
}
