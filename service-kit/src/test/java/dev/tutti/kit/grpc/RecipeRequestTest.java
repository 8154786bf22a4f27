package dev.tutti.kit.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.method.v1.Budget;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.Recipe;
import dev.tutti.type.v1.Member;
import dev.tutti.type.v1.Prices;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecipeRequestTest {

  private static final Message HELLO =
      Message.newBuilder().setRole(Role.ROLE_USER).setContent("hello").build();

  private static GenerateRequest.Builder good() {
    return GenerateRequest.newBuilder()
        .setRequestId("r1")
        .setRecipe(
            Recipe.newBuilder().setEnsemble("e").addMembers(Member.newBuilder().setModel("m")))
        .addMessages(HELLO);
  }

  @Test
  void anIdIsKeptOrDrawn() {
    assertEquals("r1", RecipeRequest.of(good().build()).id());
    RecipeRequest drawn = RecipeRequest.of(good().clearRequestId().build());
    assertFalse(drawn.id().isEmpty());
    assertEquals(drawn.id(), drawn.request().getRequestId());
  }

  @Test
  void anIdForgesNoLineOfTheLog() {
    for (String id : new String[] {"a\nb", "a\rb", "a\u0000", "a\u001b[2J", "\u2028", "\u00fc"}) {
      FailureException e =
          assertThrows(
              FailureException.class, () -> RequestRules.check(good().setRequestId(id).build()));
      assertEquals("request_id", ((Failure.InvalidArgument) e.failure()).field());
    }
    RequestRules.check(good().setRequestId("chat-1.2 ~/x").build());
  }

  @Test
  void aMemberGetsTheSameConversationOneDeeper() {
    RecipeRequest request = RecipeRequest.of(good().setDepth(2).build());
    Sampling sampling = Sampling.newBuilder().setSeed(5).build();
    Member model = Member.newBuilder().setModel("m").setWeight(2).build();
    GenerateRequest next = request.forMember(model, sampling);
    assertEquals(model, next.getMember());
    assertEquals(3, next.getDepth());
    assertEquals("r1", next.getRequestId());
    assertEquals(5, next.getSampling().getSeed());
    assertEquals(request.messages(), next.getMessagesList());
    Member ensemble = Member.newBuilder().setEnsemble("inner").build();
    assertEquals("inner", request.forMember(ensemble, sampling).getName());
  }

  @Test
  void theQuestionIsWhatTheUserSaidLast() {
    Message assistant = HELLO.toBuilder().setRole(Role.ROLE_ASSISTANT).setContent("hi").build();
    assertEquals("hello", RecipeRequest.of(good().addMessages(assistant).build()).question());
    assertEquals("", RecipeRequest.of(good().setMessages(0, assistant).build()).question());
  }

  @Test
  void aDecisionNamesRequestAndRecipe() {
    Recipe recipe = good().getRecipe().toBuilder().setVersion(3).setMethod("vote").build();
    Decision decision =
        RecipeRequest.of(good().setRecipe(recipe).build()).decision(Family.FAMILY_FUSION).build();
    assertEquals("r1", decision.getId());
    assertEquals("e", decision.getEnsemble());
    assertEquals(3, decision.getEnsembleVersion());
    assertEquals("vote", decision.getMethod());
    assertEquals(Family.FAMILY_FUSION, decision.getFamily());
    assertTrue(decision.hasTime());
  }

  @Test
  void eachFaultIsNamedWithItsField() {
    assertRefused(good().setName("m"), "target");
    assertRefused(good().clearTarget(), "target");
    assertRefused(good().clearMessages(), "messages");
    assertRefused(good().addAllMessages(Collections.nCopies(1024, HELLO)), "messages");
    assertRefused(good().addMessages(Message.newBuilder().setContent("x")), "messages[1].role");
    assertRefused(good().setDepth(9), "depth");
    assertRefused(good().setDepth(-1), "depth");
    assertRefused(good().setRequestId("x".repeat(129)), "request_id");
    Recipe recipe = good().getRecipe();
    assertRefused(good().setRecipe(recipe.toBuilder().clearEnsemble()), "recipe.ensemble");
    for (String name : List.of("a\0b", "a\nb", "a\u0085b", "x".repeat(129))) {
      assertRefused(good().setRecipe(recipe.toBuilder().setEnsemble(name)), "recipe.ensemble");
      for (Member.Builder member :
          List.of(Member.newBuilder().setModel(name), Member.newBuilder().setEnsemble(name))) {
        assertRefused(
            good().setRecipe(recipe.toBuilder().setMembers(0, member)), "recipe.members[0]");
      }
      assertRefused(
          good()
              .setRecipe(
                  recipe.toBuilder().setMembers(0, Member.newBuilder().setModel("m").setAs(name))),
          "recipe.members[0].as");
    }
    for (double usd : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertRefused(
          good()
              .setRecipe(
                  recipe.toBuilder().setBudget(Budget.newBuilder().setUsdPerRequest(usd).build())),
          "recipe.budget.usd_per_request");
      assertRefused(
          good()
              .setRecipe(
                  recipe.toBuilder().setBudget(Budget.newBuilder().setUsdPerDay(usd).build())),
          "recipe.budget.usd_per_day");
    }
    assertRefused(
        good()
            .setRecipe(
                recipe.toBuilder()
                    .setMembers(
                        0,
                        Member.newBuilder()
                            .setModel("m")
                            .setPrices(Prices.newBuilder().setUsdPerMillionPromptTokens(-1)))),
        "recipe.members[0].prices");
  }

  @Test
  void samplingStaysWithinTheContract() {
    assertRefused(sampling().setTemperature(-0.1), "sampling.temperature");
    assertRefused(sampling().setTemperature(2.1), "sampling.temperature");
    assertRefused(sampling().setTemperature(Double.NaN), "sampling.temperature");
    assertRefused(sampling().setTopP(0), "sampling.top_p");
    assertRefused(sampling().setTopP(1.1), "sampling.top_p");
    assertRefused(sampling().setTopK(0), "sampling.top_k");
    assertRefused(sampling().setMaxTokens(0), "sampling.max_tokens");
    assertRefused(sampling().addStop(""), "sampling.stop");
    assertRefused(sampling().addStop("x".repeat(257)), "sampling.stop");
    assertRefused(sampling().addAllStop(Collections.nCopies(5, "x")), "sampling.stop");
    assertRefused(sampling().setTopLogprobs(1), "sampling.top_logprobs");
    assertRefused(sampling().setFrequencyPenalty(2.1), "sampling.frequency_penalty");
    assertRefused(sampling().setFrequencyPenalty(Double.NaN), "sampling.frequency_penalty");
    assertRefused(sampling().setPresencePenalty(-2.1), "sampling.presence_penalty");
    for (String key : List.of("5", "Paris", "\"5\"")) {
      for (double bias : new double[] {100.1, -100.1, Double.NaN, Double.NEGATIVE_INFINITY}) {
        assertRefused(sampling().putLogitBias(key, bias), "sampling.logit_bias");
      }
    }
    for (String key : List.of("", "\"\"", "-1", "99999999999", "x".repeat(257))) {
      assertRefused(sampling().putLogitBias(key, 1), "sampling.logit_bias");
    }
    Sampling.Builder many = sampling();
    for (int i = 0; i <= 1_024; i++) {
      many.putLogitBias("" + i, 1);
    }
    assertRefused(many, "sampling.logit_bias");
    Sampling.Builder texts = sampling();
    for (int i = 0; i < 129; i++) {
      if (i == 128) {
        RequestRules.check(good().setSampling(texts).build());
      }
      texts.putLogitBias("x%03d".formatted(i) + "a".repeat(252), 1);
    }
    assertRefused(texts, "sampling.logit_bias");
    assertRefused(sampling().setLogprobs(true).setTopLogprobs(21), "sampling.top_logprobs");
    RequestRules.check(
        good()
            .setSampling(
                sampling()
                    .setTemperature(2)
                    .setTopP(1)
                    .setTopK(1)
                    .setMaxTokens(1)
                    .addStop("x".repeat(256))
                    .setLogprobs(true)
                    .setTopLogprobs(20))
            .build());
  }

  private static Sampling.Builder sampling() {
    return Sampling.newBuilder();
  }

  private static void assertRefused(Sampling.Builder sampling, String field) {
    assertRefused(good().setSampling(sampling), field);
  }

  private static void assertRefused(GenerateRequest.Builder request, String field) {
    FailureException e =
        assertThrows(FailureException.class, () -> RecipeRequest.of(request.build()));
    assertEquals(
        field, assertInstanceOf(Failure.InvalidArgument.class, e.failure()).field(), e::getMessage);
    assertTrue(e.getMessage().endsWith(".") || field.equals("target"), e.getMessage());
  }
}
