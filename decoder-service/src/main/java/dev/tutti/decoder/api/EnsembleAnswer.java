package dev.tutti.decoder.api;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.FusedSession;
import dev.tutti.decoder.FusionPlan;
import dev.tutti.decoder.MemberActivity;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenEnsembleCatalog;
import dev.tutti.decoder.Turn;
import dev.tutti.decoder.runtime.ComputeThreads;
import dev.tutti.decoder.runtime.ModelPool;
import dev.tutti.decoder.runtime.SessionLimit;
import dev.tutti.decoder.sampling.Answer;
import dev.tutti.decoder.sampling.Sampling;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.MemberUsage;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.method.v1.Family;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;

/** Answers as a token-level ensemble. */
@Singleton
class EnsembleAnswer {

  private final ModelPool pool;
  private final SessionLimit limit;
  private final FusionPlans plans;
  private final ComputeThreads threads;
  private final StepRunner runner;
  private final DecoderMetrics metrics;

  EnsembleAnswer(
      ModelPool pool,
      SessionLimit limit,
      FusionPlans plans,
      ComputeThreads threads,
      StepRunner runner,
      DecoderMetrics metrics) {
    this.pool = pool;
    this.limit = limit;
    this.plans = plans;
    this.threads = threads;
    this.runner = runner;
    this.metrics = metrics;
  }

  void generate(GenerateRequest wanted, EventSink<GenerateResponse> sink) {
    RecipeRequest request = RecipeRequest.of(wanted);
    // Before any model is loaded: a wrong recipe costs nothing.
    TokenEnsembleCatalog.METHODS.create(request.recipe());
    var leases = new ArrayList<ModelPool.Lease>();
    try {
      for (int m = 0; m < request.members().size(); m++) {
        leases.add(
            pool.acquire(
                request.members().get(m).getModel(), "recipe.members[%d].model".formatted(m)));
      }
      generate(request, leases, sink);
    } finally {
      leases.forEach(ModelPool.Lease::close);
    }
  }

  private void generate(
      RecipeRequest request, List<ModelPool.Lease> leases, EventSink<GenerateResponse> sink) {
    FusionPlan plan = plans.of(request.recipe(), leases);
    List<Turn> turns = Wire.turns(request.messages());
    // All of them before any is cut into tokens.
    leases.forEach(lease -> AnswerRun.requireMayFit(lease, turns));
    try (SessionLimit.Permit permit = limit.acquire(leases.size())) {
      List<int[]> prompts =
          threads.run(() -> leases.stream().map(l -> AnswerRun.prompt(l, turns)).toList());
      requireAffordable(request, prompts);
      generate(request, plan, leases, prompts, permit, sink);
    }
  }

  private void generate(
      RecipeRequest request,
      FusionPlan plan,
      List<ModelPool.Lease> leases,
      List<int[]> prompts,
      SessionLimit.Permit permit,
      EventSink<GenerateResponse> sink) {
    int room = Integer.MAX_VALUE;
    for (int m = 0; m < prompts.size(); m++) {
      room = Math.min(room, leases.get(m).contextLength() - prompts.get(m).length);
    }
    Sampling sampling = Wire.sampling(request.sampling(), plan.temperature(), room);
    long seed = AnswerRun.seed(request.sampling());
    try (FusedSession session = plan.open(sessions(leases, prompts), runner)) {
      Answer answer =
          threads.run(
              () ->
                  AnswerRun.write(
                      session,
                      plan.aligner().shared(),
                      sampling,
                      seed,
                      () -> affordsStep(request, session),
                      sink));
      metrics.answered(request.recipe().getEnsemble(), answer);
      sink.emit(
          GenerateResponse.newBuilder()
              .setCompletion(completion(request, plan, session, permit, answer, sampling, seed))
              .build());
    }
  }

  private static List<DecodeSession> sessions(List<ModelPool.Lease> leases, List<int[]> prompts) {
    var sessions = new ArrayList<DecodeSession>();
    for (int m = 0; m < leases.size(); m++) {
      DecodeSession session = leases.get(m).model().open();
      session.append(prompts.get(m));
      sessions.add(session);
    }
    return sessions;
  }

  /** The budget must pay for the prompts and a first step of all members. */
  private static void requireAffordable(RecipeRequest request, List<int[]> prompts) {
    double least = 0;
    for (int m = 0; m < prompts.size(); m++) {
      least += Wire.cost(request.members().get(m).getPrices(), prompts.get(m).length, 1);
    }
    if (!pays(request, least)) {
      throw new Failure.FailedPrecondition(
              "recipe.budget.usd_per_request",
              "BUDGET_EXCEEDED",
              "Reading the prompt and writing one token costs %s USD; the budget is %s USD."
                  .formatted(least, request.budgetUsd().getAsDouble()))
          .exception();
    }
  }

