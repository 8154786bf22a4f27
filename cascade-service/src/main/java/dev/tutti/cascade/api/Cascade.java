package dev.tutti.cascade.api;

import com.google.protobuf.util.Durations;
import dev.tutti.cascade.CascadeCatalog;
import dev.tutti.cascade.DeferralRule;
import dev.tutti.cascade.Episode;
import dev.tutti.cascade.Query;
import dev.tutti.cascade.Verdict;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Progress;
import dev.tutti.generation.v1.Signals;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.TextDelta;
import dev.tutti.generation.v1.Timing;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.CostEstimate;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.MemberAnswer;
import dev.tutti.kit.grpc.MemberCalls;
import dev.tutti.kit.grpc.MemberFailures;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.Stages;
import dev.tutti.kit.grpc.Usages;
import dev.tutti.type.v1.Member;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalDouble;

/** One request's way: ask a member, let the rule decide, give the answer or ask the next. */
final class Cascade {

  private final RecipeRequest request;
  private final DeferralRule rule;
  private final MemberCalls calls;
  private final EventSink<GenerateResponse> sink;
  private final long start = System.nanoTime();
  private final List<StageRecord> records = new ArrayList<>();
  private long firstTokenNanos = -1;

  Cascade(RecipeRequest request, MemberCalls calls, EventSink<GenerateResponse> sink) {
    this.request = request;
    this.rule = CascadeCatalog.METHODS.create(request.recipe());
    this.calls = calls;
    this.sink = sink;
  }

  /**
   * Answers.
   *
   * @return number of members that were asked
   */
  int answer() {
    requireBudgetForOne();
    while (true) {
      boolean live = rule.acceptsNext(episode(false));
      ask(records.size(), live);
      boolean all = records.size() == request.members().size();
      if (all) {
        requireSomeAnswer();
      }
      Verdict verdict = rule.decide(episode(all));
      OptionalDouble tooDear = OptionalDouble.empty();
      if (verdict instanceof Verdict.Defer) {
        tooDear = costBeyondBudget();
        if (tooDear.isPresent()) {
          requireSomeAnswer();
          verdict = rule.decide(episode(true));
        }
      }
      StageRecord record = records.getLast().with(verdict.confidence());
      records.set(records.size() - 1, record);
      switch (verdict) {
        case Verdict.Defer defer -> progress("deferred", record.member(), defer.explanation());
        case Verdict.Accept accept -> {
          StageRecord accepted = records.get(accept.stage());
          progress("accepted", accepted.member(), accept.explanation());
          give(accepted, accept, tooDear);
          return records.size();
        }
        case Verdict.Abstain abstain -> {
          progress("abstained", record.member(), abstain.explanation());
          abstain(abstain, tooDear);
          return records.size();
        }
      }
    }
  }

  private void requireSomeAnswer() {
    if (answers().isEmpty()) {
      throw MemberFailures.combined(failures());
    }
  }

  private void ask(int stage, boolean live) {
    Member member = request.members().get(stage);
    progress(Stages.ASKING, member, "");
    try {
      MemberAnswer answer =
          calls.ask(
              request,
              member,
              request.sampling(),
              // A member that hangs must leave time for those behind it.
              request.members().size() - stage,
              delta -> {
                if (live) {
                  emit(member, delta);
                }
              });
      ended(StageRecord.answered(member, answer, live));
    } catch (FailureException e) {
      ended(StageRecord.failed(member, e, live));
      if (firstTokenNanos >= 0) {
        // Text of this answer is out already; another answer cannot take its place.
        throw e;
      }
      progress("failed", member, e.failure().message());
    }
  }

  private void ended(StageRecord record) {
    records.add(record);
    // Now: where the caller leaves, or the rest fails, it cannot be told any more.
    if (Usages.isSomething(record.spent())) {
      sink.emit(GenerateResponse.newBuilder().setSpent(spent()).build());
    }
  }

  /** What all that were asked used, those that failed among them. */
  private Spent spent() {
    var spent = new LinkedHashMap<String, Spent>();
    records.forEach(r -> spent.put(RecipeRequest.name(r.member()), r.spent()));
    return Usages.total(spent);
  }

  private Episode episode(boolean exhausted) {
    return new Episode(
        new Query(request.question()),
        request.members().size(),
        records.stream().map(StageRecord::stage).toList(),
        exhausted);
  }

