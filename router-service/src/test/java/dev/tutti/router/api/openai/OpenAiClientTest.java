package dev.tutti.router.api.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIException;
import com.openai.errors.RateLimitException;
import com.openai.errors.SseException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.models.Model;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.testing.ScriptedGeneration;
import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Neighbourhood;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The official Java client, as it is. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
// Clients send a seed, and look for fields that OpenAI does not know, for as long as they can.
@SuppressWarnings("deprecation")
class OpenAiClientTest {

  private OpenAIClient client;

  @BeforeEach
  void open() {
    Neighbourhood.calm();
    client =
        OpenAIOkHttpClient.builder().baseUrl(Http.url("/v1")).apiKey("none").maxRetries(0).build();
  }

  @AfterEach
  void close() {
    client.close();
  }

  @Test
  void aWholeAnswer() {
    ChatCompletion answer =
        client
            .chat()
            .completions()
            .create(ask("blend").seed(1).temperature(0.5).maxCompletionTokens(20).build());
    assertTrue(answer.choices().getFirst().message().content().orElseThrow().startsWith("I am "));
    assertEquals(
        ChatCompletion.Choice.FinishReason.STOP, answer.choices().getFirst().finishReason());
    assertEquals(12, answer.usage().orElseThrow().totalTokens());
    answer.validate();
  }

  @Test
  void anAnswerOfTheClientIsTakenBackIntoTheConversation() {
    ChatCompletion answer = client.chat().completions().create(ask("anna").build());
    client
        .chat()
        .completions()
        .create(
            ask("anna")
                .addMessage(answer.choices().getFirst().message())
                .addUserMessage("?")
                .build());
    assertEquals(
        "I am anna", Neighbourhood.decoder.requests().getLast().getMessages(1).getContent());
  }

  @Test
  void aStream() {
    var text = new StringBuilder();
    var usage = new long[1];
    try (StreamResponse<ChatCompletionChunk> stream =
        client
            .chat()
            .completions()
            .createStreaming(
                ask("anna")
                    .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
                    .build())) {
      stream.stream()
          .peek(ChatCompletionChunk::validate)
          .peek(chunk -> chunk.usage().ifPresent(u -> usage[0] = u.totalTokens()))
          .flatMap(chunk -> chunk.choices().stream())
          .forEach(choice -> choice.delta().content().ifPresent(text::append));
    }
    assertEquals("I am anna", text.toString());
    assertEquals(12, usage[0]);
  }

  @Test
  void theEventThatTellsTheCostIsNoAnswerToIt() {
    var text = new StringBuilder();
    var cost = new StringBuilder();
    try (StreamResponse<ChatCompletionChunk> stream =
        client
            .chat()
            .completions()
            .createStreaming(ask("anna").putAdditionalHeader("x-tutti-include", "cost").build())) {
      var all = ChatCompletionAccumulator.create();
      stream.stream()
          .peek(ChatCompletionChunk::validate)
          .peek(all::accumulate)
          .peek(
              chunk ->
                  Optional.ofNullable(chunk._additionalProperties().get("tutti"))
                      .ifPresent(cost::append))
          .flatMap(chunk -> chunk.choices().stream())
          .forEach(choice -> choice.delta().content().ifPresent(text::append));
      assertEquals(
          "I am anna", all.chatCompletion().choices().getFirst().message().content().orElseThrow());
    }
    assertEquals("I am anna", text.toString());
    assertTrue(cost.toString().contains("cost_usd=0.25"), cost.toString());
  }

  @Test
  void aStreamThatFailsIsAnError() {
    Neighbourhood.decoder.script(
        (request, sink) -> {
          sink.emit(ScriptedGeneration.delta("I a"));
          throw new Failure.Unavailable("AWAY", "Gone away.").exception();
        });
    var text = new StringBuilder();
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(ask("anna").build())) {
      OpenAIException e =
          assertThrows(
              SseException.class,
              () ->
                  stream.stream()
                      .flatMap(chunk -> chunk.choices().stream())
                      .forEach(choice -> choice.delta().content().ifPresent(text::append)));
      assertTrue(e.getMessage().contains("Gone away."), e.getMessage());
    }
    assertEquals("I a", text.toString());
  }

  @Test
  void embeddingsInTheClientsOwnEncoding() {
    var answer =
        client
            .embeddings()
            .create(
                EmbeddingCreateParams.builder()
                    .model("all-minilm-l6-v2")
                    .inputOfArrayOfStrings(List.of("a", "b"))
                    .build());
    assertEquals(2, answer.data().size());
    assertEquals(List.of(0.6f, -0.8f), answer.data().getFirst().embedding());
  }

  @Test
  void models() {
    List<String> names = client.models().list().autoPager().stream().map(Model::id).toList();
    assertTrue(names.containsAll(List.of("anna", "blend")), names.toString());
    assertEquals("blend", client.models().retrieve("blend").id());
  }

  @Test
  void errorsAreTheClientsOwnExceptions() {
    var unknown =
        assertThrows(
            NotFoundException.class,
            () -> client.chat().completions().create(ask("gpt-17").build()));
    assertEquals("model_not_found", unknown.code().orElseThrow());
    assertEquals("model", unknown.param().orElseThrow());
    assertEquals("invalid_request_error", unknown.type().orElseThrow());
    var negative =
        assertThrows(
            BadRequestException.class,
            () -> client.chat().completions().create(ask("anna").temperature(-1).build()));
    assertEquals("temperature", negative.param().orElseThrow());
    Neighbourhood.decoder.script(
        (request, sink) -> {
          throw new Failure.ResourceExhausted("FULL", "Full.", Duration.ofSeconds(1)).exception();
        });
    assertThrows(
        RateLimitException.class,
        () -> client.chat().completions().createStreaming(ask("anna").build()));
  }

  private static ChatCompletionCreateParams.Builder ask(String model) {
    return ChatCompletionCreateParams.builder().model(model).addUserMessage("Who are you?");
  }
}
