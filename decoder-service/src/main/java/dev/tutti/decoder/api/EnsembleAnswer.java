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
import dev.tutti.type.v1.Prices;
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
    var prompts = new ArrayList<int[]>();
    int room = Integer.MAX_VALUE;
    for (ModelPool.Lease lease : leases) {
      int[] prompt = AnswerRun.prompt(lease, turns);
      prompts.add(prompt);
      room = Math.min(room, lease.contextLength() - prompt.length);
    }
    Sampling sampling =
        Wire.sampling(
            request.sampling(), plan.temperature(), Math.min(room, affordable(request, prompts)));
    long seed = AnswerRun.seed(request.sampling());
    try (SessionLimit.Permit permit = limit.acquire(leases.size());
        FusedSession session = plan.open(sessions(leases, prompts), runner)) {
      Answer answer =
          threads.run(
              () -> AnswerRun.write(session, plan.aligner().shared(), sampling, seed, sink));
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

  /** Tokens that the budget pays for when every member takes part in every step. */
  private static int affordable(RecipeRequest request, List<int[]> prompts) {
    if (request.budgetUsd().isEmpty()) {
      return Integer.MAX_VALUE;
    }
    double prompt = 0;
    double step = 0;
    for (int m = 0; m < prompts.size(); m++) {
      Prices prices = request.members().get(m).getPrices();
      prompt += Wire.cost(prices, prompts.get(m).length, 0);
      step += Wire.cost(prices, 0, 1);
    }
    double budget = request.budgetUsd().getAsDouble();
    if (prompt + step > budget) {
      throw new Failure.FailedPrecondition(
              "recipe.budget.usd_per_request",
              "BUDGET_EXCEEDED",
              "Reading the prompt and writing one token costs %s USD; the budget is %s USD."
                  .formatted(prompt + step, budget))
          .exception();
    }
    return step == 0
        ? Integer.MAX_VALUE
        : (int) Math.min(Integer.MAX_VALUE, (budget - prompt) / step);
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
    for (int m = 0; m < request.members().size(); m++) {
      MemberActivity activity = session.activity(m);
      String name = RecipeRequest.name(request.members().get(m));
      boolean called = activity.tokensWritten() > 0;
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
              .setChosen(called)
              .setWeight(plan.weights().get(m))
              .setFailure(activity.failure().orElse(""));
      if (called) {
        candidate.setCostUsd(own);
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
