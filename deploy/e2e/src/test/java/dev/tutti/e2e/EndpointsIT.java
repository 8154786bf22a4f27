package dev.tutti.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.RateLimitException;
import com.openai.errors.SseException;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/** A model behind an endpoint, through the whole platform, by the official clients. */
@ExtendWith(Platform.class)
@TestMethodOrder(MethodOrderer.MethodName.class)
class EndpointsIT {

  private static MockEndpoint endpoint;
  private static OpenAIClient client;

  @BeforeAll
  static void register() {
    endpoint = new MockEndpoint();
    client =
        OpenAIOkHttpClient.builder()
            .baseUrl(Platform.rest("router") + "/v1")
            .apiKey("any")
            .maxRetries(0)
            .build();
    Http.Answer registered =
        Http.post(
            Platform.rest("registry") + "/api/v1/models",
            """
            {"name": "mock", "runtime": "openai", "endpoints": ["%s"], "remote_model": "mock-7b",
             "credential": "env:TUTTI_CREDENTIAL_E2E", "lifecycle": "active",
             "usd_per_million_prompt_tokens": 0.15, "usd_per_million_completion_tokens": 0.6}"""
                .formatted(endpoint.url()));
    assertEquals(201, registered.status(), registered.body());
    Http.Answer second =
        Http.post(
            Platform.rest("registry") + "/api/v1/models",
            """
            {"name": "mock-second", "runtime": "openai", "endpoints": ["%s"], "remote_model": "mock-7b",
             "credential": "env:TUTTI_CREDENTIAL_E2E", "lifecycle": "active",
             "usd_per_million_prompt_tokens": 0.15, "usd_per_million_completion_tokens": 0.6}"""
                .formatted(endpoint.url()));
    assertEquals(201, second.status(), second.body());
    assertEquals("[\"generation\"]", registered.json().path("capabilities").toString());
    assertEquals(4096, registered.json().path("context_length").asInt());
    OutageIT.await(() -> Http.get(Platform.rest("router") + "/v1/models/mock").status() == 200);
    OutageIT.await(
        () ->
            Http.post(
                        Platform.rest("router") + "/v1/chat/completions",
                        Http.chat("mock", "Hello").toString())
                    .status()
                == 200);
  }

  @AfterAll
  static void close() {
    client.close();
    endpoint.close();
  }

  @Test
  void aStreamArrivesByteByByteAndIsPaidForExactly() {
    Instant before = Instant.now();
    String body = Http.chat("mock", "Hello").put("stream", true).toString();
    Http.Answer answer = Http.post(Platform.rest("router") + "/v1/chat/completions", body);
    String expected =
        String.join("", MockEndpoint.TEXT.stream().map(e -> "data: " + e + "\n\n").toList());
    assertEquals(expected + "data: [DONE]\n\n", answer.body());
    OutageIT.await(
        () -> {
          Http.Answer spend = Http.get(Platform.rest("router") + "/v1/spend?from=" + before);
          for (JsonNode line : spend.json().path("data")) {
            if (line.path("key").asText().equals("mock")) {
              // 11 * 0.15 and 3 * 0.6 millionths.
              long requests = line.path("requests").asLong();
              return requests > 0
                  && new BigDecimal("0.00000345")
                          .multiply(BigDecimal.valueOf(requests))
                          .compareTo(new BigDecimal(line.path("cost_usd").asText()))
                      == 0;
            }
          }
          return false;
        });
  }

  @Test
  void theJavaClientStreamsCallsToolsAndMeetsErrors() {
    var text = new StringBuilder();
    var total = new long[1];
    try (StreamResponse<ChatCompletionChunk> stream =
        client
            .chat()
            .completions()
            .createStreaming(
                ask("Hello")
                    .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
                    .build())) {
      stream.stream()
          .peek(chunk -> chunk.usage().ifPresent(u -> total[0] = u.totalTokens()))
          .flatMap(chunk -> chunk.choices().stream())
          .forEach(choice -> choice.delta().content().ifPresent(text::append));
    }
    assertEquals("Grüße", text.toString());
    assertEquals(14, total[0]);

    ChatCompletion called = client.chat().completions().create(withTool("Weather?").build());
    var call = called.choices().getFirst().message().toolCalls().orElseThrow().getFirst();
    assertEquals("weather", call.asFunction().function().name());
    assertEquals("{\"city\":\"Ulm\"}", call.asFunction().function().arguments());
    var arguments = new StringBuilder();
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(withTool("Weather?").build())) {
      stream.stream()
          .flatMap(chunk -> chunk.choices().stream())
          .flatMap(choice -> choice.delta().toolCalls().stream().flatMap(List::stream))
          .forEach(
              piece -> piece.function().flatMap(f -> f.arguments()).ifPresent(arguments::append));
    }
    assertEquals("{\"city\":\"Ulm\"}", arguments.toString());

