package dev.tutti.decoder.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.v1.Conversation;
import dev.tutti.decoder.v1.DecoderServiceGrpc.DecoderServiceBlockingStub;
import dev.tutti.decoder.v1.EmbedRequest;
import dev.tutti.decoder.v1.EmbedResponse;
import dev.tutti.decoder.v1.InspectRequest;
import dev.tutti.decoder.v1.InspectResponse;
import dev.tutti.decoder.v1.ScoreRequest;
import dev.tutti.decoder.v1.ScoreResponse;
import dev.tutti.decoder.wiring.KnownModels;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.registry.v1.Model;
import dev.tutti.registry.v1.Runtime;
import dev.tutti.type.v1.Capability;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(ScriptedRegistry.class)
class DecoderApiTest {

  @GrpcClient("self")
  DecoderServiceBlockingStub decoder;

  @Inject KnownModels models;

  @BeforeEach
  void registryIsThere() throws InterruptedException {
    ScriptedRegistry.current().await(models);
  }

  /**
   * After c the counting model gives d the logit 10 of nine, the others 0: ln(e^10 / (e^10 + 8)).
   */
  @Test
  void scoresAreLogLikelihoods() {
    double right = 10 - Math.log(Math.exp(10) + 8);
    double wrong = -Math.log(Math.exp(10) + 8);
    ScoreResponse response =
        decoder.score(
            ScoreRequest.newBuilder()
                .setModel("counting")
                .setPrompt("abc")
                .addTexts("de")
                .addTexts("a")
                .addTexts("")
                .build());
    assertEquals(2 * right, response.getScores(0).getSumLogprob(), 1e-5);
    assertEquals(right, response.getScores(0).getTokens(1).getLogprob(), 1e-5);
    assertEquals("e", response.getScores(0).getTokens(1).getToken());
    assertEquals(wrong, response.getScores(1).getSumLogprob(), 1e-5);
    assertEquals(0, response.getScores(2).getSumLogprob());
    // The context once a text.
    assertEquals(5 + 4 + 3, response.getPromptTokens());
  }

  @Test
  void aConversationIsAContext() {
    ScoreRequest.Builder request =
        ScoreRequest.newBuilder()
            .setModel("adder-strong")
            .setConversation(
                Conversation.newBuilder().addMessages(GenerationApiTest.user("12+34=")))
            .addTexts("46")
            .addTexts("47");
    ScoreResponse response = decoder.score(request.build());
    assertTrue(
        response.getScores(0).getSumLogprob() > response.getScores(1).getSumLogprob() + 1,
        response.toString());
  }

  @Test
  void scoringRefusesWhatItCannotDo() {
    var request = ScoreRequest.newBuilder().setModel("counting").setPrompt("a");
    assertRefused(() -> decoder.score(request.clone().build()), "INVALID_ARGUMENT", "0 texts");
    assertRefused(
        () -> decoder.score(request.clone().clearPrompt().addTexts("a").build()),
        "INVALID_ARGUMENT",
        "no begin token");
    assertRefused(
        () -> decoder.score(request.clone().addTexts("a".repeat(16)).build()),
        "CONTEXT_LENGTH_EXCEEDED",
        "17 tokens; 'counting' holds 16");
    assertRefused(
        () -> decoder.score(request.clone().addTexts("é").build()),
        "INVALID_ARGUMENT",
        "cannot be written");
    assertRefused(
        () -> decoder.score(request.clone().setModel("nope").addTexts("a").build()),
        "MODEL_NOT_FOUND",
        "nope");
    assertRefused(
        () ->
            decoder.score(
                request
                    .clone()
                    .setConversation(Conversation.getDefaultInstance())
                    .addTexts("a")
                    .build()),
        "INVALID_ARGUMENT",
        "0 messages");
  }

  /** By their length alone. */
  @Test
  void whatCannotFitIsRefusedUncut() {
    var request = ScoreRequest.newBuilder().setModel("adder-strong");
    String megabytes = "1+1=".repeat(500_000);
    assertRefused(
        () -> decoder.score(request.clone().addTexts("1").addTexts(megabytes).build()),
        "CONTEXT_LENGTH_EXCEEDED",
        "Context and text have at least ");
    assertRefused(
        () -> decoder.score(request.clone().setPrompt(megabytes).addTexts("1").build()),
        "CONTEXT_LENGTH_EXCEEDED",
        "Context and text have at least ");
    assertRefused(
        () ->
            decoder.score(
                request
                    .clone()
                    .setConversation(
                        Conversation.newBuilder().addMessages(GenerationApiTest.user(megabytes)))
                    .addTexts("1")
                    .build()),
        "CONTEXT_LENGTH_EXCEEDED",
        "Context and text have at least ");
  }

