package dev.tutti.decoder.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.decoder.wiring.KnownModels;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc.GenerationServiceBlockingStub;
import dev.tutti.generation.v1.MemberUsage;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.generation.v1.TokenLogprob;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.method.v1.Budget;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.Recipe;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import dev.tutti.type.v1.Prices;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(ScriptedRegistry.class)
class GenerationApiTest {

  @GrpcClient("self")
  GenerationServiceBlockingStub decoder;

  @Inject KnownModels models;

  @BeforeEach
  void registryIsThere() throws InterruptedException {
    ScriptedRegistry.current().await(models);
  }

  @Test
  void aModelAnswersGreedily() {
    List<GenerateResponse> events = all(single("counting", "cd", 0));
    String text = String.join("", events.stream().map(e -> e.getDelta().getText()).toList());
    assertEquals("efgh", text);
    Completion completion = events.getLast().getCompletion();
    assertEquals("efgh", completion.getText());
    assertEquals(FinishReason.FINISH_REASON_STOP, completion.getFinishReason());
    assertEquals("counting", completion.getAuthor());
    assertEquals(2, completion.getUsage().getPromptTokens());
    assertEquals(5, completion.getUsage().getCompletionTokens());
    assertEquals((2 * 3.0 + 5 * 7.0) / 1e6, completion.getCostUsd(), 1e-15);
    assertTrue(completion.getSignals().getMeanLogprob() < 0);
  }

  @Test
  void threeAddersAnswerAsOne() {
    Recipe recipe = gac("adder-weak-1", "adder-weak-2", "adder-weak-3");
    List<GenerateResponse> events =
        all(
            GenerateRequest.newBuilder()
                .setRequestId("r-1")
                .setRecipe(recipe)
                .addMessages(user("123+456="))
                .build());
    Completion completion = events.getLast().getCompletion();
    String streamed = String.join("", events.stream().map(e -> e.getDelta().getText()).toList());
    assertEquals(completion.getText(), streamed);
    assertEquals("three", completion.getAuthor());
    long steps = (long) number(completion.getDecision(), "steps");
    assertEquals(completion.getText().length() + 1, steps);
    assertEquals(3, completion.getUsage().getMembersCount());
    for (MemberUsage usage : completion.getUsage().getMembersList()) {
      // The begin token and eight characters.
      assertEquals(9, usage.getPromptTokens());
      assertEquals(steps, usage.getCompletionTokens());
      assertEquals((9 * 3.0 + steps * 7.0) / 1e6, usage.getCostUsd(), 1e-15);
    }
    assertEquals(27, completion.getUsage().getPromptTokens());
    assertEquals(3 * steps, completion.getUsage().getCompletionTokens());
    assertEquals(3 * (9 * 3.0 + steps * 7.0) / 1e6, completion.getCostUsd(), 1e-15);
    Decision decision = completion.getDecision();
    assertEquals("r-1", decision.getId());
    assertEquals("gac", decision.getMethod());
    assertEquals(4, decision.getEnsembleVersion());
    assertEquals(Family.FAMILY_TOKEN, decision.getFamily());
    assertEquals(1, number(decision, "threshold"));
    assertEquals(steps, number(decision, "ensembled_steps"));
    assertEquals(
        1, decision.getCandidatesList().stream().mapToDouble(c -> c.getWeight()).sum(), 1e-12);
    assertTrue(decision.getCandidatesList().stream().allMatch(c -> c.getCalled()));
  }

  /** The strong adder has other tokens than the weak one. */
  @Test
  void membersWithDifferentVocabulariesAnswerAsOne() {
    Completion completion =
        all(GenerateRequest.newBuilder()
                .setRecipe(gac("adder-weak-1", "adder-strong"))
                .addMessages(user("12+34="))
                .build())
            .getLast()
            .getCompletion();
    assertTrue(completion.getText().matches("[0-9]+"), completion.getText());
    assertTrue(
        completion.getDecision().getCandidatesList().stream()
            .allMatch(c -> c.getFailure().isEmpty()));
  }

