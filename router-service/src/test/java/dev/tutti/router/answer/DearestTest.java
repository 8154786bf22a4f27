package dev.tutti.router.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.generation.v1.CallKind;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Choice;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.MemberCall;
import dev.tutti.generation.v1.MemberUsage;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.Recipe;
import dev.tutti.registry.v1.Model;
import dev.tutti.router.members.Entry;
import dev.tutti.type.v1.Member;
import dev.tutti.type.v1.Prices;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class DearestTest {

  private static final Entry.Elsewhere ENTRY =
      new Entry.Elsewhere(
          Recipe.newBuilder()
              .setEnsemble("e")
              .addMembers(member("cheap", 1, 2))
              .addMembers(member("dear", 10, 20))
              .build(),
          Family.FAMILY_FUSION);

  private static Member member(String name, double prompt, double completion) {
    return Member.newBuilder()
        .setModel(name)
        .setPrices(
            Prices.newBuilder()
                .setUsdPerMillionPromptTokens(prompt)
                .setUsdPerMillionCompletionTokens(completion))
        .build();
  }

  /** The cheap one read 100 tokens and wrote 50, for 0.0002 US dollars. */
  private static Completion.Builder cheapAnswered() {
    Completion.Builder completion = Completion.newBuilder().setCostUsd(0.0002);
    completion
        .getUsageBuilder()
        .addMembers(
            MemberUsage.newBuilder()
                .setMember("cheap")
                .setPromptTokens(100)
                .setCompletionTokens(50)
                .setCostUsd(0.0002));
    completion
        .getDecisionBuilder()
        .addCandidates(Candidate.newBuilder().setMember("cheap").setCalled(true).setChosen(true))
        .addCandidates(Candidate.newBuilder().setMember("dear"));
    return completion;
  }

  private static double usd(Completion.Builder completion) {
    return Dearest.usd(ENTRY, completion.build()).orElseThrow();
  }

  @Test
  void whoeverWasNotCalledCostsItsPricesByTheTokensOfTheAnswer() {
    // 100 tokens at 10 and 50 at 20 US dollars a million.
    assertEquals(0.002, usd(cheapAnswered()), 1e-12);
  }

  @Test
  void whoeverWasCalledCostsWhatItDid() {
    Completion.Builder both = cheapAnswered();
    both.getUsageBuilder()
        .addMembers(
            MemberUsage.newBuilder()
                .setMember("dear")
                .setPromptTokens(100)
                .setCompletionTokens(90)
                .setCostUsd(0.0028));
    both.getDecisionBuilder().getCandidatesBuilder(1).setCalled(true);
    assertEquals(0.0028, usd(both), 1e-12);
  }

  @Test
  void ofSeveralCallsItIsOneInTheMean() {
    Completion.Builder sampled = cheapAnswered();
    // Four samples made the 100 and 50 tokens; the dear one judged them.
    Candidate.Builder cheap = sampled.getDecisionBuilder().getCandidatesBuilder(0);
    for (int i = 0; i < 4; i++) {
      cheap.addCalls(call("", 0.00005));
    }
    sampled
        .getUsageBuilder()
        .addMembers(
            MemberUsage.newBuilder()
                .setMember("dear")
                .setPromptTokens(9_000)
                .setCompletionTokens(1)
                .setCostUsd(0.09002));
    sampled
        .getDecisionBuilder()
        .getCandidatesBuilder(1)
        .setCalled(true)
        .addCalls(call("judge", 0.09002));
    // 25 tokens at 10 and 12.5, rounded to 13, at 20.
    assertEquals(0.00051, usd(sampled), 1e-12);
    // It answered too, twice; a third time it failed, and used nothing.
    sampled
        .getDecisionBuilder()
        .getCandidatesBuilder(1)
        .addCalls(call("", 0.0004))
        .addCalls(call("", 0.0006))
        .addCalls(call("", 0).setFailure("Full."));
    assertEquals(0.0005, usd(sampled), 1e-12);
    sampled.getDecisionBuilder().getCandidatesBuilder(0).addCalls(call("", 0).setFailure("Full."));
    sampled.getDecisionBuilder().getCandidatesBuilder(1).clearCalls().addCalls(call("judge", 0.1));
    assertEquals(0.00051, usd(sampled), 1e-12, "four calls, not five");
  }

  private static MemberCall.Builder call(String purpose, double usd) {
    return MemberCall.newBuilder()
        .setKind(CallKind.CALL_KIND_GENERATE)
        .setPurpose(purpose)
        .setCostUsd(usd);
  }

  @Test
  void aCascadeSaysItItself() {
    Completion.Builder cascade = cheapAnswered();
    cascade.getDecisionBuilder().setCostAvoidedUsd(0.5);
    assertEquals(0.5002, usd(cascade), 1e-12);
    cascade.getDecisionBuilder().setCostAvoidedUsd(-0.0001);
    assertEquals(0.0001, usd(cascade), 1e-12);
    // Nothing costs less than nothing, or more than can be kept.
    cascade.getDecisionBuilder().setCostAvoidedUsd(-7);
    assertEquals(0, usd(cascade));
    cascade.getDecisionBuilder().setCostAvoidedUsd(Double.POSITIVE_INFINITY);
    assertEquals(1e11, usd(cascade));
  }

  @Test
  void whereNobodyCouldHaveBeenDearerNothingIsCompared() {
    Completion completion = cheapAnswered().build();
    var single =
        new Entry.Single(Model.newBuilder().setName("cheap").build(), member("cheap", 1, 2));
    assertEquals(OptionalDouble.empty(), Dearest.usd(single, completion));
    var priceless =
        new Entry.Elsewhere(
            Recipe.newBuilder().addMembers(Member.newBuilder().setModel("other")).build(),
            Family.FAMILY_TOKEN);
    assertEquals(OptionalDouble.empty(), Dearest.usd(priceless, completion));
    assertTrue(
        Dearest.usd(
                ENTRY,
                completion.toBuilder()
                    .addChoices(Choice.getDefaultInstance())
                    .addChoices(Choice.getDefaultInstance())
                    .build())
            .isEmpty());
    assertTrue(Dearest.usd(ENTRY, Completion.getDefaultInstance()).isEmpty());
  }
}