    var refused =
        assertThrows(
            BadRequestException.class,
            () -> client.chat().completions().create(ask("please refuse").build()));
    assertEquals("invalid_schema", refused.code().orElseThrow());
    assertEquals("tools", refused.param().orElseThrow());
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(ask("please cut").build())) {
      var cut = assertThrows(SseException.class, () -> stream.stream().forEach(chunk -> {}));
      assertTrue(cut.getMessage().contains("cut its answer off"), cut.getMessage());
    }
  }

  /** A local model cannot take tools: it is left out, and the two behind the endpoint agree. */
  @Test
  void membersVoteOnTheToolsThatTheyWantToBeCalled() {
    ensemble(
        """
        {"name": "mock-vote", "method": "majority-vote", "settings": {}, "lifecycle": "active",
         "members": [{"model": "mock"}, {"model": "adder-strong"}, {"model": "mock-second"}]}""");
    ChatCompletion called =
        client.chat().completions().create(withTool("Weather?").model("mock-vote").build());
    var choice = called.choices().getFirst();
    assertEquals("tool_calls", choice.finishReason().asString());
    var call = choice.message().toolCalls().orElseThrow().getFirst().asFunction().function();
    assertEquals("weather", call.name());
    assertEquals("{\"city\":\"Ulm\"}", call.arguments());
    // Members are asked for streams, of which the endpoint tells 14 tokens each.
    assertEquals(2 * 14, called.usage().orElseThrow().totalTokens());
  }

  @Test
  void aMemberIsAskedSeveralTimesAndTheDecisionTellsEachCall() {
    ensemble(
        """
        {"name": "mock-moa", "method": "self-moa", "settings": {"samples": 3}, "lifecycle": "active",
         "members": [{"model": "mock"}, {"model": "mock-second", "role": "aggregator"}]}""");
    ensemble(
        """
        {"name": "mock-consistency", "method": "consistency", "settings": {"samples": 4}, "lifecycle": "active",
         "members": [{"model": "mock"}, {"model": "adder-strong"}]}""");
    assertCalls("mock-moa", 3, 0);
    assertCalls("mock-consistency", 4, 1);
  }

  private static void assertCalls(String model, int samples, double score) {
    Http.Answer answer = Http.complete(model, "Hello");
    assertEquals("Grüße", answer.json().at("/choices/0/message/content").asText(), answer.body());
    String id = answer.headers().firstValue("x-tutti-decision-id").orElseThrow();
    var decision = new Http.Answer[1];
    OutageIT.await(
        () -> {
          decision[0] = Http.get(Platform.rest("router") + "/v1/decisions/" + id);
          return decision[0].status() == 200;
        });
    JsonNode first = decision[0].json().at("/candidates/0");
    assertEquals(samples, first.path("calls").size(), decision[0].body());
    assertEquals(score, first.path("score").asDouble(), 1e-9, decision[0].body());
  }

  private static void ensemble(String json) {
    Http.Answer registered = Http.post(Platform.rest("registry") + "/api/v1/ensembles", json);
    assertEquals(201, registered.status(), registered.body());
    String name = registered.json().path("name").asText();
    OutageIT.await(() -> Http.get(Platform.rest("router") + "/v1/models/" + name).status() == 200);
  }

  @Test
  void theNodeClientWorksUnchanged() throws IOException, InterruptedException {
    Path folder = Platform.ROOT.resolve("deploy/e2e/target/node");
    Files.createDirectories(folder);
    assumeTrue(runs(folder, 10, "node", "--version"), "node is not installed: skipped");
    assumeTrue(
        Files.exists(folder.resolve("node_modules/openai"))
            || runs(folder, 120, "npm", "install", "--no-audit", "--no-fund", "openai@6"),
        "npm cannot install the official client: skipped");
    Path script = folder.resolve("client.mjs");
    Files.copy(
        Platform.ROOT.resolve("deploy/e2e/src/test/node/client.mjs"),
        script,
        StandardCopyOption.REPLACE_EXISTING);
    assertTrue(
        runs(folder, 60, "node", "client.mjs", Platform.rest("router") + "/v1"),
        () -> "see the output above");
  }

  private static boolean runs(Path folder, int seconds, String... command)
      throws InterruptedException {
    try {
      // Its own input and output: those of this process are the channel to the build.
      Path output = folder.resolve(command[0] + ".log");
      Process process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
      if (!ended) {
        process.destroyForcibly();
      }
      System.out.print(Files.readString(output));
      return ended && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** Last by name: the endpoint asks to be left alone for nine seconds. */
  @Test
  void zRateLimitsAreTheClients() {
    assertThrows(
        RateLimitException.class,
        () -> client.chat().completions().create(ask("please limit").build()));
    Http.Answer limited =
        Http.post(
            Platform.rest("router") + "/v1/chat/completions",
            Http.chat("mock", "please limit").toString());
    assertEquals(429, limited.status());
    assertTrue(Integer.parseInt(limited.headers().firstValue("retry-after").orElse("0")) >= 1);
    // Nobody was shown the key.
    for (String part : new String[] {"decoder", "router", "registry"}) {
      assertFalse(log(part).contains(MockEndpoint.KEY));
    }
    assertFalse(
        Http.get(Platform.rest("registry") + "/api/v1/models/mock")
            .body()
            .contains(MockEndpoint.KEY));
  }

  private static String log(String service) {
    try {
      return Files.readString(Platform.HOME.resolve("logs/" + service + ".log"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static ChatCompletionCreateParams.Builder ask(String text) {
    return ChatCompletionCreateParams.builder().model("mock").addUserMessage(text);
  }

  private static ChatCompletionCreateParams.Builder withTool(String text) {
    return ask(text)
        .addFunctionTool(
            FunctionDefinition.builder()
                .name("weather")
                .parameters(
                    FunctionParameters.builder()
                        .putAdditionalProperty("type", JsonValue.from("object"))
                        .putAdditionalProperty(
                            "properties", JsonValue.from(Map.of("city", Map.of("type", "string"))))
                        .build())
                .build());
  }
}