  @Test
  void speculationTellsWhatThePlainEnsembleDoes() {
    Recipe plain = gac("adder-weak-1", "adder-weak-2", "adder-weak-3");
    Completion expected = asked(plain);
    Completion completion = asked(plain.toBuilder().setMethod("speculative").build());
    assertEquals(expected.getText(), completion.getText());
    assertEquals(expected.getUsage(), completion.getUsage());
    assertEquals(expected.getCostUsd(), completion.getCostUsd());
    assertEquals(expected.getSignals().getAgreement(), completion.getSignals().getAgreement());
    Decision decision = completion.getDecision();
    assertEquals(number(expected.getDecision(), "steps"), number(decision, "steps"));
    assertTrue(number(decision, "acceptance") > 0);
    assertTrue(number(decision, "passes_adder-weak-1") < number(decision, "steps"));
    assertRefused(
        GenerateRequest.newBuilder()
            .setRecipe(
                gac("adder-weak-1", "adder-strong").toBuilder().setMethod("speculative").build())
            .addMessages(user("1+1="))
            .build(),
        Status.Code.INVALID_ARGUMENT,
        "INVALID_ARGUMENT",
        "another vocabulary");
  }

  @Test
  void blocksStayWithinTheBudget() {
    for (String method : List.of("speculative", "safe")) {
      Recipe.Builder recipe = gac("adder-weak-1", "adder-weak-2").toBuilder().setMethod(method);
      for (int tokens = 1; tokens < 9; tokens++) {
        double budget = (54 + tokens * 14) / 1e6;
        recipe.setBudget(Budget.newBuilder().setUsdPerRequest(budget));
        Completion completion = asked(recipe.build());
        assertTrue(completion.getCostUsd() <= budget + 1e-12, method + " of " + tokens);
        assertTrue(completion.getUsage().getCompletionTokens() >= 2);
      }
    }
  }

  private Completion asked(Recipe recipe) {
    return all(GenerateRequest.newBuilder().setRecipe(recipe).addMessages(user("123+456=")).build())
        .getLast()
        .getCompletion();
  }

  @Test
  void inThresholdedModeAMemberMayNeverBeCalled() {
    Struct settings =
        Struct.newBuilder()
            .putFields("threshold", Value.newBuilder().setNumberValue(0).build())
            .putFields("primary", Value.newBuilder().setNumberValue(1).build())
            .build();
    Recipe recipe = gac("adder-weak-1", "adder-weak-2").toBuilder().setSettings(settings).build();
    Completion alone = all(single("adder-weak-2", "123+456=", 0)).getLast().getCompletion();
    Completion together =
        all(GenerateRequest.newBuilder().setRecipe(recipe).addMessages(user("123+456=")).build())
            .getLast()
            .getCompletion();
    assertEquals(alone.getText(), together.getText());
    assertEquals(alone.getUsage().getPromptTokens(), together.getUsage().getPromptTokens());
    assertEquals(alone.getUsage().getCompletionTokens(), together.getUsage().getCompletionTokens());
    assertFalse(together.getDecision().getCandidates(0).getCalled());
    assertTrue(together.getDecision().getCandidates(1).getCalled());
    assertEquals(0, number(together.getDecision(), "ensembled_steps"));
  }

  @Test
  void logprobsComeWithTheTextAndSumToTheSignal() {
    var sampling =
        Sampling.newBuilder().setTemperature(0).setLogprobs(true).setTopLogprobs(3).build();
    for (GenerateRequest request :
        List.of(
            single("counting", "cd", 0).toBuilder().setSampling(sampling).build(),
            GenerateRequest.newBuilder()
                .setRecipe(gac("adder-weak-1", "adder-weak-2"))
                .addMessages(user("123+456="))
                .setSampling(sampling)
                .build())) {
      List<GenerateResponse> events = all(request);
      List<TokenLogprob> tokens =
          events.stream().flatMap(e -> e.getDelta().getLogprobsList().stream()).toList();
      Completion completion = events.getLast().getCompletion();
      assertEquals(
          completion.getText(), String.join("", tokens.stream().map(t -> t.getToken()).toList()));
      double sum = tokens.stream().mapToDouble(TokenLogprob::getLogprob).sum();
      assertTrue(completion.getSignals().getSumLogprob() <= sum + 1e-9);
      for (TokenLogprob token : tokens) {
        assertEquals(3, token.getTopCount());
        // Greedy: the token is the best of its alternatives.
        assertEquals(token.getLogprob(), token.getTop(0).getLogprob(), 1e-12);
        assertEquals(token.getBytes(), token.getTop(0).getBytes());
      }
    }
  }

