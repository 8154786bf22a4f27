package dev.tutti.router.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.method.v1.Budget;
import dev.tutti.method.v1.Recipe;
import dev.tutti.router.RouterCatalog;
import dev.tutti.router.budget.Account;
import dev.tutti.router.members.Entry;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import dev.tutti.type.v1.Prices;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PlanTest {

  private static final List<Message> ONE_TURN = turns(1);

  @Test
  void aConversationWithASeedIsDecidedAlikeAndItsTurnsApart() {
    var entry = entry(Map.of());
    int agreements = 0;
    for (long seed = 0; seed < 400; seed++) {
      var choices = new ArrayList<String>();
      for (int turn = 1; turn <= 5; turn++) {
        String first = first(entry, turns(turn), seed);
        assertEquals(first, first(entry, turns(turn), seed));
        choices.add(first);
      }
      for (int turn = 1; turn < 5; turn++) {
        agreements += choices.get(turn).equals(choices.get(turn - 1)) ? 1 : 0;
      }
    }
    // 1,600 pairs of independent fair draws agree 800 times; 4 standard deviations are 80.
    assertEquals(800, agreements, 80);
  }

  @Test
  void neighbouringSeedsAndNestedEnsemblesAreIndependent() {
    int sameSeedNext = 0;
    int nested = 0;
    for (long seed = 0; seed < 1_600; seed++) {
      String here = first(entry(Map.of()), ONE_TURN, seed);
      sameSeedNext += here.equals(first(entry(Map.of()), ONE_TURN, seed + 1)) ? 1 : 0;
      var other =
          new Entry.Routed(
              entry(Map.of()).recipe().toBuilder().setEnsemble("inner").build(),
              entry(Map.of()).router(),
              Map.of(),
              false);
      nested += here.equals(first(other, ONE_TURN, seed)) ? 1 : 0;
    }
    assertEquals(800, sameSeedNext, 80);
    assertEquals(800, nested, 80);
  }

  @Test
  void differentPromptsWithOneSeedAreIndependent() {
    int first = 0;
    int lastIsAsked = 0;
    for (int i = 0; i < 1_600; i++) {
      String member = first(entry(Map.of()), List.of(user("Prompt " + i)), 7);
      assertEquals(member, first(entry(Map.of()), List.of(user("Prompt " + i)), 7));
      first += member.equals("a") ? 1 : 0;
      // The same last message after another history.
      lastIsAsked +=
          member.equals(first(entry(Map.of()), List.of(user("" + i), user("Prompt " + i)), 7))
              ? 1
              : 0;
    }
    assertEquals(800, first, 80);
    assertEquals(800, lastIsAsked, 80);
  }

  @Test
  void whereOneMessageEndsAndAnotherBeginsCounts() {
    int agreements = 0;
    for (int i = 0; i < 1_600; i++) {
      String joined = first(entry(Map.of()), List.of(user("a" + i), user("b")), 7);
      agreements +=
          joined.equals(first(entry(Map.of()), List.of(user("a"), user(i + "b")), 7)) ? 1 : 0;
    }
    assertEquals(800, agreements, 80);
  }

  private final Expectations expectations = new Expectations();

  private final Account account = new Account();
  private final Planner planner =
      new Planner(
          expectations,
          texts -> texts.stream().map(_ -> new float[] {0.6f, 0.8f}).toList(),
          recipe -> recipe.getBudget().hasUsdPerDay() ? Optional.of(account) : Optional.empty());

  private Plan plan(Entry.Routed entry, List<Message> messages, Sampling sampling) {
    return planner.plan(entry, request(messages, sampling));
  }

  private static GenerateRequest request(List<Message> messages, Sampling sampling) {
    return GenerateRequest.newBuilder().addAllMessages(messages).setSampling(sampling).build();
  }

  private static Message user(String content) {
    return Message.newBuilder().setRole(Role.ROLE_USER).setContent(content).build();
  }

  @Test
  void withoutASeedOneIsDrawnAndTold() {
    var seeds = new HashSet<String>();
    for (int i = 0; i < 20; i++) {
      Decision decision =
          plan(entry(Map.of()), ONE_TURN, Sampling.getDefaultInstance()).decision("x").build();
      String seed = decision.getInputs().getFieldsOrThrow("seed").getStringValue();
      seeds.add(seed);
      Plan again =
          plan(
              entry(Map.of()),
              ONE_TURN,
              Sampling.newBuilder().setSeed(Long.parseLong(seed)).build());
      assertEquals(decision.getExplanation(), again.route().explanation());
    }
    assertEquals(20, seeds.size());
  }

  @Test
  void whoIsUnavailableIsLeftOutAndTheRestSharesItsWeight() {
    Plan plan = plan(entry(Map.of("a", "is retired")), ONE_TURN, seeded(1));
    Decision decision = plan.decision("id-1").build();
    assertEquals(1, plan.route().ranked().size());
    assertEquals("a", decision.getCandidates(0).getMember());
    assertEquals(0, decision.getCandidates(0).getPropensity());
    assertEquals("Left out: it is retired.", decision.getCandidates(0).getFailure());
    assertEquals(1, decision.getCandidates(1).getPropensity());
    assertEquals("id-1", decision.getId());
    assertEquals(1, decision.getInputs().getFieldsOrThrow("turn").getNumberValue());
  }

  @Test
  void whoIsTooDearForTheBudgetIsLeftOut() {
    // 8 characters are 2 tokens; with max_tokens 10: a costs 2 * 1 + 10 * 1, b 2 * 3 + 10 * 3
    // millionths.
    var messages =
        List.of(Message.newBuilder().setRole(Role.ROLE_USER).setContent("12345678").build());
    Sampling sampling = Sampling.newBuilder().setMaxTokens(10).setSeed(1).build();
    for (double budget : new double[] {12e-6, 35.9e-6}) {
      Plan plan = plan(budgeted(budget), messages, sampling);
      assertEquals("a", plan.route().ranked().getFirst().member());
      assertEquals(1, plan.route().ranked().size());
      assertTrue(plan.leftOut().get("b").contains("budget"), plan.leftOut().toString());
    }
    assertEquals(2, plan(budgeted(36.1e-6), messages, sampling).route().ranked().size());
    var e = assertThrows(FailureException.class, () -> plan(budgeted(11e-6), messages, sampling));
    var failure = (Failure.InvalidArgument) e.failure();
    assertEquals("BUDGET_EXCEEDED", failure.reason());
    assertTrue(failure.message().contains("1.1E-5"), failure.message());
  }

  @Test
  void whatAnswersCostAndTookIsExpectedOfTheNext() {
    // 4 characters are 1 token; an answer of 10 tokens is not expected to have 256.
    var messages = List.of(user("1234"));
    Sampling sampling = seeded(1);
    Candidate before = plan(entry(Map.of()), messages, sampling).decision("x").getCandidates(1);
    assertEquals((1 + 256) * 3e-6, before.getExpectedUsd(), 1e-12);
    assertFalse(before.hasExpectedSeconds());
    for (double seconds : new double[] {1, 3}) {
      expectations.answered(
          member("b", 3),
          Completion.newBuilder().setUsage(Usage.newBuilder().setCompletionTokens(10)).build(),
          1,
          seconds);
    }
    Candidate after = plan(entry(Map.of()), messages, sampling).decision("x").getCandidates(1);
    assertEquals((1 + 10) * 3e-6, after.getExpectedUsd(), 1e-12);
    assertEquals(2, after.getExpectedSeconds(), 1e-12);
  }

  /** As often as there are choices, and not once more. */
  @Test
  void whatIsExpectedIsEachChoicesOwn() {
    var nested = Member.newBuilder().setEnsemble("inner").build();
    for (Member member : List.of(member("b", 3), nested)) {
      expectations.answered(
          member,
          Completion.newBuilder()
              .setUsage(Usage.newBuilder().setCompletionTokens(40))
              .setCostUsd(1)
              .build(),
          4,
          1);
    }
    var one = entry(Map.of());
    var entry =
        new Entry.Routed(
            one.recipe().toBuilder().setMembers(0, nested).build(), one.router(), Map.of(), false);
    GenerateRequest request =
        request(List.of(user("1234")), seeded(1)).toBuilder().setChoices(3).build();
    Decision decision = planner.plan(entry, request).decision("x").build();
    assertEquals(3 * 0.25, decision.getCandidates(0).getExpectedUsd(), 1e-12);
    assertEquals(3 * (1 + 10) * 3e-6, decision.getCandidates(1).getExpectedUsd(), 1e-12);
  }

  @Test
  void onlyAMethodThatLooksAtItGetsAnEmbedding() {
    assertEquals(0, plan(entry(Map.of()), ONE_TURN, seeded(1)).query().embedding().length);
    var before = entry(Map.of());
    var embedding = new Entry.Routed(before.recipe(), before.router(), Map.of(), true);
    assertEquals(2, plan(embedding, ONE_TURN, seeded(1)).query().embedding().length);
  }

  /** With max_tokens 10, a costs 12 and b 36 millionths of a US dollar. */
  @Test
  void whatIsLeftOfTheDayPaysForTheCheapestAndOneMore() {
    var messages = List.of(user("12345678"));
    GenerateRequest request =
        request(messages, Sampling.newBuilder().setMaxTokens(10).setSeed(1).build());
    Entry.Routed entry = paced();
    account.pay(40e-6);
    assertEquals(2, planner.plan(entry, request).route().ranked().size());
    assertEquals(40e-6, account.left(), 1e-12, "a plan alone spends nothing");
    account.pay(-10e-6);
    Plan first = planner.paid(entry, request).plan();
    assertEquals(12e-6, first.usd(), 1e-12);
    assertEquals(1, first.route().ranked().size());
    assertTrue(first.leftOut().get("b").contains("budget of the day"));
    assertEquals(
        30e-6,
        first.decision("x").getInputs().getFieldsOrThrow("usd_left").getNumberValue(),
        1e-12);
    planner.paid(entry, request);
    assertEquals(6e-6, account.left(), 1e-12);
    planner.paid(entry, request);
    assertEquals(-6e-6, account.left(), 1e-12, "overspent by less than one request");
    var exhausted = assertThrows(FailureException.class, () -> planner.paid(entry, request));
    var failure = (Failure.ResourceExhausted) exhausted.failure();
    assertEquals("BUDGET_EXHAUSTED", failure.reason());
    // 6 millionths are owed, 23 / 24 of a US dollar a day come in: something is left after 0.5 s.
    assertEquals(541, failure.retryAfter().toMillis(), 1);
    account.settle(12e-6, 0);
    assertEquals("a", planner.paid(entry, request).plan().route().ranked().getFirst().member());
  }

  @Test
  void aFreeMemberAnswersWhenNothingIsLeft() {
    Entry.Routed paced = paced();
    Recipe recipe =
        paced.recipe().toBuilder().setMembers(0, member("a", 0).toBuilder().setWeight(1)).build();
    Plan plan =
        planner
            .paid(
                new Entry.Routed(recipe, paced.router(), Map.of(), false),
                request(ONE_TURN, seeded(1)))
            .plan();
    assertEquals(1, plan.route().ranked().size());
    assertEquals("a", plan.route().ranked().getFirst().member());
  }

  private static Entry.Routed paced() {
    var entry = entry(Map.of());
    return new Entry.Routed(
        entry.recipe().toBuilder().setBudget(Budget.newBuilder().setUsdPerDay(1)).build(),
        entry.router(),
        Map.of(),
        false);
  }

  /** It has no price, and costs what its members do. */
  @Test
  void anEnsembleIsNoFreeMember() {
    var nested = Member.newBuilder().setEnsemble("inner").build();
    var one = paced();
    var entry =
        new Entry.Routed(
            one.recipe().toBuilder().clearMembers().addMembers(nested).build(),
            one.router(),
            Map.of(),
            false);
    GenerateRequest request = request(ONE_TURN, seeded(1));
    assertThrows(FailureException.class, () -> planner.paid(entry, request), "nothing is left");
    account.pay(0.3);
    planner.paid(entry, request);
    expectations.answered(nested, Completion.newBuilder().setCostUsd(0.25).build(), 1, 1);
    assertEquals(0.25, planner.paid(entry, request).plan().usd(), 1e-9);
    assertEquals(0.05, account.left(), 1e-6);
    planner.paid(entry, request);
    assertEquals(-0.2, account.left(), 1e-6, "overspent by one request");
    var e = assertThrows(FailureException.class, () -> planner.paid(entry, request));
    assertEquals("BUDGET_EXHAUSTED", e.failure().reason());
  }

  /** What its members cost is expected of it until it has answered. */
  @Test
  void anEnsembleThatNeverAnsweredCostsWhatIsExpectedOfItsMembers() {
    var nested =
        Member.newBuilder()
            .setEnsemble("inner")
            .setPrices(
                Prices.newBuilder()
                    .setUsdPerMillionPromptTokens(4)
                    .setUsdPerMillionCompletionTokens(4))
            .build();
    var one = budgeted(1e-3);
    var entry =
        new Entry.Routed(
            one.recipe().toBuilder().setMembers(1, nested).build(), one.router(), Map.of(), false);
    GenerateRequest request = request(List.of(user("1234")), seeded(1));
    Plan plan = planner.plan(entry, request);
    // 1 token to read and 256 to write at 4 millionths: above a thousandth.
    assertEquals("a", plan.route().ranked().getFirst().member());
    assertTrue(plan.leftOut().get("inner").contains("0.001028"), plan.leftOut().toString());
    expectations.answered(nested, Completion.newBuilder().setCostUsd(0.0005).build(), 1, 1);
    Candidate inner = planner.plan(entry, request).decision("x").getCandidates(1);
    assertEquals(0.0005, inner.getExpectedUsd(), 1e-12);
  }

  private static Entry.Routed budgeted(double usd) {
    var entry = entry(Map.of());
    return new Entry.Routed(
        entry.recipe().toBuilder().setBudget(Budget.newBuilder().setUsdPerRequest(usd)).build(),
        entry.router(),
        Map.of(),
        false);
  }

  /** Members a at 1 and b at 3 US dollars a million tokens. */
  private static Entry.Routed entry(Map<String, String> unavailable) {
    Recipe recipe =
        Recipe.newBuilder()
            .setEnsemble("outer")
            .setMethod("blending")
            .addMembers(member("a", 1))
            .addMembers(member("b", 3))
            .build();
    return Entry.Routed.of(recipe, RouterCatalog.METHODS).without(unavailable);
  }

  private static Member member(String name, double price) {
    return Member.newBuilder()
        .setModel(name)
        .addCapabilities(Capability.CAPABILITY_GENERATION)
        .setPrices(
            Prices.newBuilder()
                .setUsdPerMillionPromptTokens(price)
                .setUsdPerMillionCompletionTokens(price))
        .build();
  }

  private static List<Message> turns(int count) {
    var messages = new ArrayList<Message>();
    for (int i = 0; i < count; i++) {
      messages.add(Message.newBuilder().setRole(Role.ROLE_USER).setContent("?").build());
      messages.add(Message.newBuilder().setRole(Role.ROLE_ASSISTANT).setContent("!").build());
    }
    return messages;
  }

  private static Sampling seeded(long seed) {
    return Sampling.newBuilder().setSeed(seed).build();
  }

  private String first(Entry.Routed entry, List<Message> messages, long seed) {
    return plan(entry, messages, seeded(seed)).route().ranked().getFirst().member();
  }
}
