package dev.tutti.decoder.api;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.decoder.JointSession;
import dev.tutti.decoder.MemberActivity;
import dev.tutti.decoder.MemberPrompt;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenEnsembleCatalog;
import dev.tutti.decoder.TokenPlan;
import dev.tutti.decoder.TokenPrompt;
import dev.tutti.decoder.Turn;
import dev.tutti.decoder.runtime.ComputeThreads;
import dev.tutti.decoder.runtime.SessionLimit;
import dev.tutti.decoder.runtime.openai.EndpointException;
import dev.tutti.decoder.runtime.openai.RemoteTopSession;
import dev.tutti.decoder.sampling.Answer;
import dev.tutti.decoder.sampling.Sampling;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.Usages;
import dev.tutti.method.v1.Family;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Supplier;

/** Answers as a token-level ensemble. */
@Singleton
class EnsembleAnswer {

  private final AnswerMembers found;
  private final SessionLimit limit;
  private final FusionPlans plans;
  private final ComputeThreads threads;
  private final StepRunner runner;
  private final DecoderMetrics metrics;

  EnsembleAnswer(
      AnswerMembers found,
      SessionLimit limit,
      FusionPlans plans,
      ComputeThreads threads,
      StepRunner runner,
      DecoderMetrics metrics) {
    this.found = found;
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
    var members = new ArrayList<AnswerMember>();
    try {
      for (int m = 0; m < request.members().size(); m++) {
        members.add(
            found.find(
                request.recipe().getMethod(),
                request.members().get(m).getModel(),
                "recipe.members[%d].model".formatted(m)));
      }
      generate(request, members, sink);
    } finally {
      members.forEach(AnswerMember::close);
    }
  }

  private void generate(
      RecipeRequest request, List<AnswerMember> members, EventSink<GenerateResponse> sink) {
    TokenPlan plan = plans.of(request.recipe(), members);
    List<Turn> turns = Wire.turns(request.messages());
    // All of them before any is cut into tokens.
    members.forEach(member -> member.requireMayFit(turns));
    int here = (int) members.stream().filter(m -> m instanceof AnswerMember.Local).count();
    // An answer that only waits for endpoints counts as one session.
    try (SessionLimit.Permit permit = limit.acquire(Math.max(1, here))) {
      List<MemberPrompt> prompts =
          threads.run(() -> members.stream().map(member -> member.prompt(turns)).toList());
      requireAffordable(request, prompts);
      generate(request, plan, prompts, permit, sink);
    }
  }

  private void generate(
      RecipeRequest request,
      TokenPlan plan,
      List<MemberPrompt> prompts,
      SessionLimit.Permit permit,
      EventSink<GenerateResponse> sink) {
    int room = prompts.stream().mapToInt(MemberPrompt::room).min().orElseThrow();
    if (room == RemoteTopSession.UNKNOWN && !request.sampling().hasMaxTokens()) {
      // Nobody bounds the answer, but it must end.
      room = RemoteTopSession.UNBOUNDED_ANSWER;
    }
    Sampling sampling = Wire.sampling(request.sampling(), plan.temperature(), room);
    long seed = AnswerRun.seed(request.sampling());
    boolean computesOnly = prompts.stream().allMatch(prompt -> prompt instanceof TokenPrompt);
    try (JointSession session = plan.open(prompts, runner(prompts, computesOnly))) {
      Supplier<Answer> writing =
          () ->
              AnswerRun.write(
                  session,
                  session.vocabulary(),
                  sampling,
                  seed,
                  () -> {
                    if (!computesOnly) {
                      // Now: where the caller leaves, it cannot be told any more.
                      tell(request, session, sink);
                    }
                    return affordsStep(request, session);
                  },
                  sink);
      Answer answer;
      try {
        // Waiting for endpoints is for the call's own virtual thread.
        answer = computesOnly ? threads.run(writing) : writing.get();
      } catch (EndpointException e) {
        spent(request, session, sink);
        throw new FailureException(e.failure(), e);
      } catch (FailureException e) {
        if (!computesOnly) {
          // Endpoints bill what they did, whoever failed.
          spent(request, session, sink);
        }
        throw e;
      }
      metrics.ensembleAnswered(request.recipe().getEnsemble(), answer);
      count(request, session);
      sink.emit(
          GenerateResponse.newBuilder()
              .setCompletion(completion(request, plan, session, permit, answer, sampling, seed))
              .build());
    }
  }

  private StepRunner runner(List<MemberPrompt> prompts, boolean computesOnly) {
    if (computesOnly) {
      return runner;
    }
    var computing = new BitSet();
    for (int m = 0; m < prompts.size(); m++) {
      computing.set(m, prompts.get(m) instanceof TokenPrompt);
    }
    return new AtOnce(computing, threads);
  }

  /** Tells and counts what was used by an answer that an endpoint's failure ended. */
  private void spent(
      RecipeRequest request, JointSession session, EventSink<GenerateResponse> sink) {
    count(request, session);
    tell(request, session, sink);
  }

  /** Tells what was used so far. */
  private static void tell(
      RecipeRequest request, JointSession session, EventSink<GenerateResponse> sink) {
    Usage.Builder usage = Usage.newBuilder();
    double cost = 0;
    for (int m = 0; m < request.members().size(); m++) {
      cost += add(request, session, m, usage);
    }
    if (usage.getMembersCount() > 0) {
      sink.emit(
          GenerateResponse.newBuilder()
              .setSpent(Spent.newBuilder().setUsage(usage).setCostUsd(cost))
              .build());
    }
  }

  private void count(RecipeRequest request, JointSession session) {
    for (int m = 0; m < request.members().size(); m++) {
      MemberActivity activity = session.activity(m);
      if (activity.tokensWritten() > 0) {
        metrics.tokens(
            RecipeRequest.name(request.members().get(m)),
            activity.tokensRead(),
            activity.tokensWritten());
      }
    }
  }

  /** Adds what a member used; returns what it cost. */
  private static double add(
      RecipeRequest request, JointSession session, int member, Usage.Builder usage) {
    MemberActivity activity = session.activity(member);
    String name = RecipeRequest.name(request.members().get(member));
    Usage its =
        Usage.newBuilder()
            .setPromptTokens(activity.tokensRead())
            .setCachedPromptTokens(activity.tokensCached())
            .setCompletionTokens(activity.tokensWritten())
            .setEstimated(activity.estimated())
            .build();
    double cost = Usages.usd(request.members().get(member).getPrices(), its);
    // Merging replaces the sums and keeps the members.
    usage.mergeFrom(Usages.sum(usage.build(), its));
    if (activity.tokensWritten() > 0) {
      usage.addMembers(
          Usages.member(name, Spent.newBuilder().setUsage(its).setCostUsd(cost).build()));
    }
    return cost;
  }

  /** The budget must pay for the prompts and a first step of all members. */
  private static void requireAffordable(RecipeRequest request, List<MemberPrompt> prompts) {
    double least = 0;
    for (int m = 0; m < prompts.size(); m++) {
      least += Wire.cost(request.members().get(m).getPrices(), prompts.get(m).tokens(), 1);
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
  private static boolean affordsStep(RecipeRequest request, JointSession session) {
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

  private static Completion completion(
      RecipeRequest request,
      TokenPlan plan,
      JointSession session,
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
      double own = add(request, session, m, usage);
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
      }
      decision.addCandidates(candidate);
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
      RecipeRequest request, JointSession session, Sampling sampling, long seed) {
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