  @Test
  void theSameSeedGivesTheSameAnswer() {
    GenerateRequest request =
        single("adder-weak-1", "123+456=", 1.5).toBuilder()
            .setSampling(Sampling.newBuilder().setTemperature(1.5).setSeed(-7))
            .build();
    String first = all(request).getLast().getCompletion().getText();
    for (int i = 0; i < 5; i++) {
      assertEquals(first, all(request).getLast().getCompletion().getText());
    }
  }

  @Test
  void stopStringsAndMaxTokensEndTheAnswer() {
    Completion stopped =
        all(single("counting", "a", 0).toBuilder()
                .setSampling(Sampling.newBuilder().setTemperature(0).addStop("ef"))
                .build())
            .getLast()
            .getCompletion();
    assertEquals("bcd", stopped.getText());
    assertEquals(FinishReason.FINISH_REASON_STOP, stopped.getFinishReason());
    Completion cut =
        all(single("counting", "a", 0).toBuilder()
                .setSampling(Sampling.newBuilder().setTemperature(0).setMaxTokens(2))
                .build())
            .getLast()
            .getCompletion();
    assertEquals("bc", cut.getText());
    assertEquals(FinishReason.FINISH_REASON_LENGTH, cut.getFinishReason());
  }

  private static GenerateRequest biased(String prompt, Sampling.Builder sampling) {
    return single("counting", prompt, 0).toBuilder()
        .setSampling(sampling.setTemperature(0).setMaxTokens(4))
        .build();
  }

  private String text(GenerateRequest request) {
    return all(request).getLast().getCompletion().getText();
  }

  @Test
  void biasesByIdAndByTextAndPenaltiesChangeTheAnswer() {
    assertEquals("bcde", text(biased("a", Sampling.newBuilder())));
    String without = text(biased("a", Sampling.newBuilder().putLogitBias("c", -100)));
    assertFalse(without.contains("c"), without);
    assertEquals("dddd", text(biased("a", Sampling.newBuilder().putLogitBias("d", 100))));
    assertEquals("dddd", text(biased("a", Sampling.newBuilder().putLogitBias("\"d\"", 100))));
    var again = Sampling.newBuilder().setFrequencyPenalty(-2).setPresencePenalty(-2);
    assertEquals(text(biased("a", again)), text(biased("a", again)));
  }

  @Test
  void biasesOfTokensThatNobodyHasAreRefused() {
    assertRefused(
        biased("a", Sampling.newBuilder().putLogitBias("9", 1)),
        Status.Code.INVALID_ARGUMENT,
        "BIAS_UNSUPPORTED",
        "logit_bias names the token 9; the vocabulary of 'counting' has 9, 0 to 8.");
    assertRefused(
        GenerateRequest.newBuilder()
            .setRecipe(gac("adder-weak-1", "adder-weak-2"))
            .addMessages(user("1+1="))
            .setSampling(Sampling.newBuilder().putLogitBias("5", 1))
            .build(),
        Status.Code.INVALID_ARGUMENT,
        "BIAS_UNSUPPORTED",
        "the members of 'three' write together and have no ids in common: name a text");
  }

  @Test
  void ensemblesTakeBiasesOfTexts() {
    for (String method : List.of("gac", "unite", "byte-exact", "speculative")) {
      GenerateRequest.Builder request =
          GenerateRequest.newBuilder()
              .setRecipe(gac("adder-weak-1", "adder-weak-2").toBuilder().setMethod(method))
              .addMessages(user("12+34="));
      request.getSamplingBuilder().setMaxTokens(6).putLogitBias("\"4\"", -100).putLogitBias("6", 0);
      assertRefused(
          request.build(), Status.Code.INVALID_ARGUMENT, "BIAS_UNSUPPORTED", "names the token 6");
      request.getSamplingBuilder().removeLogitBias("6").setFrequencyPenalty(.5);
      String text = text(request.build());
      assertFalse(text.contains("4"), method + ": " + text);
    }
  }

