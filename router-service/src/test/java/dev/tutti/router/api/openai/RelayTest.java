package dev.tutti.router.api.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.Usage;
import dev.tutti.generation.v1.WireData;
import dev.tutti.generation.v1.WireForm;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.testing.ScriptedGeneration;
import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Neighbourhood;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models behind endpoints: what their callers and they say passes through. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class RelayTest {

  private static final String TOOLS =
      "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:x\"}},{\"type\":\"text\",\"text\":\"What is it?\"}]},"
          + "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"1\"}]},{\"role\":\"tool\",\"tool_call_id\":\"1\",\"content\":\"7\"}],"
          + "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"n\":2,\"vendor_extra\":{\"a\":[1.50]},\"model\":\"%s\"%s}";

  private static final String STREAM = ",\"stream\":true";

  private static final String FIRST =
      "data: {\"x\" : 1.0,\"choices\":[{\"delta\":{\"content\":\"ü\"}}]}\r\n\r\n";
  private static final String REST = ": comment\n\ndata: {\"choices\":[]}\n\ndata: [DONE]\n\n";

  @BeforeEach
  void calm() {
    Neighbourhood.calm();
  }

  @Test
  void whatTuttiDoesNotInterpretPassesUnchanged() {
    String body = "{ \"choices\" : [ {\"message\":{\"tool_calls\":[]}} ],\"usage\":{} }";
    Neighbourhood.decoder.script((request, sink) -> answer(sink, 7, 5, body));
    String asked = TOOLS.formatted("wire", "");
    Http.Answer answer = Http.post("/v1/chat/completions", asked);
    assertEquals(200, answer.status(), answer.body());
    assertEquals(body, answer.body());
    assertEquals("0.000017", answer.header("x-tutti-cost-usd"));
    GenerateRequest seen = Neighbourhood.decoder.requests().getLast();
    assertEquals(asked, seen.getWire().getBody().toStringUtf8());
    assertEquals(WireForm.WIRE_FORM_CHAT, seen.getWire().getForm());
    assertEquals("What is it?", seen.getMessages(0).getContent());
  }

  @Test
  void everyByteOfAStreamArrivesInOrderAndTheFirstAtOnce() throws Exception {
    var arrived = new CountDownLatch(1);
    Neighbourhood.decoder.script(
        (request, sink) -> {
          sink.emit(wire(FIRST));
          await(arrived);
          answer(sink, 7, 5, REST);
        });
    HttpRequest request =
        Http.request("/v1/chat/completions")
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(TOOLS.formatted("wire", ",\"stream\":true")))
            .build();
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      var response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      byte[] first = response.body().readNBytes(FIRST.getBytes(StandardCharsets.UTF_8).length);
      assertEquals(FIRST, new String(first, StandardCharsets.UTF_8));
      arrived.countDown();
      assertEquals(REST, new String(response.body().readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  /** Each is beyond what Tutti does, or no request at all: the endpoint is the one to say so. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"stop\": [\"a\",\"b\",\"c\",\"d\",\"e\"] | stop",
        "\"stop\": [\"\"] | stop",
        "\"max_tokens\": -1 | max_tokens",
        "\"max_completion_tokens\": 0 | max_completion_tokens",
        "\"max_tokens\": 8, \"max_completion_tokens\": 9 | max_tokens",
        "\"max_tokens\": 1e3 | max_tokens",
        "\"top_k\": -1 | top_k",
        "\"top_k\": 99999999999 | top_k",
        "\"top_p\": 0 | top_p",
        "\"temperature\": 2.50 | temperature",
        "\"temperature\": \"warm\" | temperature",
        "\"seed\": 99999999999999999999 | seed",
        "\"logprobs\": 5 | logprobs",
        "\"top_logprobs\": 3 | top_logprobs",
        "\"logprobs\": true, \"top_logprobs\": 50 | top_logprobs",
        "\"user\": 7 | user",
        "MESSAGES{\"role\": \"critic\", \"content\": \"x\"} | messages[0].role",
        "MESSAGES{\"role\": \"user\", \"content\": []} | messages[0].content",
        "MESSAGES{\"role\": \"user\"} | messages[0].content",
        "MESSAGES{\"role\": \"user\", \"content\": \"\\ud83d\"} | messages[0].content",
        "MESSAGES\"x\" | messages[0]",
      })
  void whatTuttiDoesNotUseReachesTheEndpointAsItWasWritten(String fields, String param) {
    String rest =
        fields.startsWith("MESSAGES")
            ? "\"messages\": [%s]".formatted(fields.substring("MESSAGES".length()))
            : "\"messages\": [{\"role\": \"user\", \"content\": \"Who?\"}], " + fields;
    Neighbourhood.decoder.script((request, sink) -> answer(sink, 1, 1, "{}"));
    for (String model : List.of("wire", "blend-mixed")) {
      String body = "{\"model\": \"%s\", %s}".formatted(model, rest);
      Http.Answer answer = Http.post("/v1/chat/completions", body);
      assertEquals("{}", answer.body());
      GenerateRequest seen = Neighbourhood.decoder.requests().getLast();
      assertEquals(body, seen.getWire().getBody().toStringUtf8());
      assertEquals("wire", seen.getMember().getModel());
      assertEquals(param, seen.getWire().getUninterpreted());
    }
    int asked = Neighbourhood.decoder.requests().size();
    Http.Answer refused = Http.post("/v1/chat/completions", "{\"model\": \"anna\", " + rest + "}");
    assertEquals(400, refused.status(), refused.body());
    assertEquals(param, refused.error().path("param").asText());
    assertEquals(asked, Neighbourhood.decoder.requests().size());
  }

  @Test
  void aConversationOfAnyLengthReachesTheEndpoint() {
    String turns =
        IntStream.range(0, 1_100)
            .mapToObj("{\"role\":\"user\",\"content\":\"m%d\"}"::formatted)
            .collect(Collectors.joining(","));
    Neighbourhood.decoder.script((request, sink) -> answer(sink, 1, 1, "{}"));
    String body = "{\"model\":\"%s\",\"messages\":[" + turns + "]}";
    Http.Answer answer = Http.post("/v1/chat/completions", body.formatted("wire"));
    assertEquals("{}", answer.body());
    GenerateRequest seen = Neighbourhood.decoder.requests().getLast();
    assertEquals(body.formatted("wire"), seen.getWire().getBody().toStringUtf8());
    assertEquals(1_024, seen.getMessagesCount());
    assertTrue(seen.getMessages(0).getContent().startsWith("m0\nm1\n"));
    assertEquals("m1099", seen.getMessages(1_023).getContent());
    Http.Answer refused = Http.post("/v1/chat/completions", body.formatted("anna"));
    assertEquals("messages", refused.error().path("param").asText());
  }

  @Test
  void othersStillRefuseWhatTheyDoNotDo() {
    for (String model : List.of("anna", "vote", "gac", "gac-wire", "blend")) {
      Http.Answer answer = Http.post("/v1/chat/completions", TOOLS.formatted(model, ""));
      assertEquals(400, answer.status(), answer.body());
      assertTrue(answer.error().path("code").asText().startsWith("unsupported_"), answer.body());
    }
    assertEquals(List.of(), Neighbourhood.decoder.requests());
  }

  @Test
  void aRoutingEnsembleAsksOnlyThoseWhoTakeItAll() {
    Neighbourhood.decoder.script((request, sink) -> answer(sink, 1, 1, "{}"));
    for (int seed = 0; seed < 8; seed++) {
      Http.Answer answer =
          Http.post("/v1/chat/completions", TOOLS.formatted("blend-mixed", ",\"seed\":" + seed));
      assertEquals("{}", answer.body());
    }
    Neighbourhood.decoder
        .requests()
        .forEach(request -> assertEquals("wire", request.getMember().getModel()));
  }

  @Test
  void whereEverybodyMayAnswerTheChosenOnesFormIsUsed() {
    Neighbourhood.decoder.script(
        (request, sink) -> {
          if (request.getMember().getModel().equals("wire")) {
            answer(sink, 1, 1, "data: {\"its\":\"own\"}\n\ndata: [DONE]\n\n");
          } else {
            Neighbourhood.echo(request, sink);
          }
        });
    var own = 0;
    for (int seed = 0; seed < 12; seed++) {
      Http.Answer answer = Http.chat("blend-mixed", "\"stream\": true", "\"seed\": " + seed);
      if (answer.body().contains("own")) {
        own++;
        assertEquals(List.of("{\"its\":\"own\"}", "[DONE]"), answer.events());
      } else {
        assertTrue(answer.body().contains("anna"), answer.body());
        assertEquals("[DONE]", answer.events().getLast());
      }
    }
    assertTrue(own > 0 && own < 12, "own: " + own);
  }

  @Test
  void whatFailsBeforeItsFirstByteIsAnsweredByTheNext() {
    Neighbourhood.decoder.script(
        (request, sink) -> {
          if (request.getMember().getModel().equals("wire")) {
            throw new Failure.Unavailable("ENDPOINT_UNREACHABLE", "Away.").exception();
          }
          Neighbourhood.echo(request, sink);
        });
    for (int seed = 0; seed < 4; seed++) {
      Http.Answer answer = Http.chat("blend-mixed", "\"seed\": " + seed);
      assertTrue(answer.body().contains("I am anna"), answer.body());
    }
  }

  /** Only who speaks, and then nothing. */
  @Test
  void whatSaysNothingYetIsNoAnswer() {
    String role = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n";
    Neighbourhood.decoder.script(
        (request, sink) -> {
          if (request.getMember().getModel().equals("wire")) {
            sink.emit(wire(role, 0));
            throw (request.getSampling().getSeed() % 2 == 0
                    ? new Failure.Unavailable("ENDPOINT_FAILED", "Overloaded.")
                    : new Failure.InvalidArgument("", "ENDPOINT_REFUSED_REQUEST", "Not now."))
                .exception();
          }
          Neighbourhood.echo(request, sink);
        });
    for (int seed = 0; seed < 8; seed++) {
      Http.Answer answer = Http.chat("blend-mixed", "\"stream\": true", "\"seed\": " + seed);
      assertTrue(answer.body().contains("anna"), answer.body());
      assertEquals("[DONE]", answer.events().getLast());
      assertFalse(answer.body().contains(role), answer.body());
    }
    Neighbourhood.decoder.script(
        (request, sink) -> {
          sink.emit(wire(role, 0));
          sink.emit(wire(FIRST, 1));
          answer(sink, 7, 5, REST);
        });
    Http.Answer whole = Http.post("/v1/chat/completions", TOOLS.formatted("blend-mixed", STREAM));
    assertEquals(role + FIRST + REST, whole.body());
    assertEquals("wire", whole.header("x-tutti-member"));
  }

  @Test
  void aStreamThatFailsHalfWayEndsWithAnErrorAndItsUsageIsSpent() throws InterruptedException {
    Neighbourhood.decoder.script(
        (request, sink) -> {
          sink.emit(wire(FIRST));
          sink.emit(
              GenerateResponse.newBuilder()
                  .setSpent(
                      Spent.newBuilder()
                          .setUsage(Usage.newBuilder().setPromptTokens(100).setEstimated(true))
                          .setCostUsd(100 / 1e6))
                  .build());
          throw new Failure.Unavailable("ENDPOINT_CUT", "Cut off.").exception();
        });
    Instant before = Instant.now();
    Http.Answer answer = Http.chat("wire", "\"stream\": true");
    assertTrue(answer.body().startsWith(FIRST), answer.body());
    String error = answer.body().substring(FIRST.length());
    assertEquals("endpoint_cut", json(error).path("error").path("code").asText());
    assertFalse(answer.body().contains("[DONE]"));
    JsonNode line = spendOf("wire", before, 1);
    assertEquals("0.0001", line.path("cost_usd").asText());
    assertEquals(1, line.path("estimated_requests").asInt());
  }

  /** It is told once: the answer is complete. */
  @Test
  void whatAMemberUsedThatFailedIsPartOfTheAnswersCost() throws InterruptedException {
    Neighbourhood.decoder.script(
        (request, sink) -> {
          if (request.getMember().getModel().equals("wire")) {
            sink.emit(
                GenerateResponse.newBuilder()
                    .setSpent(
                        Spent.newBuilder()
                            .setUsage(Usage.newBuilder().setPromptTokens(100))
                            .setCostUsd(0.5))
                    .build());
            throw new Failure.Unavailable("ENDPOINT_CUT", "Cut off.").exception();
          }
          Neighbourhood.echo(request, sink);
        });
    Instant before = Instant.now();
    int failed = 0;
    for (int seed = 0; seed < 12; seed++) {
      Http.Answer answer = Http.chat("blend-mixed", "\"seed\": " + seed);
      assertEquals(200, answer.status(), answer.body());
      failed += answer.json().at("/usage/prompt_tokens").asInt() == 103 ? 1 : 0;
    }
    assertTrue(failed > 0 && failed < 12, "failed: " + failed);
    JsonNode line = spendOf("blend-mixed", before, 12);
    assertEquals(12 * 0.25 + failed * 0.5, line.path("cost_usd").asDouble(), 1e-9);
  }

  @Test
  void spendIsExactToTheToken() throws InterruptedException {
    Neighbourhood.decoder.script(
        (request, sink) -> answer(sink, 3, 1, "data: {}\n\ndata: [DONE]\n\n"));
    Instant before = Instant.now();
    for (int i = 0; i < 30; i++) {
      Http.chat("wire", "\"stream\": true");
    }
    JsonNode line = spendOf("wire", before, 30);
    assertEquals(90, line.path("prompt_tokens").asLong());
    assertEquals(30, line.path("completion_tokens").asLong());
    // Thirty times 5e-6, and no more digits than that.
    assertEquals("0.00015", line.path("cost_usd").asText());
    Http.Answer teams = Http.get("/v1/spend?by=team&from=" + before);
    assertEquals("none", teams.json().path("data").path(0).path("key").asText());
    assertEquals(400, Http.get("/v1/spend?by=colour").status());
    assertEquals(400, Http.get("/v1/spend?from=yesterday").status());
    assertEquals(400, Http.get("/v1/spend?limit=1").status());
  }

  /** No row is lost to a number, and their sum is one that can be told. */
  @Test
  void whateverANumberSaysItsSpendIsKept() throws InterruptedException {
    double[] costs = {1e300, Double.NaN, -5, Double.POSITIVE_INFINITY};
    Instant before = Instant.now();
    for (double usd : costs) {
      Neighbourhood.decoder.script(
          (request, sink) ->
              sink.emit(
                  GenerateResponse.newBuilder()
                      .setCompletion(
                          Completion.newBuilder()
                              .setText("x")
                              .setCostUsd(usd)
                              .setUsage(
                                  Usage.newBuilder()
                                      .setPromptTokens(Long.MAX_VALUE)
                                      .setCompletionTokens(-7)))
                      .build()));
      assertEquals(200, Http.chat("blend-gone").status());
    }
    JsonNode line = spendOf("blend-gone", before, costs.length);
    assertEquals(costs.length, line.path("estimated_requests").asInt());
    assertEquals("200000000000", line.path("cost_usd").asText());
    assertEquals(Long.MAX_VALUE, line.path("prompt_tokens").asLong());
    assertEquals(0, line.path("completion_tokens").asLong());
  }

  /** A header is too late for the cost of a stream; who asks for it gets an event. */
  @Test
  void theCostOfAStreamComesBeforeItsEndWhereTheCallerAsks() {
    String[] asks = {"x-tutti-include", "cost"};
    String done = "data: [DONE]\r\n\r\n: late\n\n";
    Neighbourhood.decoder.script(
        (request, sink) -> {
          sink.emit(wire(FIRST));
          sink.emit(wire("data: {\"x\":\"data: [DONE]\"}\n\n" + done));
          answer(sink, 7, 5, ": later\n\n");
        });
    String body = Http.body("wire", "\"stream\": true");
    String plain = Http.post("/v1/chat/completions", body).body();
    String with = Http.post("/v1/chat/completions", body, asks).body();
    int end = plain.indexOf(done);
    assertEquals(plain.substring(0, end), with.substring(0, end), "the rest stays as it was");
    assertTrue(with.endsWith(plain.substring(end)), with);
    JsonNode cost = json(with.substring(end, with.length() - (plain.length() - end)));
    assertEquals("[]", cost.path("choices").toString());
    assertEquals("0.000017", cost.at("/tutti/cost_usd").asText());
    assertEquals(5, cost.at("/usage/completion_tokens").asInt());
    assertFalse(cost.at("/tutti/estimated").asBoolean());
    // Of our own streams too, and of one that fails.
    Neighbourhood.calm();
    List<String> events =
        Http.post("/v1/chat/completions", Http.body("blend", "\"stream\": true"), asks).events();
    assertEquals("[DONE]", events.getLast());
    assertEquals("0.25", Http.json(events.get(events.size() - 2)).at("/tutti/cost_usd").asText());
    Neighbourhood.decoder.script(
        (request, sink) -> {
          sink.emit(ScriptedGeneration.delta("12345678"));
          throw new Failure.Unavailable("GONE", "Gone.").exception();
        });
    events =
        Http.post("/v1/chat/completions", Http.body("anna", "\"stream\": true"), asks).events();
    JsonNode failed = Http.json(events.get(events.size() - 2)).path("tutti");
    // 3 tokens to read at 1 US dollar a million, 2 to write at 2.
    assertEquals("0.000007", failed.path("cost_usd").asText());
    assertTrue(failed.path("estimated").asBoolean());
    assertTrue(events.getLast().contains("error"), events.getLast());
    Http.Answer other = Http.post("/v1/chat/completions", body, "x-tutti-include", "wind");
    assertEquals(400, other.status());
    assertTrue(other.error().path("message").asText().contains("'wind'; it can be 'cost'"));
  }

  @Test
  void rawPromptsGoToEndpointsOnly() {
    Neighbourhood.decoder.script((request, sink) -> answer(sink, 1, 1, "{\"choices\":[]}"));
    String body =
        "{\"model\":\"%s\",\"prompt\":[1,2],\"echo\":true,\"max_tokens\":-1,\"seed\":0.5,\"temperature\":9}";
    assertEquals("{\"choices\":[]}", Http.post("/v1/completions", body.formatted("wire")).body());
    GenerateRequest seen = Neighbourhood.decoder.requests().getLast();
    assertEquals(WireForm.WIRE_FORM_COMPLETION, seen.getWire().getForm());
    assertEquals(body.formatted("wire"), seen.getWire().getBody().toStringUtf8());
    Http.Answer refused = Http.post("/v1/completions", body.formatted("anna"));
    assertEquals(400, refused.status());
    assertEquals("prompt", refused.error().path("param").asText());
  }

  @Test
  void embeddingsPassThrough() {
    String body = "{\"input\":[1,2],\"dimensions\":3,\"model\":\"wire-embedder\"}";
    Http.Answer answer = Http.post("/v1/embeddings", body);
    assertEquals(body, answer.body());
    assertEquals("0.000005", answer.header("x-tutti-cost-usd"));
  }

  @Test
  void whatEndpointsRefuseKeepsItsStatus() {
    fails(new Failure.ResourceExhausted("ENDPOINT_RATE_LIMITED", "No.", Duration.ofSeconds(7)));
    Http.Answer limited = Http.chat("wire");
    assertEquals(429, limited.status());
    assertEquals("7", limited.header("retry-after"));
    fails(new Failure.FailedPrecondition("", "ENDPOINT_CREDENTIAL_REFUSED", "Ours."));
    assertEquals(502, Http.chat("wire").status());
    fails(new Failure.Unavailable("ENDPOINT_FAILED", "Theirs."));
    assertEquals(502, Http.chat("wire").status());
    fails(new Failure.InvalidArgument("tools[0]", "INVALID_TOOL", "Bad tool."));
    Http.Answer invalid = Http.chat("wire");
    assertEquals(400, invalid.status());
    assertEquals("tools[0]", invalid.error().path("param").asText());
    assertEquals("Bad tool.", invalid.error().path("message").asText());
  }

  private static void fails(Failure failure) {
    Neighbourhood.decoder.script(
        (request, sink) -> {
          throw failure.exception();
        });
  }

  private static JsonNode spendOf(String name, Instant from, int requests)
      throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
    while (true) {
      for (JsonNode line : Http.get("/v1/spend?from=" + from).json().path("data")) {
        if (line.path("key").asText().equals(name) && line.path("requests").asInt() == requests) {
          return line;
        }
      }
      if (System.nanoTime() > end) {
        throw new AssertionError(Http.get("/v1/spend?from=" + from).body());
      }
      Thread.sleep(20);
    }
  }

  private static JsonNode json(String event) {
    return Http.json(event.strip().substring("data: ".length()));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void answer(
      EventSink<GenerateResponse> sink, long prompt, long completion, String data) {
    sink.emit(wire(data));
    sink.emit(
        GenerateResponse.newBuilder()
            .setCompletion(
                Completion.newBuilder()
                    .setAuthor("wire")
                    .setUsage(
                        Usage.newBuilder().setPromptTokens(prompt).setCompletionTokens(completion))
                    .setCostUsd((prompt + 2 * completion) / 1e6))
            .build());
  }

  private static GenerateResponse wire(String data) {
    return wire(data, data.length());
  }

  private static GenerateResponse wire(String data, long characters) {
    return GenerateResponse.newBuilder()
        .setWire(
            WireData.newBuilder()
                .setData(ByteString.copyFromUtf8(data))
                .setWrittenCharacters(characters))
        .build();
  }
}