  /** Whether the budget pays for what was done and a further step of all members. */
  private static boolean affordsStep(RecipeRequest request, FusedSession session) {
    double cost = 0;
    for (int m = 0; m < request.members().size(); m++) {
      MemberActivity after = session.activityAfterStep(m);
      cost +=
          Wire.cost(
              request.members().get(m).getPrices(), after.tokensRead(), after.tokensWritten());
    }
    return pays(request, cost);
  }

  private static boolean pays(RecipeRequest request, double cost) {
    // Sums of prices round; a budget for exactly n tokens pays for n.
    return request.budgetUsd().isEmpty() || cost <= request.budgetUsd().getAsDouble() * (1 + 1e-9);
  }

  private Completion completion(
      RecipeRequest request,
      FusionPlan plan,
      FusedSession session,
      SessionLimit.Permit permit,
      Answer answer,
      Sampling sampling,
      long seed) {
    Usage.Builder usage = Usage.newBuilder();
    Decision.Builder decision = request.decision(Family.FAMILY_TOKEN);
    double cost = 0;
    double tookPart = 0;
    for (int m = 0; m < request.members().size(); m++) {
      tookPart += session.activity(m).tokensWritten() > 0 ? plan.weights().get(m) : 0;
    }
    for (int m = 0; m < request.members().size(); m++) {
      MemberActivity activity = session.activity(m);
      String name = RecipeRequest.name(request.members().get(m));
      boolean wrote = activity.tokensWritten() > 0;
      boolean called = wrote || activity.failure().isPresent();
      double own =
          Wire.cost(
              request.members().get(m).getPrices(),
              activity.tokensRead(),
              activity.tokensWritten());
      cost += own;
      Candidate.Builder candidate =
          Candidate.newBuilder()
              .setMember(name)
              .setCalled(called)
              .setChosen(wrote)
              .setFailure(activity.failure().orElse(""));
      if (called) {
        candidate.setCostUsd(own);
      }
      if (wrote) {
        candidate.setWeight(plan.weights().get(m) / tookPart);
        usage.addMembers(
            MemberUsage.newBuilder()
                .setMember(name)
                .setPromptTokens(activity.tokensRead())
                .setCompletionTokens(activity.tokensWritten())
                .setCostUsd(own));
        metrics.tokens(name, activity.tokensRead(), activity.tokensWritten());
      }
      decision.addCandidates(candidate);
      usage
          .setPromptTokens(usage.getPromptTokens() + activity.tokensRead())
          .setCompletionTokens(usage.getCompletionTokens() + activity.tokensWritten());
    }
    decision
        .setInputs(inputs(request, session, sampling, seed))
        .setExplanation(
            "%d members wrote the answer together, token by token; more than one took part in %d of %d steps."
                .formatted(plan.members().size(), session.fusedSteps(), session.steps()));
    return Completion.newBuilder()
        .setText(answer.text())
        .setFinishReason(Wire.finish(answer.finish()))
        .setAuthor(request.recipe().getEnsemble())
        .setUsage(usage)
        .setCostUsd(cost)
        .setTiming(Wire.timing(permit.queued(), answer))
        .setSignals(Wire.signals(answer.signals()).setAgreement(session.agreement()))
        .setDecision(decision)
        .build();
  }

  private static Struct inputs(
      RecipeRequest request, FusedSession session, Sampling sampling, long seed) {
    Struct.Builder inputs = Struct.newBuilder();
    // Every setting with the value that counted, defaults included.
    TokenEnsembleCatalog.METHODS
        .find(request.recipe().getMethod())
        .orElseThrow()
        .schema()
        .describe()
        .forEach(setting -> inputs.putFields(setting.getName(), setting.getDefaultValue()));
    inputs.putAllFields(request.recipe().getSettings().getFieldsMap());
    inputs.putFields("steps", number(session.steps()));
    inputs.putFields("ensembled_steps", number(session.fusedSteps()));
    inputs.putFields("temperature", number(sampling.temperature()));
    // As text: a number in a Struct is a double.
    inputs.putFields("seed", Value.newBuilder().setStringValue(Long.toString(seed)).build());
    return inputs.build();
  }

  private static Value number(double value) {
    return Value.newBuilder().setNumberValue(value).build();
  }
}