  /** 14 of 16 tokens are the prompt: two are left, whatever max_tokens says. */
  @Test
  void theContextCapsTheAnswer() {
    Completion completion =
        all(single("counting", "aaaaaaaaaaaaaa", 0).toBuilder()
                .setSampling(Sampling.newBuilder().setTemperature(0).setMaxTokens(100))
                .build())
            .getLast()
            .getCompletion();
    assertEquals(2, completion.getUsage().getCompletionTokens());
    assertEquals(FinishReason.FINISH_REASON_LENGTH, completion.getFinishReason());
  }

  @Test
  void aBudgetCutsTheAnswerAndRefusesWhatItCannotBegin() {
    // Each member reads 9 tokens for 3 and writes for 7 (per million): 54 + 14 a step.
    Recipe.Builder recipe = gac("adder-weak-1", "adder-weak-2").toBuilder();
    recipe.setBudget(Budget.newBuilder().setUsdPerRequest((54 + 2 * 14 + 1) / 1e6));
    Completion completion =
        all(GenerateRequest.newBuilder().setRecipe(recipe).addMessages(user("123+456=")).build())
            .getLast()
            .getCompletion();
    assertEquals(FinishReason.FINISH_REASON_LENGTH, completion.getFinishReason());
    assertEquals((54 + 2 * 14) / 1e6, completion.getCostUsd(), 1e-12);
    recipe.setBudget(Budget.newBuilder().setUsdPerRequest(54 / 1e6));
    assertRefused(
        GenerateRequest.newBuilder().setRecipe(recipe).addMessages(user("123+456=")).build(),
        Status.Code.FAILED_PRECONDITION,
        "BUDGET_EXCEEDED",
        "budget");
  }

  private List<GenerateResponse> all(GenerateRequest request) {
    var events = new ArrayList<GenerateResponse>();
    decoder.generate(request).forEachRemaining(events::add);
    return events;
  }

  @Test
  void badRequestsAreRefusedWithWhatIsWrong() {
    assertRefused(
        single("unheard-of", "a", 0), Status.Code.NOT_FOUND, "MODEL_NOT_FOUND", "unheard-of");
    assertRefused(
        single("old", "a", 0), Status.Code.FAILED_PRECONDITION, "MODEL_NOT_SERVED", "retired");
    assertRefused(
        single("nowhere", "a", 0),
        Status.Code.FAILED_PRECONDITION,
        "MODEL_LOAD_FAILED",
        "no folder 'nowhere'");
    assertRefused(
        single("corrupt", "a", 0),
        Status.Code.FAILED_PRECONDITION,
        "MODEL_LOAD_FAILED",
        "model.onnx is no ONNX graph");
    assertRefused(
        single("mismatched", "a", 0),
        Status.Code.FAILED_PRECONDITION,
        "MODEL_LOAD_FAILED",
        "it has 4 tokens, the graph has 9 logits");
    assertRefused(
        single("counting", "aaaaaaaaaaaaaaaaa", 0),
        Status.Code.INVALID_ARGUMENT,
        "CONTEXT_LENGTH_EXCEEDED",
        "The prompt has 17 tokens; 'counting' holds 16");
    assertRefused(
        single("counting", "a", -0.5),
        Status.Code.INVALID_ARGUMENT,
        "INVALID_ARGUMENT",
        "temperature is -0.5; 0 to 2 are allowed.");
    assertRefused(
        single("counting", "a", 0).toBuilder().clearMessages().build(),
        Status.Code.INVALID_ARGUMENT,
        "INVALID_ARGUMENT",
        "There are 0 messages");
    assertRefused(
        single("counting", "", 0),
        Status.Code.INVALID_ARGUMENT,
        "INVALID_ARGUMENT",
        "leave 'counting' no token");
    assertRefused(
        GenerateRequest.newBuilder().setName("x").addMessages(user("a")).build(),
        Status.Code.INVALID_ARGUMENT,
        "INVALID_ARGUMENT",
        "router-service");
    assertRefused(
        GenerateRequest.newBuilder().addMessages(user("a")).build(),
        Status.Code.INVALID_ARGUMENT,
        "INVALID_ARGUMENT",
        "a member or a recipe");
  }

