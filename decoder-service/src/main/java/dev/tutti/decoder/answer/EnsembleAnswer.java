package dev.tutti.decoder.answer;

import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.Fitted;
import dev.tutti.decoder.JointEnsembleCatalog;
import dev.tutti.decoder.JointPlan;
import dev.tutti.decoder.JointSession;
import dev.tutti.decoder.JointSettings;
import dev.tutti.decoder.MemberActivity;
import dev.tutti.decoder.MemberPrompt;
import dev.tutti.decoder.OpenedSessions;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.Turn;
import dev.tutti.decoder.bytes.BytePlan;
import dev.tutti.decoder.runtime.AtOnce;
import dev.tutti.decoder.runtime.ComputeThreads;
import dev.tutti.decoder.runtime.SessionLimit;
import dev.tutti.decoder.runtime.openai.EndpointException;
import dev.tutti.decoder.runtime.openai.RemoteTopSession;
import dev.tutti.decoder.sampling.AdjustedPrompt;
import dev.tutti.decoder.sampling.Adjustments;
import dev.tutti.decoder.sampling.Answer;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Spent;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.RecipeRequest;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;

/** Answers as a token-level ensemble. */
@Singleton
public class EnsembleAnswer {

  private final AnswerMember.Finder found;
  private final SessionLimit limit;
  private final FusionPlans plans;
  private final ComputeThreads threads;
  private final StepRunner runner;
  private final DecoderMetrics metrics;

