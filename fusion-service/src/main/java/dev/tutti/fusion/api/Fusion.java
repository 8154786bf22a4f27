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
import dev.tutti.kit.grpc.Stages;
import dev.tutti.kit.grpc.Usages;
import dev.tutti.type.v1.Member;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * One request's way: ask all members, let the method weigh, give the chosen answer. Once what is
 * chosen cannot change any more, members that are still at it get {@value #GRACE_SECONDS} s more;
 * one that stalls holds nobody up.
 */
final class Fusion implements ParallelCalls.Listener {

  private static final int GRACE_SECONDS = 2;

  private final RecipeRequest request;
  private final Selector selector;
  private final ParallelCalls members;
  private final EventSink<GenerateResponse> sink;
  private final long start = System.nanoTime();
  private final Outcome[] outcomes;
  private Optional<Instant> lastMoment = Optional.empty();

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
    request.members().forEach(m -> progress(Stages.ASKING, RecipeRequest.name(m), "", 0));
    members.ask(request, this);
    List<MemberAnswer> answers = answers();
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

  private List<MemberAnswer> answers() {
    return Arrays.stream(outcomes)
        .filter(Outcome.Answered.class::isInstance)
        .map(outcome -> ((Outcome.Answered) outcome).answer())
        .toList();
  }

  @Override
  public void heard(Outcome outcome) {
    outcomes[outcome.place()] = outcome;
    String member = RecipeRequest.name(request.members().get(outcome.place()));
    double fraction = (double) Arrays.stream(outcomes).filter(Objects::nonNull).count();
    fraction /= outcomes.length;
    switch (outcome) {
      case Outcome.Answered _ -> progress("answered", member, "", fraction);
      case Outcome.Failed failed ->
          progress("failed", member, failed.failure().message(), fraction);
      case Outcome.Unneeded _ -> progress("unneeded", member, "", fraction);
    }
    // Now: where the caller leaves, or the rest fails, it cannot be told any more.
    if (Usages.isSomething(outcome.spent())) {
      sink.emit(GenerateResponse.newBuilder().setSpent(spent()).build());
    }
    settle();
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

  /** Looks whether the others can still change what is chosen. */
  private void settle() {
    List<MemberAnswer> answers = answers();
    if (lastMoment.isPresent() || answers.isEmpty()) {
      return;
    }
    List<Double> pending =
        IntStream.range(0, outcomes.length)
            .filter(place -> outcomes[place] == null)
            .mapToObj(place -> prior(request.members().get(place)))
            .toList();
    if (selector.isSettled(candidates(answers), pending)) {
      lastMoment = Optional.of(Instant.now().plusSeconds(GRACE_SECONDS));
    }
  }

  @Override
  public Optional<Duration> patience() {
    return lastMoment.map(moment -> Duration.between(Instant.now(), moment));
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

  private static double prior(Member member) {
    return member.hasWeight() ? member.getWeight() : 1;
  }

  private Candidates candidates(List<MemberAnswer> answers) {
    var priors = new LinkedHashMap<String, Double>();
    for (Member member : request.members()) {
      priors.put(RecipeRequest.name(member), prior(member));
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
    progress(Stages.ANSWERING, chosen.member(), "", 1);
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

  private void progress(String stage, String member, String message, double fraction) {
    sink.emit(
        GenerateResponse.newBuilder()
            .setProgress(
                Progress.newBuilder()
                    .setStage(stage)
                    .setMember(member)
                    .setMessage(message)
                    .setFraction(fraction))
            .build());
  }
}