  @Test
  void badRecipesAreRefusedWithWhatIsWrong() {
    Recipe good = gac("adder-weak-1", "adder-weak-2");
    assertRecipeRefused(good.toBuilder().setMethod("gacc").build(), "Unknown method 'gacc'");
    assertRecipeRefused(
        good.toBuilder()
            .setSettings(
                Struct.newBuilder().putFields("tau", Value.newBuilder().setNumberValue(1).build()))
            .build(),
        "Unknown setting 'tau'; known: threshold, primary, eta, share, prior, asleep, entropy_scale,"
            + " on_member_failure, late_seconds.");
    assertRecipeRefused(
        good.toBuilder()
            .setSettings(
                Struct.newBuilder()
                    .putFields("threshold", Value.newBuilder().setNumberValue(1.5).build()))
            .build(),
        "threshold");
    assertRecipeRefused(
        good.toBuilder().addMembers(Member.newBuilder().setEnsemble("nested")).build(),
        "takes models only");
    assertRecipeRefused(
        good.toBuilder().addMembers(Member.newBuilder().setModel("counting")).build(),
        "lacks FULL_DISTRIBUTION");
    assertRecipeRefused(
        good.toBuilder().setMembers(0, member("adder-weak-2")).build(), "is a member twice");
    assertRefused(
        GenerateRequest.newBuilder()
            .setRecipe(gac("adder-weak-1", "unheard-of"))
            .addMessages(user("1+1="))
            .build(),
        Status.Code.NOT_FOUND,
        "MODEL_NOT_FOUND",
        "unheard-of");
    assertRefused(
        GenerateRequest.newBuilder()
            .setRecipe(
                gac("adder-weak-1", "adder-weak-2", "adder-weak-3", "adder-strong", "counting"))
            .addMessages(user("a"))
            .build(),
        Status.Code.FAILED_PRECONDITION,
        "TOO_MANY_SESSIONS",
        "needs 5 sessions; this service runs 4");
  }

  private void assertRecipeRefused(Recipe recipe, String message) {
    assertRefused(
        GenerateRequest.newBuilder().setRecipe(recipe).addMessages(user("1+1=")).build(),
        Status.Code.INVALID_ARGUMENT,
        "INVALID_RECIPE",
        message);
  }

  private void assertRefused(
      GenerateRequest request, Status.Code code, String reason, String message) {
    var thrown = assertThrows(StatusRuntimeException.class, () -> all(request));
    assertEquals(code, thrown.getStatus().getCode(), thrown.getMessage());
    assertEquals(reason, FailureStatus.fromThrowable(thrown).reason(), thrown.getMessage());
    assertTrue(thrown.getMessage().contains(message), thrown.getMessage());
  }

  private static double number(Decision decision, String input) {
    return decision.getInputs().getFieldsOrThrow(input).getNumberValue();
  }

  static Recipe gac(String... models) {
    Recipe.Builder recipe = Recipe.newBuilder().setEnsemble("three").setMethod("gac").setVersion(4);
    for (String model : models) {
      recipe.addMembers(member(model));
    }
    return recipe.build();
  }

  static GenerateRequest single(String model, String prompt, double temperature) {
    return GenerateRequest.newBuilder()
        .setMember(member(model))
        .addMessages(user(prompt))
        .setSampling(Sampling.newBuilder().setTemperature(temperature))
        .build();
  }

  static Member member(String model) {
    return Member.newBuilder()
        .setModel(model)
        .setPrices(
            Prices.newBuilder().setUsdPerMillionPromptTokens(3).setUsdPerMillionCompletionTokens(7))
        .addCapabilities(Capability.CAPABILITY_GENERATION)
        .addCapabilities(Capability.CAPABILITY_FULL_DISTRIBUTION)
        .build();
  }

  static Message user(String text) {
    return Message.newBuilder().setRole(Role.ROLE_USER).setContent(text).build();
  }
}
