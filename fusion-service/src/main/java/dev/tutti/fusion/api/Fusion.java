package dev.tutti.fusion.api;

import com.google.protobuf.util.Durations;
import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.FusionCatalog;
import dev.tutti.fusion.Query;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.fusion.members.ParallelCalls;
import dev.tutti.fusion.members.ParallelCalls.Outcome;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Progress;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.TextDelta;
import dev.tutti.generation.v1.Timing;
import dev.tutti.kit.grpc.CostEstimate;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.MemberAnswer;
import dev.tutti.kit.grpc.MemberFailures;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.Usages;
import dev.tutti.type.v1.Member;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;

/** One request's way: ask all members, let the method weigh, give the chosen answer. */
final class Fusion {

  private final RecipeRequest request;
  private final Selector selector;
  private final ParallelCalls members;
  private final EventSink<GenerateResponse> sink;
  private final long start = System.nanoTime();
  private final Outcome[] outcomes;

  Fusion(RecipeRequest request, ParallelCalls members, EventSink<GenerateResponse> sink) {
    this.request = request;
    this.selector = FusionCatalog.METHODS.create(request.recipe());
    this.members = members;
    this.sink = sink;
    this.outcomes = new Outcome[request.members().size()];
  }

  /**
   * Answers.
   *
   * @return share of the weight that is behind the answer, in [0, 1]
   */
  double answer() {
    requireBudget();
    request.members().forEach(member -> progress("asking", member, "", 0));
    members.ask(request, this::heard);
    List<MemberAnswer> answers =
        Arrays.stream(outcomes)
            .filter(Outcome.Answered.class::isInstance)
            .map(outcome -> ((Outcome.Answered) outcome).answer())
            .toList();
    if (answers.isEmpty()) {
      throw MemberFailures.combined(failures());
    }
    Weighing weighing = selector.weigh(new Query(request.question()), candidates(answers));
    give(answers, weighing);
    return weighing.agreement();
  }

  /**
   * Every member is called, so all of them together must fit.
   *
   * @throws dev.tutti.kit.grpc.FailureException ({@link Failure.FailedPrecondition})
   */
  private void requireBudget() {
    if (request.budgetUsd().isEmpty()) {
      return;
    }
    double budget = request.budgetUsd().getAsDouble();
    CostEstimate estimate = CostEstimate.of(request.messages(), request.sampling());
    double usd = request.members().stream().mapToDouble(estimate::usd).sum();
    if (usd > budget) {
      throw new Failure.FailedPrecondition(
              "recipe.budget.usd_per_request",
              "BUDGET_TOO_SMALL",
              ("Asking all %d members would cost about %.3g USD (%d prompt and up to %d completion"
                      + " tokens each); the budget is %.3g USD. Fewer max_tokens cost less.")
                  .formatted(
                      outcomes.length,
                      usd,
                      estimate.promptTokens(),
                      estimate.completionTokens(),
                      budget))
          .exception();
    }
  }

  private void heard(Outcome outcome) {
    outcomes[outcome.place()] = outcome;
    Member member = request.members().get(outcome.place());
    double fraction = (double) Arrays.stream(outcomes).filter(Objects::nonNull).count();
    fraction /= outcomes.length;
    switch (outcome) {
      case Outcome.Answered _ -> progress("answered", member, "", fraction);
      case Outcome.Failed failed ->
          progress("failed", member, failed.failure().message(), fraction);
    }
    // Now: where the caller leaves, or the rest fails, it cannot be told any more.
    if (Usages.isSomething(outcome.spent())) {
      sink.emit(GenerateResponse.newBuilder().setSpent(spent()).build());
    }
  }

  /** What all whose call has ended used, those that failed among them. */
  private Spent spent() {
    var spent = new LinkedHashMap<String, Spent>();
    for (Outcome outcome : outcomes) {
      if (outcome != null) {
        spent.put(RecipeRequest.name(request.members().get(outcome.place())), outcome.spent());
      }
    }
    return Usages.total(spent);
  }

  private LinkedHashMap<String, Failure> failures() {
    var failures = new LinkedHashMap<String, Failure>();
    for (Outcome outcome : outcomes) {
      if (outcome instanceof Outcome.Failed(int place, Failure failure, _)) {
        failures.put(RecipeRequest.name(request.members().get(place)), failure);
      }
    }
    return failures;
  }

  private Candidates candidates(List<MemberAnswer> answers) {
    var priors = new LinkedHashMap<String, Double>();
    for (Member member : request.members()) {
      priors.put(RecipeRequest.name(member), member.hasWeight() ? member.getWeight() : 1);
    }
    return new Candidates(
        answers.stream()
            .map(a -> new Answer(a.member(), priors.get(a.member()), a.completion().getText()))
            .toList());
  }

  private void give(List<MemberAnswer> answers, Weighing weighing) {
    MemberAnswer chosen = answers.get(weighing.chosen());
    Timing.Builder timing =
        Timing.newBuilder()
            .setQueued(chosen.completion().getTiming().getQueued())
            .setFirstToken(Durations.fromNanos(System.nanoTime() - start));
    for (TextDelta delta : chosen.deltas()) {
      sink.emit(GenerateResponse.newBuilder().setDelta(delta).build());
    }
    Spent spent = spent();
    Completion.Builder completion =
        Completion.newBuilder()
            .setText(chosen.completion().getText())
            .setFinishReason(chosen.completion().getFinishReason())
            .setAuthor(chosen.member())
            .setUsage(spent.getUsage())
            .setCostUsd(spent.getCostUsd())
            .setSignals(
                chosen.completion().getSignals().toBuilder().setAgreement(weighing.agreement()))
            .setDecision(
                FusionDecision.of(request, List.of(outcomes), weighing).toBuilder()
                    .addAllNested(MemberAnswer.nested(answers)))
            .setTiming(timing.setTotal(Durations.fromNanos(System.nanoTime() - start)));
    sink.emit(GenerateResponse.newBuilder().setCompletion(completion).build());
  }

  private void progress(String stage, Member member, String message, double fraction) {
    sink.emit(
        GenerateResponse.newBuilder()
            .setProgress(
                Progress.newBuilder()
                    .setStage(stage)
                    .setMember(RecipeRequest.name(member))
                    .setMessage(message)
                    .setFraction(fraction))
            .build());
  }
}
