package dev.tutti.cascade.answer;

import dev.tutti.cascade.Policy;
import dev.tutti.cascade.v1.BroughtAnswer;
import dev.tutti.cascade.v1.DecideResponse;
import dev.tutti.cascade.v1.DecidedAnswer;
import dev.tutti.cascade.v1.Verdict;
import dev.tutti.cascade.v1.WantedCall;
import dev.tutti.generation.v1.CallKind;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.Spent;
import dev.tutti.kit.calls.Asked;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.CallRunner;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Outcome;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.grpc.RecipeRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One request's way over answers that its caller has: as {@link CascadeAnswer}, until the policy
 * takes one, gives none, or wants what the caller does not have. Nobody is asked but the platform's
 * own embedder.
 *
 * <p>What the caller has is looked at whatever it did cost; what would have to be asked for must be
 * within what the budget leaves.
 */
final class BroughtCascade {

  private final RecipeRequest request;
  private final Policy policy;
  private final Optional<Footing> footing;
  private final CallRunner runner;
  private final CallerCalls calls;
  private final List<DecidedAnswer.Builder> seen = new ArrayList<>();
  private OptionalDouble tooDear = OptionalDouble.empty();

  /**
   * Of a request that a policy answers.
   *
   * @throws dev.tutti.kit.grpc.FailureException where an answer is not as it must be
   */
  BroughtCascade(
      RecipeRequest request,
      Policy policy,
      Optional<Footing> footing,
      CallRunner runner,
      List<BroughtAnswer> answers) {
    this.request = request;
    this.policy = policy;
    this.footing = footing;
    this.runner = runner;
    this.calls = new CallerCalls(request, answers);
    answers.forEach(its -> seen.add(DecidedAnswer.newBuilder().setMember(its.getMember())));
  }

  /** Says what is to be done. */
  DecideResponse decide() {
    Policy.Step step = last();
    Decision.Builder decision = CascadeDecision.of(request, runner, step, tooDear);
    footing.ifPresent(its -> its.tell(decision));
    DecideResponse.Builder response =
        DecideResponse.newBuilder()
            .setDecision(decision)
            .setVerdict(
                switch (step) {
                  case Policy.Accept _ -> Verdict.VERDICT_ACCEPT;
                  case Policy.Ask _ -> Verdict.VERDICT_DEFER;
                  case Policy.Abstain _ -> Verdict.VERDICT_ABSTAIN;
                });
    step.confidence().ifPresent(response::setConfidence);
    step.threshold().ifPresent(response::setThreshold);
    if (step instanceof Policy.Accept accept) {
      Asked given = runner.log().outcomes().get(accept.stage()).asked();
      response.setChosen(calls.place(given).orElseThrow());
    }
    if (step instanceof Policy.Ask ask) {
      response.addAllWanted(wanted(ask));
    }
    seen.forEach(response::addAnswers);
    return response.build();
  }

  /** The last step, which is no {@link Policy.Ask} of what the caller has. */
  private Policy.Step last() {
    Policy.Step step = policy.next(runner.episode());
    for (int round = 0; round < CascadeAnswer.MOST_ROUNDS; round++) {
      judge(step);
      if (!(step instanceof Policy.Ask ask)) {
        return step;
      }
      if (!isThere(ask)) {
        tooDear = runner.costs().beyond(ask.calls());
        return tooDear.isEmpty() ? ask : withoutMoney();
      }
      runner.run(
          ask.calls(),
          which -> which.member() == Call.PLATFORM ? Optional.empty() : Optional.of(ended(which)),
          ask.turns(),
          _ -> {});
      step = policy.next(runner.episode());
    }
    throw CascadeAnswer.tooManyRounds(request);
  }

  /** Nobody can be asked any more. */
  private Policy.Step withoutMoney() {
    if (runner.log().outcomes().isEmpty()) {
      return new Policy.Abstain(OptionalDouble.empty(), "There is no answer.");
    }
    Policy.Step step = policy.next(runner.episode().exhaust());
    if (step instanceof Policy.Ask) {
      throw CascadeAnswer.asksBeyondBudget(request);
    }
    judge(step);
    return step;
  }

  private Outcome ended(Asked which) {
    Outcome outcome =
        calls
            .take(which)
            // Its samples that there are settle it: the others would not have been waited for.
            .orElseGet(() -> new Outcome.Unneeded(which, Spent.getDefaultInstance(), 0));
    calls.place(which).ifPresent(place -> seen.get(place).setSeen(true));
    return outcome;
  }

  /** Whether the caller has all that is wanted, or so much of it that the rest changes nothing. */
  private boolean isThere(Policy.Ask ask) {
    var stages = new ArrayList<>(runner.episode().stages());
    int round = runner.episode().rounds() + 1;
    int call = stages.stream().mapToInt(stage -> stage.asked().call()).max().orElse(-1);
    var pending = new ArrayList<Integer>();
    boolean some = true;
    List<List<Integer>> there = calls.there(ask.calls());
    for (int c = 0; c < there.size(); c++) {
      Call its = ask.calls().get(c);
      if (its.member() == Call.PLATFORM) {
        continue;
      }
      List<Integer> places = there.get(c);
      some &= !places.isEmpty();
      for (int sample = 0; sample < places.size(); sample++) {
        var asked = new Asked(call + 1 + c, sample, its.member(), round, its.purpose());
        stages.add(calls.outcome(asked, places.get(sample)).stage());
      }
      pending.addAll(Collections.nCopies(its.samples() - places.size(), its.member()));
    }
    return pending.isEmpty() || (some && policy.isSettled(with(stages), pending));
  }

  private Episode with(List<Episode.Stage> stages) {
    Episode now = runner.episode();
    return new Episode(now.query(), now.members(), stages, now.usdLeft(), now.exhausted());
  }

  private void judge(Policy.Step step) {
    List<Outcome> outcomes = runner.log().outcomes();
    int latest = CascadeAnswer.latest(outcomes);
    if (latest < 0) {
      return;
    }
    runner.log().judge(latest, step.confidence(), step.threshold());
    calls
        .place(outcomes.get(latest).asked())
        .ifPresent(
            place -> {
              step.confidence().ifPresent(seen.get(place)::setConfidence);
              step.threshold().ifPresent(seen.get(place)::setThreshold);
            });
  }

  private List<WantedCall> wanted(Policy.Ask ask) {
    var wanted = new ArrayList<WantedCall>();
    List<List<Integer>> there = calls.there(ask.calls());
    for (int c = 0; c < there.size(); c++) {
      Call call = ask.calls().get(c);
      int missing = call.samples() - there.get(c).size();
      if (call.member() != Call.PLATFORM && missing > 0) {
        wanted.add(wanted(call, missing));
      }
    }
    return wanted;
  }

  private WantedCall wanted(Call call, int missing) {
    WantedCall.Builder wanted =
        WantedCall.newBuilder()
            .setMember(RecipeRequest.name(request.members().get(call.member())))
            .setSamples(missing)
            .setPurpose(call.purpose());
    switch (call) {
      case Call.Generate generate -> {
        var sent = runner.sent(generate);
        wanted.setKind(CallKind.CALL_KIND_GENERATE).setSampling(sent.getSampling());
        if (generate.prompt() instanceof Prompt.Rewritten) {
          wanted.addAllMessages(sent.getMessagesList());
        }
      }
      case Call.Score score -> wanted.setKind(CallKind.CALL_KIND_SCORE).addAllTexts(score.texts());
      case Call.Embed embed -> wanted.setKind(CallKind.CALL_KIND_EMBED).addAllTexts(embed.texts());
    }
    return wanted.build();
  }
}