  /**
   * The first member at least must fit.
   *
   * @throws FailureException ({@link Failure.FailedPrecondition})
   */
  private void requireBudgetForOne() {
    OptionalDouble tooDear = costBeyondBudget();
    if (tooDear.isPresent()) {
      throw new Failure.FailedPrecondition(
              "recipe.budget.usd_per_request",
              "BUDGET_TOO_SMALL",
              ("Asking '%s' alone would cost about %.3g USD; the budget is %.3g USD. Fewer"
                      + " max_tokens cost less.")
                  .formatted(
                      RecipeRequest.name(request.members().getFirst()),
                      tooDear.getAsDouble(),
                      request.budgetUsd().getAsDouble()))
          .exception();
    }
  }

  /** What asking the next member would make the request cost, where that is beyond the budget. */
  private OptionalDouble costBeyondBudget() {
    if (request.budgetUsd().isEmpty() || records.size() == request.members().size()) {
      return OptionalDouble.empty();
    }
    double usd = spent().getCostUsd() + nextCall().usd(request.members().get(records.size()));
    return usd > request.budgetUsd().getAsDouble()
        ? OptionalDouble.of(usd)
        : OptionalDouble.empty();
  }

  /** As long as the longest answer so far; by the text and max_tokens where there is none yet. */
  private CostEstimate nextCall() {
    List<Usage> usages = answers().stream().map(a -> a.completion().getUsage()).toList();
    return usages.isEmpty()
        ? CostEstimate.of(request.messages(), request.sampling())
        : new CostEstimate(
            usages.stream().mapToLong(Usage::getPromptTokens).max().orElseThrow(),
            usages.stream().mapToLong(Usage::getCompletionTokens).max().orElseThrow());
  }

  private List<MemberAnswer> answers() {
    return records.stream().flatMap(record -> record.answer().stream()).toList();
  }

  private LinkedHashMap<String, Failure> failures() {
    var failures = new LinkedHashMap<String, Failure>();
    for (StageRecord record : records) {
      record.failure().ifPresent(f -> failures.put(RecipeRequest.name(record.member()), f));
    }
    return failures;
  }

  private void give(StageRecord accepted, Verdict.Accept verdict, OptionalDouble tooDear) {
    MemberAnswer answer = accepted.answer().orElseThrow();
    if (!accepted.live()) {
      answer.deltas().forEach(delta -> emit(accepted.member(), delta));
    }
    Completion its = answer.completion();
    complete(
        Completion.newBuilder()
            .setText(its.getText())
            .setFinishReason(its.getFinishReason())
            .setAuthor(answer.member())
            .setSignals(its.getSignals()),
        CascadeDecision.of(request, records, verdict, tooDear));
  }

  private void abstain(Verdict.Abstain verdict, OptionalDouble tooDear) {
    complete(
        Completion.newBuilder()
            .setFinishReason(FinishReason.FINISH_REASON_ABSTAIN)
            .setSignals(Signals.getDefaultInstance()),
        CascadeDecision.of(request, records, verdict, tooDear));
  }

  private void complete(Completion.Builder completion, Decision.Builder decision) {
    Spent spent = spent();
    long total = System.nanoTime() - start;
    completion
        .setUsage(spent.getUsage())
        .setCostUsd(spent.getCostUsd())
        .setDecision(decision.addAllNested(MemberAnswer.nested(answers())))
        .setTiming(
            Timing.newBuilder()
                .setQueued(Durations.ZERO)
                .setFirstToken(Durations.fromNanos(firstTokenNanos < 0 ? total : firstTokenNanos))
                .setTotal(Durations.fromNanos(total)));
    sink.emit(GenerateResponse.newBuilder().setCompletion(completion).build());
  }

  private void emit(Member member, TextDelta delta) {
    if (firstTokenNanos < 0) {
      progress(Stages.ANSWERING, member, "");
      firstTokenNanos = System.nanoTime() - start;
    }
    sink.emit(GenerateResponse.newBuilder().setDelta(delta).build());
  }

  private void progress(String stage, Member member, String message) {
    sink.emit(
        GenerateResponse.newBuilder()
            .setProgress(
                Progress.newBuilder()
                    .setStage(stage)
                    .setMember(RecipeRequest.name(member))
                    .setMessage(message)
                    .setFraction((double) records.size() / request.members().size()))
            .build());
  }
}