  /**
   * An answerer.
   *
   * @param runner of the steps whose members all compute here
   */
  public EnsembleAnswer(
      AnswerMember.Finder found,
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

  /**
   * Answers a request that brings a recipe.
   *
   * @throws FailureException when the recipe is wrong, the budget does not pay for a first step, or
   *     nobody is left to go on; what was used by then is told before it
   */
  public void generate(GenerateRequest wanted, EventSink<GenerateResponse> sink) {
    RecipeRequest request = RecipeRequest.of(wanted);
    plans.require(request.recipe());
    Wire.requireTexts(request.sampling(), request.recipe().getEnsemble());
    JointSettings settings = JointEnsembleCatalog.SHARED.parseOwn(request.recipe().getSettings());
    var members = new ArrayList<AnswerMember>();
    try {
      for (int m = 0; m < request.members().size(); m++) {
        members.add(
            found.find(
                request.recipe().getMethod(),
                request.members().get(m).getModel(),
                "recipe.members[%d].model".formatted(m),
                settings));
      }
      generate(request, settings, members, sink);
    } catch (CancellationException e) {
      // Methods know nothing of calls.
      throw new CancelledException();
    } finally {
      members.forEach(AnswerMember::close);
    }
  }

  /** A plan may need what only a member can tell, which may be on another machine. */
  private FusionPlans.Planned planned(RecipeRequest request, List<AnswerMember> members) {
    try {
      return threads.run(() -> plans.of(request.recipe(), members));
    } catch (DecodeException e) {
      throw new FailureException(
          members.stream().allMatch(AnswerMember::computes)
              ? new Failure.Internal("MODEL_FAILED", e.getMessage())
              : new Failure.Unavailable("MEMBER_FAILED", e.getMessage()),
          e);
    }
  }

  private void generate(
      RecipeRequest request,
      JointSettings settings,
      List<AnswerMember> members,
      EventSink<GenerateResponse> sink) {
    // Maps between vocabularies may take long to build; the caller may leave meanwhile.
    FusionPlans.Planned planned = planned(request, members);
    JointPlan plan = planned.plan();
    List<Turn> turns = Wire.turns(request.messages());
    // All of them before any is cut into tokens.
    members.forEach(member -> member.requireMayFit(turns));
    int here = (int) members.stream().filter(AnswerMember::computes).count();
    boolean bills = members.stream().anyMatch(AnswerMember::bills);
    // An answer that only waits for others counts as one session.
    try (SessionLimit.Permit permit = limit.acquire(Math.max(1, here * plan.sessions()))) {
      List<MemberPrompt> cut =
          threads.run(() -> members.stream().map(member -> member.prompt(turns)).toList());
      var opened = new OpenedSessions(cut, permit);
      List<MemberPrompt> prompts = adjusted(request, plan, opened.prompts());
      var budget = new EnsembleBudget(request);
      budget.requireAffordable(prompts);
      boolean computesOnly = here == members.size();
      StepRunner its = computesOnly ? runner : atOnce(members, settings);
      try (opened;
          JointSession session = plan.open(prompts, its)) {
        if (!computesOnly) {
          opened.reserve(its);
        }
        var watch = new MemberWatch(request, settings, members, session, sink);
        var writing =
            new Writing(
                Wire.sampling(
                    request.sampling(), plan.temperature(), room(request, plan.room(prompts))),
                Wire.seed(request.sampling()),
                request.members().stream().map(RecipeRequest::name).toList(),
                watch);
        Answer answer = write(budget, session, writing, watch, computesOnly, bills);
        metrics.ensembleAnswered(request.recipe().getEnsemble(), answer);
        count(request, session);
        sink.emit(
            GenerateResponse.newBuilder()
                .setCompletion(
                    completion(
                        budget,
                        session,
                        permit,
                        answer,
                        decision(planned.fitted(), budget, session, writing, watch)))
                .build());
      }
    }
  }

  /** Where bytes are written, members adjust their own tokens. */
  private static List<MemberPrompt> adjusted(
      RecipeRequest request, JointPlan plan, List<MemberPrompt> prompts) {
    Adjustments adjustments = Wire.adjustments(request.sampling()).ofPieces();
    if (!(plan instanceof BytePlan) || adjustments.isNothing()) {
      return prompts;
    }
    var adjusted = new ArrayList<MemberPrompt>();
    for (int m = 0; m < prompts.size(); m++) {
      adjusted.add(
          new AdjustedPrompt(prompts.get(m), plan.members().get(m).tokenizer(), adjustments));
    }
    return adjusted;
  }

  private static int room(RecipeRequest request, int room) {
    // Where nobody bounds the answer it must end all the same.
    return room == RemoteTopSession.UNKNOWN && !request.sampling().hasMaxTokens()
        ? RemoteTopSession.UNBOUNDED_ANSWER
        : room;
  }

  private StepRunner atOnce(List<AnswerMember> members, JointSettings settings) {
    var computing = new BitSet();
    for (int m = 0; m < members.size(); m++) {
      computing.set(m, members.get(m).computes());
    }
    return new AtOnce(
        computing,
        threads,
        settings.lateSeconds().stream()
            .mapToObj(seconds -> Duration.ofNanos((long) (seconds * 1e9)))
            .findFirst());
  }

  private Answer write(
      EnsembleBudget budget,
      JointSession session,
      Writing all,
      MemberWatch watch,
      boolean computesOnly,
      boolean bills) {
    Supplier<Answer> writing =
        () -> {
          Answer answer =
              all.write(
                  session,
                  session.vocabulary(),
                  () -> {
                    watch.look();
                    if (bills) {
                      // Now: where the caller leaves, it cannot be told any more.
                      tell(budget, session, watch.sink());
                    }
                    return budget.affordsStep(session);
                  });
          watch.look();
          return answer;
        };
    try {
      // Waiting for others is for the call's own virtual thread.
      return computesOnly ? threads.run(writing) : writing.get();
    } catch (EndpointException e) {
      spent(budget, session, watch.sink());
      throw new FailureException(e.failure(), e);
    } catch (FailureException e) {
      if (bills) {
        // Endpoints bill what they did, whoever failed.
        spent(budget, session, watch.sink());
      }
      throw e.getCause() instanceof DecodeException && watch.anyAway()
          ? new FailureException(
              new Failure.Unavailable("MEMBER_FAILED", e.failure().message()), e.getCause())
          : e;
    }
  }

  /** Tells and counts what was used by an answer that a failure ended. */
  private void spent(
      EnsembleBudget budget, JointSession session, EventSink<GenerateResponse> sink) {
    count(budget.request(), session);
    tell(budget, session, sink);
  }

  private static void tell(
      EnsembleBudget budget, JointSession session, EventSink<GenerateResponse> sink) {
    Spent spent = budget.spent(session);
    if (spent.getUsage().getMembersCount() > 0) {
      sink.emit(GenerateResponse.newBuilder().setSpent(spent).build());
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

  private Decision decision(
      Optional<Fitted> fitted,
      EnsembleBudget budget,
      JointSession session,
      Writing writing,
      MemberWatch watch) {
    Decision.Builder decision =
        EnsembleDecision.of(
            plans.definition(budget.request().recipe()), budget, session, writing, watch);
    fitted.ifPresent(
        its -> decision.setArtifact(its.artifact()).setArtifactVersion(its.on().version()));
    return decision.build();
  }

  private static Completion completion(
      EnsembleBudget budget,
      JointSession session,
      SessionLimit.Permit permit,
      Answer answer,
      Decision decision) {
    Spent spent = budget.spent(session);
    return Completion.newBuilder()
        .setText(answer.text())
        .setFinishReason(Wire.finish(answer.finish()))
        .setAuthor(budget.request().recipe().getEnsemble())
        .setUsage(spent.getUsage())
        .setCostUsd(spent.getCostUsd())
        .setTiming(Wire.timing(permit.queued(), answer))
        .setSignals(Wire.signals(answer.signals()).setAgreement(session.agreement()))
        .setDecision(decision)
        .build();
  }
}
