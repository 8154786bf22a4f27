package dev.tutti.decoder.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc.GenerationServiceBlockingStub;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.method.v1.Recipe;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import dev.tutti.type.v1.Prices;
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
    Recipe.Builder recipe = Recipe.newBuilder().setEnsemble("three").setMethod("gac").setVersion(4);
    for (int i = 1; i <= 3; i++) {
      recipe.addMembers(member("adder-weak-" + i));
    }
    var request =
        GenerateRequest.newBuilder().setRecipe(recipe).addMessages(user("123+456=")).build();
    Completion completion = all(request).getLast().getCompletion();
    System.out.println(completion);
    assertEquals("three", completion.getAuthor());
    assertEquals(3, completion.getUsage().getMembersCount());
  }

  private List<GenerateResponse> all(GenerateRequest request) {
    var events = new ArrayList<GenerateResponse>();
    decoder.generate(request).forEachRemaining(events::add);
    return events;
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