  /** The tokenizer leaves out what it has no token for; another text may not be scored instead. */
  @Test
  void aTextThatCannotBeWrittenExactlyIsNotScored() {
    assertRefused(
        () ->
            decoder.score(
                ScoreRequest.newBuilder()
                    .setModel("counting")
                    .setPrompt("abc")
                    .addTexts("de")
                    .addTexts("d?e")
                    .build()),
        "INVALID_ARGUMENT",
        "cannot be written in the tokens of 'counting'");
  }

  @Test
  void embeddingsHaveUnitLengthAndLikeTextsAreNear() {
    EmbedResponse response =
        decoder.embed(
            EmbedRequest.newBuilder()
                .addTexts("How do I bake bread?")
                .addTexts("A recipe for a loaf of bread")
                .addTexts("The engine of a car")
                .build());
    assertEquals("all-minilm-l6-v2", response.getModel());
    assertEquals(3, response.getEmbeddingsCount());
    assertEquals(1, dot(response, 0, 0), 1e-5);
    assertTrue(dot(response, 0, 1) > dot(response, 0, 2) + .3);
    assertTrue(response.getPromptTokens() > 15);
    assertTrue(response.getSha256().matches("[0-9a-f]{64}"), response.getSha256());
  }

  private static double dot(EmbedResponse response, int a, int b) {
    return IntStream.range(0, 384)
        .mapToDouble(
            i ->
                (double) response.getEmbeddings(a).getValues(i)
                    * response.getEmbeddings(b).getValues(i))
        .sum();
  }

  @Test
  void embeddingRefusesWhatItCannotDo() {
    assertRefused(
        () -> decoder.embed(EmbedRequest.getDefaultInstance()), "INVALID_ARGUMENT", "0 texts");
    assertRefused(
        () -> decoder.embed(EmbedRequest.newBuilder().addTexts("a").addTexts("").build()),
        "INVALID_ARGUMENT",
        "empty");
    assertRefused(
        () -> decoder.embed(EmbedRequest.newBuilder().addTexts("w ".repeat(600)).build()),
        "CONTEXT_LENGTH_EXCEEDED",
        "512");
    assertRefused(
        () -> decoder.embed(EmbedRequest.newBuilder().setModel("nope").addTexts("a").build()),
        "MODEL_NOT_FOUND",
        "nope");
    assertRefused(
        () -> decoder.embed(EmbedRequest.newBuilder().setModel("counting").addTexts("a").build()),
        "CAPABILITY_MISSING",
        "counting");
  }

  @Test
  void inspectionTellsWhatAModelIs() {
    InspectResponse strong = inspect("adder-strong");
    assertEquals(
        List.of(
            Capability.CAPABILITY_GENERATION,
            Capability.CAPABILITY_LOGPROBS,
            Capability.CAPABILITY_FULL_DISTRIBUTION,
            Capability.CAPABILITY_SCORING,
            Capability.CAPABILITY_HIDDEN_STATE,
            Capability.CAPABILITY_OUTPUT_EMBEDDINGS),
        strong.getCapabilitiesList());
    assertEquals(
        4,
        inspect("counting").getCapabilitiesCount(),
        "its graph tells no hidden state, and no embeddings");
    assertEquals(64, strong.getContextLength());
    assertEquals(271, strong.getVocabularySize());
    assertTrue(strong.getParameters() > 300_000, strong.toString());
    assertTrue(strong.getSha256().matches("[0-9a-f]{64}"));
  }

  @Test
  void inspectionSaysWhatIsWrongWithTheFiles() {
    assertRefused(() -> inspect("corrupt"), "MODEL_LOAD_FAILED", "model.onnx is no ONNX graph");
    assertRefused(
        () -> inspect("mismatched"),
        "MODEL_LOAD_FAILED",
        "it has 4 tokens, the graph has 9 logits");
    assertRefused(() -> inspect("../.."), "MODEL_LOAD_FAILED", "below the models folder");
    assertRefused(() -> inspect("nowhere"), "MODEL_LOAD_FAILED", "no folder 'nowhere'");
  }

  @Test
  void aRuntimeThatIsNotKnownIsRefused() {
    var model = Model.newBuilder().setName("new").setRuntimeValue(7);
    assertRefused(
        () -> decoder.inspect(InspectRequest.newBuilder().setModel(model).build()),
        "RUNTIME_NOT_SERVED",
        "this service runs onnx and openai.");
  }

  private InspectResponse inspect(String location) {
    return decoder.inspect(
        InspectRequest.newBuilder()
            .setModel(
                Model.newBuilder()
                    .setName("new")
                    .setRuntime(Runtime.RUNTIME_ONNX)
                    .setLocation(location))
            .build());
  }

  private static void assertRefused(Runnable call, String reason, String message) {
    var thrown = assertThrows(StatusRuntimeException.class, call::run);
    assertEquals(reason, FailureStatus.fromThrowable(thrown).reason(), thrown.getMessage());
    assertTrue(thrown.getMessage().contains(message), thrown.getMessage());
  }
}
