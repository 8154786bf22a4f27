package dev.tutti.decoder.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.tutti.decoder.answer.ModelStandings;
import dev.tutti.decoder.v1.EndpointStanding;
import dev.tutti.decoder.wiring.KnownModels;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc.GenerationServiceBlockingStub;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.WireForm;
import dev.tutti.generation.v1.WireRequest;
import dev.tutti.kit.grpc.ClientStream;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Model;
import dev.tutti.registry.v1.Runtime;
import dev.tutti.type.v1.Member;
import dev.tutti.type.v1.Prices;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Models behind endpoints, and everything that endpoints do. */
@QuarkusTest
@QuarkusTestResource(ScriptedRegistry.class)
@Timeout(30)
class EndpointAnswersTest {

  static final AtomicLong REVISION = new AtomicLong(100);

  private static final String WHOLE =
      """
      {"usage": {"total_tokens": 12, "completion_tokens": 5, "prompt_tokens": 7, "cached": {"a": [1]}},
       "choices": [{"finish_reason": "stop", "message": {"content": "Grüße", "role": "assistant"}, "index": 0}],
       "x_unknown": [{"deep": {"er": null}}], "model": "remote", "object": "chat.completion"}\
      """;

  private static final String FIRST =
      "data:"
          + " {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Grü\"},\"finish_reason\":null}]}\n\n";
  private static final String LAST =
      "data:"
          + " {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"ße\"},\"finish_reason\":\"stop\"}]}\n\n";
  private static final String USAGE =
      "data:"
          + " {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5,\"total_tokens\":12}}\n\n";
  private static final String DONE = "data: [DONE]\n\n";

  @GrpcClient("self")
  GenerationServiceBlockingStub decoder;

  @Inject KnownModels models;
  @Inject ModelStandings standings;

  private final ScriptedEndpoint endpoint = new ScriptedEndpoint(call -> call.whole(200, WHOLE));
  private final ScriptedEndpoint second = new ScriptedEndpoint(call -> call.whole(200, WHOLE));

  @BeforeEach
  void oneEndpoint() throws InterruptedException {
    register(endpoint.url());
  }

  @AfterEach
  void close() throws IOException {
    endpoint.close();
    second.close();
  }

  private void register(String... urls) throws InterruptedException {
    ScriptedRegistry registry = ScriptedRegistry.current();
    long revision = REVISION.incrementAndGet();
    registry.say(
        registry.standard(revision).toBuilder()
            .addModels(
                Model.newBuilder()
                    .setName("remote")
                    .setVersion(revision)
                    .setRuntime(Runtime.RUNTIME_OPENAI)
                    .addAllEndpoints(List.of(urls))
                    .setRemoteModel("vendor/große-7b")
                    .setLifecycle(Lifecycle.LIFECYCLE_ACTIVE))
            .build());
    registry.await(models);
  }

  // What passes through.

  @Test
  void aWholeAnswerPassesByteByByteAndOnlyTheModelIsReplaced() {
    String body =
        "{ \"tools\" : [{\"type\":\"function\"}],\"model\"\t:\"remote\" ,"
            + " \"n\":1.50e0,\"x\":\"\\u00fc/\\/\"}";
    List<GenerateResponse> events = all(wire(body));
    assertEquals(
        body.replace("\"remote\"", "\"vendor/große-7b\""), endpoint.calls().getFirst().text());
    assertEquals("/v1/chat/completions", endpoint.calls().getFirst().path);
    assertEquals(WHOLE, wireData(events));
    Completion completion = events.getLast().getCompletion();
    assertEquals(7, completion.getUsage().getPromptTokens());
    assertEquals(5, completion.getUsage().getCompletionTokens());
    assertFalse(completion.getUsage().getEstimated());
    assertEquals((7 * 3.0 + 5 * 7.0) / 1e6, completion.getCostUsd(), 1e-15);
    assertEquals(FinishReason.FINISH_REASON_STOP, completion.getFinishReason());
  }

  @Test
  void everyEventOfAStreamPassesUnchangedInOrderAndAtOnce() throws InterruptedException {
    var seen = new CountDownLatch(1);
    var strange = ": a comment\r\n\r\n";
    var tools =
        "event: x\n"
            + "id: 7\n"
            + "data: {\"z\" :"
            + " 1.0,\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\"}}]}}]}\r\n\r\n";
    endpoint.script(
        call -> {
          call.stream();
          call.raw(FIRST);
          // Nothing more until the first event has reached the caller.
          seen.await();
          call.raw(strange + tools + LAST + USAGE);
          call.raw(DONE);
        });
    var received = new ByteArrayOutputStream();
    Completion completion = null;
    try (var events =
        ClientStream.open(
            () ->
                decoder.generate(
                    wire(
                        "{\"model\":\"remote\",\"stream\":true,\"stream_options\":{\"include_usage\":true}}")))) {
      while (events.hasNext()) {
        GenerateResponse event = events.next();
        received.writeBytes(event.getWire().getData().toByteArray());
        seen.countDown();
        completion = event.hasCompletion() ? event.getCompletion() : completion;
      }
    }
    assertEquals(
        FIRST + strange + tools + LAST + USAGE + DONE, received.toString(StandardCharsets.UTF_8));
    assertEquals(7, completion.getUsage().getPromptTokens());
    assertEquals(5, completion.getUsage().getCompletionTokens());
  }

  /** Until something is, another member may still answer. */
  @Test
  void howMuchWasWrittenIsToldWithThePieces() {
    List<Long> written = new ArrayList<>();
    for (String delta :
        List.of(
            "{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":null}",
            "{\"content\":\"abc\"}",
            "{\"reasoning_content\":\"hm\"}",
            "{\"tool_calls\":[{\"index\":0,\"id\":\"1\",\"function\":{\"arguments\":\"{\"}}]}")) {
      var seen = new CountDownLatch(1);
      endpoint.script(
          call -> {
            call.stream();
            call.raw("data: {\"choices\":[{\"index\":0,\"delta\":%s}]}\n\n".formatted(delta));
            seen.await();
            call.raw(LAST + DONE);
          });
      try (var events =
          ClientStream.open(
              () -> decoder.generate(wire("{\"model\":\"remote\",\"stream\":true}")))) {
        written.add(events.next().getWire().getWrittenCharacters());
        seen.countDown();
        events.forEachRemaining(e -> {});
      }
    }
    assertEquals(0, written.get(0));
    assertEquals(3, written.get(1));
    assertEquals(2, written.get(2));
    assertTrue(written.get(3) > 0, written.toString());
    endpoint.script(call -> call.whole(200, WHOLE));
    List<GenerateResponse> whole = all(wire("{\"model\":\"remote\"}"));
    assertTrue(whole.getFirst().getWire().getWrittenCharacters() > 0);
  }

  @Test
  void theUsageIsAskedForOnTheCallersBehalfAndKeptBack() {
    endpoint.script(stream(FIRST + LAST + USAGE + DONE));
    List<GenerateResponse> events = all(wire("{\"model\":\"remote\",\"stream\":true}"));
    assertEquals(
        "{\"model\":\"vendor/große-7b\",\"stream\":true,\"stream_options\":{\"include_usage\":true}}",
        endpoint.calls().getFirst().text());
    assertEquals(FIRST + LAST + DONE, wireData(events));
    assertEquals(7, events.getLast().getCompletion().getUsage().getPromptTokens());
    // Whatever it tells.
    endpoint.script(
        stream(
            FIRST
                + LAST
                + "data:"
                + " {\"choices\":[],\"usage\":{\"prompt_tokens\":-1,\"completion_tokens\":2}}\n\n"
                + DONE));
    assertEquals(
        FIRST + LAST + DONE, wireData(all(wire("{\"model\":\"remote\",\"stream\":true}"))));
    // What the caller said of it stays, but for this one member.
    all(
        wire(
            "{\"stream_options\": {\"a\":1,\"include_usage\" : false }, \"stream\":true,"
                + " \"model\":\"remote\"}"));
    assertEquals(
        "{\"stream_options\": {\"a\":1,\"include_usage\" : true }, \"stream\":true,"
            + " \"model\":\"vendor/große-7b\"}",
        endpoint.calls().getLast().text());
    all(wire("{\"stream_options\": {\"a\":1}, \"stream\":true, \"model\":\"remote\"}"));
    assertEquals(
        "{\"stream_options\": {\"a\":1,\"include_usage\":true}, \"stream\":true,"
            + " \"model\":\"vendor/große-7b\"}",
        endpoint.calls().getLast().text());
  }

  @Test
  void usageThatIsMissingIsEstimatedAndSaysSo() {
    endpoint.script(stream(FIRST + LAST + DONE));
    List<GenerateResponse> events =
        all(
            wire(
                "{\"model\":\"remote\",\"stream\":true,\"stream_options\":{\"include_usage\":true}}"));
    Completion completion = events.getLast().getCompletion();
    assertTrue(completion.getUsage().getEstimated());
    // "How are you?" has 12 characters, "Grüße" five.
    assertEquals(3, completion.getUsage().getPromptTokens());
    assertEquals(2, completion.getUsage().getCompletionTokens());
    assertTrue(wireData(events).startsWith(FIRST + LAST + "data: {"), wireData(events));
    assertTrue(
        wireData(events)
            .contains(
                "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5,\"estimated\":true}"));
    assertTrue(wireData(events).endsWith(DONE));
  }

  @Test
  void cachedTokensHaveTheirOwnPriceAndWhatCannotBeIsNotBilled() {
    GenerateRequest request = wire("{\"model\":\"remote\"}");
    GenerateRequest.Builder cached = request.toBuilder();
    cached.getMemberBuilder().getPricesBuilder().setUsdPerMillionCachedPromptTokens(0.5);
    String told =
        """
        {"choices": [{"index": 0, "message": {"content": "Grüße"}, "finish_reason": "stop"}],
         "usage": {"prompt_tokens": 40, "completion_tokens": 25,
           "prompt_tokens_details": {"cached_tokens": 32},
           "completion_tokens_details": {"reasoning_tokens": 20}}}\
        """;
    endpoint.script(call -> call.whole(200, told));
    Completion completion = all(cached.build()).getLast().getCompletion();
    assertEquals((8 * 3 + 32 * 0.5 + 25 * 7) / 1e6, completion.getCostUsd(), 1e-15);
    assertEquals(32, completion.getUsage().getCachedPromptTokens());
    assertEquals(20, completion.getUsage().getReasoningTokens());
    assertEquals(
        (40 * 3 + 25 * 7) / 1e6, all(request).getLast().getCompletion().getCostUsd(), 1e-15);
    String absurd = told.replace(": 40", ": 900000000000000").replace(": 25", ": -25");
    endpoint.script(call -> call.whole(200, absurd));
    List<GenerateResponse> events = all(cached.build());
    completion = events.getLast().getCompletion();
    assertEquals((3 * 3 + 2 * 7) / 1e6, completion.getCostUsd(), 1e-15);
    assertTrue(completion.getUsage().getEstimated());
    assertEquals(absurd, wireData(events), "what is relayed stays as it was");
    assertEquals(5, events.getFirst().getWire().getWrittenCharacters());
  }

  @Test
  void aStreamMayEndWithoutItsMarkOnceItIsWhole() {
    for (String end : List.of("", "\n", "\n\n")) {
      endpoint.script(stream(FIRST + LAST.strip() + end));
      List<GenerateResponse> events = all(wire("{\"model\":\"remote\",\"stream\":true}"));
      assertTrue(wireData(events).startsWith(FIRST + LAST), wireData(events));
      assertTrue(wireData(events).endsWith("\n\n" + DONE), wireData(events));
    }
  }

  @Test
  void aLastEventWithoutItsBlankLineIsAnEvent() {
    endpoint.script(stream(FIRST + LAST + USAGE.strip()));
    List<GenerateResponse> events = all(wire("{\"model\":\"remote\",\"stream\":true}"));
    assertEquals(FIRST + LAST + DONE, wireData(events));
    assertFalse(events.getLast().getCompletion().getUsage().getEstimated());
    assertEquals(5, events.getLast().getCompletion().getUsage().getCompletionTokens());
    endpoint.script(stream(FIRST + LAST + "data: {\"half"));
    assertEquals(
        FIRST + LAST + DONE, wireData(all(wire("{\"model\":\"remote\",\"stream\":true}"))));
  }

  @Test
  void anAnswerIsWholeOnceEveryChoiceIs() {
    String other = FIRST.replace("\"index\":0", "\"index\":1");
    endpoint.script(stream(FIRST + other + LAST));
    assertEquals(
        "ENDPOINT_CUT", broken(wire("{\"model\":\"remote\",\"stream\":true}")).failure().reason());
    endpoint.script(stream(FIRST + other + LAST + LAST.replace("\"index\":0", "\"index\":1")));
    all(wire("{\"model\":\"remote\",\"stream\":true}"));
    endpoint.script(stream(FIRST.replace("null", "\"\"")));
    assertEquals(
        "ENDPOINT_CUT", broken(wire("{\"model\":\"remote\",\"stream\":true}")).failure().reason());
  }

  @Test
  void whatComesBeforeTheFirstChunkIsNoAnswerYet() {
    endpoint.script(
        call -> {
          call.stream();
          call.raw(": PROCESSING\n\n");
          call.awaitArrival();
          call.cut();
        });
    Broken broken = broken(wire("{\"model\":\"remote\",\"stream\":true}"));
    assertEquals("ENDPOINT_CUT", broken.failure().reason());
    assertEquals("", wireData(broken.events()));
    assertEquals(1, endpoint.calls().size(), "it had begun to answer: not sent again");
  }

  @Test
  void whatIsNeitherEventsNorAnAnswerIsMalformed() {
    endpoint.script(call -> call.whole(200, "{\"object\":\"list\",\"data\":[]}"));
    Broken broken = broken(wire("{\"model\":\"remote\",\"stream\":true}"));
    assertEquals("ENDPOINT_MALFORMED", broken.failure().reason());
    assertEquals("", wireData(broken.events()));
  }

  @Test
  void whatIsUnusualPasses() {
    String unusual =
        """
        data: {"choices":[{"delta":{"content":7},"index":null}]}

        data: {"choices":[{"delta":{"content":[{"type":"text","text":"parts"}]},"index":0}]}

        data: {"choices":[{"delta":"no","logprobs":{"content":[{"token":"a","logprob":null},{"token":7,"logprob":"x"}]}}]}

        data: {"choices":[{"text":"b","logprobs":{"tokens":[null],"token_logprobs":["x"],"top_logprobs":[{"b":null}]}}]}

        data: {"choices":{}}

        """;
    // Usage that nobody asked for is kept back whatever it is.
    String usage =
        """
        data: {"usage":{"prompt_tokens":-1,"completion_tokens":1.5}}

        data: {"usage":{"prompt_tokens":"7","completion_tokens":{}}}

        """;
    endpoint.script(stream(FIRST + unusual + usage + LAST + DONE));
    List<GenerateResponse> events = all(wire("{\"model\":\"remote\",\"stream\":true}"));
    assertEquals(FIRST + unusual + LAST + DONE, wireData(events));
    assertTrue(events.getLast().getCompletion().getUsage().getEstimated());
  }

  @Test
  void messagesBecomeTextWithItsLogProbabilities() {
    endpoint.script(
        stream(
            "data:"
                + " {\"choices\":[{\"delta\":{\"content\":\"ü\"},\"index\":0,\"logprobs\":{\"content\":[{\"token\":\"\\\\xc3\",\"bytes\":[195],\"logprob\":-0.5,\"top_logprobs\":[{\"token\":\"a\",\"logprob\":-1}]},{\"bytes\":[188],\"token\":\"?\",\"logprob\":-0.25}]}}]}\n\n"
                + "data:"
                + " {\"choices\":[{\"delta\":{},\"index\":0,\"finish_reason\":\"length\"}]}\n\n"
                + USAGE
                + DONE));
    GenerateRequest request =
        wire("{}").toBuilder()
            .clearWire()
            .setSampling(
                Sampling.newBuilder()
                    .setMaxTokens(2)
                    .setLogprobs(true)
                    .setTopLogprobs(1)
                    .setTemperature(0.5))
            .build();
    List<GenerateResponse> events = all(request);
    assertEquals(
        "{\"model\":\"vendor/große-7b\",\"messages\":[{\"role\":\"user\",\"content\":\"How are"
            + " you?\"}],\"temperature\":0.5,\"max_tokens\":2,\"logprobs\":true,\"top_logprobs\":1,\"stream\":true,\"stream_options\":{\"include_usage\":true}}",
        endpoint.calls().getFirst().text());
    var delta = events.getFirst().getDelta();
    assertEquals("ü", delta.getText());
    assertEquals(ByteString.copyFrom(new byte[] {(byte) 195}), delta.getLogprobs(0).getBytes());
    assertEquals(-1, delta.getLogprobs(0).getTop(0).getLogprob());
    Completion completion = events.getLast().getCompletion();
    assertEquals("ü", completion.getText());
    assertEquals(FinishReason.FINISH_REASON_LENGTH, completion.getFinishReason());
    assertEquals(-0.75, completion.getSignals().getSumLogprob(), 1e-12);
    assertEquals(-0.5, completion.getSignals().getMinLogprob(), 1e-12);
  }

  // What endpoints do wrong.

  @Test
  void aCutStreamIsAnErrorThatTellsWhatWasUsed() {
    endpoint.script(
        call -> {
          call.stream();
          call.raw(FIRST);
        });
    Broken broken =
        broken(
            wire(
                "{\"model\":\"remote\",\"stream\":true,\"stream_options\":{\"include_usage\":true}}"));
    assertEquals("ENDPOINT_CUT", broken.failure().reason());
    Spent spent = broken.events().getLast().getSpent();
    assertEquals(1, spent.getUsage().getCompletionTokens());
    assertTrue(spent.getUsage().getEstimated());
    assertEquals((3 * 3.0 + 1 * 7.0) / 1e6, spent.getCostUsd(), 1e-15);
    assertTrue(wireData(broken.events()).contains("\"usage\""), wireData(broken.events()));
    assertFalse(wireData(broken.events()).contains("[DONE]"));
    assertEquals(1, endpoint.calls().size(), "what was streamed is not tried again");
  }

  @Test
  void whoWasAtWorkHadReadThePrompt() {
    endpoint.script(
        call -> {
          call.raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"choices\"");
          call.awaitArrival();
          call.cut();
        });
    for (String more : List.of("", ",\"stream\":true")) {
      Broken broken = broken(wire("{\"model\":\"remote\"%s}".formatted(more)));
      assertEquals("ENDPOINT_CUT", broken.failure().reason());
      Spent spent = broken.events().getLast().getSpent();
      assertEquals(3, spent.getUsage().getPromptTokens());
      assertEquals(0, spent.getUsage().getCompletionTokens());
      assertTrue(spent.getUsage().getEstimated());
      assertEquals(3 * 3.0 / 1e6, spent.getCostUsd(), 1e-15);
    }
    endpoint.script(call -> call.whole(400, "{}"));
    assertEquals(List.of(), broken(wire("{\"model\":\"remote\"}")).events());
  }

  @Test
  void aResetIsACutToo() {
    endpoint.script(
        call -> {
          call.stream();
          call.raw(FIRST);
          // The event must arrive: a reset discards what was not read.
          call.awaitArrival();
          call.cut();
        });
    Broken broken = broken(wire("{\"model\":\"remote\",\"stream\":true}"));
    assertEquals("ENDPOINT_CUT", broken.failure().reason());
  }

  @Test
  void whatFailsBeforeTheFirstEventIsTriedAgain() {
    endpoint.script(
        call -> {
          if (endpoint.calls().size() < 3) {
            call.whole(500, "{\"error\":{\"message\":\"Out of memory\"}}");
          } else {
            stream(FIRST + LAST + USAGE + DONE).answer(call);
          }
        });
    assertEquals(
        FIRST + LAST + DONE, wireData(all(wire("{\"model\":\"remote\",\"stream\":true}"))));
    assertEquals(3, endpoint.calls().size());
  }

  @Test
  void aFailureThatLastsIsTold() {
    endpoint.script(call -> call.whole(503, "<html>"));
    Failure failure = broken(wire("{\"model\":\"remote\"}")).failure();
    assertInstanceOf(Failure.Unavailable.class, failure);
    assertEquals("ENDPOINT_FAILED", failure.reason());
    assertEquals(3, endpoint.calls().size());
  }

  @Test
  void aRateLimitIsPassedOnWithItsTime() {
    endpoint.script(
        call -> call.whole(429, "{\"error\":{\"message\":\"Slowly.\"}}", "Retry-After: 7"));
    Failure failure = broken(wire("{\"model\":\"remote\"}")).failure();
    var exhausted = assertInstanceOf(Failure.ResourceExhausted.class, failure);
    assertEquals(Duration.ofSeconds(7), exhausted.retryAfter());
    assertTrue(failure.message().endsWith("Slowly."), failure.message());
    assertEquals(1, endpoint.calls().size());
    // Respected: it is not asked again in that time.
    var again =
        assertInstanceOf(
            Failure.ResourceExhausted.class, broken(wire("{\"model\":\"remote\"}")).failure());
    assertTrue(again.retryAfter().compareTo(Duration.ofSeconds(7)) <= 0);
    assertTrue(again.retryAfter().compareTo(Duration.ofSeconds(1)) > 0);
    assertEquals(1, endpoint.calls().size());
  }

  @Test
  void aShortRetryAfterIsWaitedFor() {
    endpoint.script(
        call -> {
          if (endpoint.calls().size() == 1) {
            call.whole(429, "{}", "Retry-After: 0.05");
          } else {
            call.whole(200, WHOLE);
          }
        });
    assertEquals(WHOLE, wireData(all(wire("{\"model\":\"remote\"}"))));
    assertEquals(2, endpoint.calls().size());
  }

  @Test
  void whatTheCallerDidWrongIsTheCallers() {
    endpoint.script(
        call ->
            call.whole(
                400,
                "{\"error\":{\"message\":\"Bad"
                    + " tool.\",\"param\":\"tools[0]\",\"code\":\"invalid_tool\"}}"));
    var failure =
        assertInstanceOf(
            Failure.InvalidArgument.class, broken(wire("{\"model\":\"remote\"}")).failure());
    assertEquals("tools[0]", failure.field());
    assertEquals("INVALID_TOOL", failure.reason());
    assertEquals("Bad tool.", failure.message());
    assertEquals(1, endpoint.calls().size());
  }

  @Test
  void aRefusedKeyIsOurMatter() {
    endpoint.script(call -> call.whole(401, "{\"error\":{\"message\":\"Wrong key sk-1\"}}"));
    Failure failure = broken(wire("{\"model\":\"remote\"}")).failure();
    assertInstanceOf(Failure.FailedPrecondition.class, failure);
    assertEquals("ENDPOINT_CREDENTIAL_REFUSED", failure.reason());
    assertFalse(failure.message().contains("sk-1"));
  }

  @Test
  void aRedirectIsNotFollowed() {
    endpoint.script(call -> call.whole(307, "", "Location: " + second.url()));
    Failure failure = broken(wire("{\"model\":\"remote\"}")).failure();
    assertEquals("ENDPOINT_ANSWERS_OTHERWISE", failure.reason());
    assertEquals(0, second.calls().size());
  }

  @Test
  void malformedEventsEndTheStream() throws InterruptedException {
    for (String bad : List.of("data: {\"choices\":[{\n\n", "data: nonsense\n\n", "data: []\n\n")) {
      endpoint.script(inTwo(FIRST, bad + LAST + DONE));
      Broken broken = broken(wire("{\"model\":\"remote\",\"stream\":true}"));
      assertEquals("ENDPOINT_MALFORMED", broken.failure().reason(), bad);
      assertEquals(FIRST, wireData(broken.events()));
    }
  }

  /** So that somebody else may answer in its place. */
  @Test
  void whatFailsAtOnceHandsNothingOnAndTellsWhatItUsed() {
    endpoint.script(
        call -> {
          call.stream();
          call.raw(FIRST + "data: {]\n\n");
        });
    Broken broken = broken(wire("{\"model\":\"remote\",\"stream\":true}"));
    assertEquals("ENDPOINT_MALFORMED", broken.failure().reason());
    assertEquals("", wireData(broken.events()));
    assertEquals(1, broken.events().getLast().getSpent().getUsage().getCompletionTokens());
    assertEquals(1, endpoint.calls().size());
  }

  @Test
  void aCharacterMayBeCutBetweenPiecesButNotBeMissing() {
    byte[] bytes = (FIRST + LAST + DONE).getBytes(StandardCharsets.UTF_8);
    int umlaut = FIRST.indexOf("ü") + 1;
    endpoint.script(
        call -> {
          call.stream();
          call.raw(Arrays.copyOf(bytes, umlaut));
          Thread.sleep(20);
          call.raw(Arrays.copyOfRange(bytes, umlaut, bytes.length));
        });
    assertArrayEquals(
        bytes,
        wireData(all(wire("{\"model\":\"remote\",\"stream\":true}")))
            .getBytes(StandardCharsets.UTF_8));
    byte[] half = FIRST.getBytes(StandardCharsets.UTF_8);
    half[umlaut] = '"';
    endpoint.script(
        call -> {
          call.stream();
          call.raw(half);
        });
    assertEquals(
        "ENDPOINT_MALFORMED",
        broken(wire("{\"model\":\"remote\",\"stream\":true}")).failure().reason());
  }

  @Test
  void anErrorWithinAStreamIsAnError() {
    endpoint.script(
        inTwo(FIRST, "data: {\"error\":{\"message\":\"GPU lost\",\"code\":500}}\n\n" + DONE));
    Broken broken = broken(wire("{\"model\":\"remote\",\"stream\":true}"));
    assertEquals("ENDPOINT_FAILED", broken.failure().reason());
    assertTrue(broken.failure().message().endsWith("GPU lost"));
    assertEquals(FIRST, wireData(broken.events()));
  }

  @Test
  void silenceEndsBeforeAndWithinAStream() {
    endpoint.script(ScriptedEndpoint.Call::fallSilent);
    Broken before = broken(wire("{\"model\":\"remote\",\"stream\":true}"));
    assertInstanceOf(Failure.DeadlineExceeded.class, before.failure());
    assertEquals("ENDPOINT_SILENT", before.failure().reason());
    assertEquals(1, endpoint.calls().size(), "it may be at work: not sent again");
    endpoint.script(
        call -> {
          call.stream();
          call.raw(": keeps the connection busy\n\n" + FIRST);
          call.fallSilent();
        });
    Broken within = broken(wire("{\"model\":\"remote\",\"stream\":true}"));
    assertEquals("ENDPOINT_SILENT", within.failure().reason());
    assertEquals(2, endpoint.calls().size());
  }

  @Test
  void hugeLinesAreGivenUp() {
    endpoint.script(
        call -> {
          call.stream();
          String more = "x".repeat(100_000);
          call.raw("data: ");
          for (int i = 0; i < 200; i++) {
            call.raw(more);
          }
        });
    Broken broken = broken(wire("{\"model\":\"remote\",\"stream\":true}"));
    assertEquals("ENDPOINT_ANSWER_TOO_LARGE", broken.failure().reason());
  }

  @Test
  void aCallerThatLeavesEndsTheCallAtTheEndpoint() throws InterruptedException {
    endpoint.script(
        call -> {
          call.stream();
          call.raw(FIRST);
          call.fallSilent();
        });
    try (var events =
        ClientStream.open(() -> decoder.generate(wire("{\"model\":\"remote\",\"stream\":true}")))) {
      events.next();
    }
    assertTrue(endpoint.calls().getFirst().awaitLeaving());
  }

  // Several endpoints.

  @Test
  void anotherEndpointTakesOver() throws InterruptedException, IOException {
    register(endpoint.url(), second.url());
    endpoint.close();
    for (int i = 0; i < 8; i++) {
      assertEquals(WHOLE, wireData(all(wire("{\"model\":\"remote\"}"))));
    }
    assertEquals(8, second.calls().size());
  }

  @Test
  void aRawPromptsAnswerThatBreaksOffGoesOnElsewhere() throws InterruptedException {
    register(endpoint.url(), second.url());
    String end = "data: {\"choices\":[{\"text\":\" three\",\"finish_reason\":\"stop\"}]}\n\n";
    ScriptedEndpoint.Script either =
        call -> {
          call.stream();
          if (endpoint.calls().size() + second.calls().size() == 1) {
            call.raw("data: {\"choices\":[{\"text\":\" two\"}]}\n\n");
          } else {
            call.raw(end + USAGE + DONE);
          }
        };
    endpoint.script(either);
    second.script(either);
    String body =
        "{\"model\":\"remote\",\"prompt\":\"one\",\"max_tokens\":9,\"stream\":true,\"stream_options\":{\"include_usage\":true}}";
    GenerateRequest request =
        wire(body).toBuilder()
            .setWire(
                WireRequest.newBuilder()
                    .setForm(WireForm.WIRE_FORM_COMPLETION)
                    .setBody(ByteString.copyFromUtf8(body)))
            .build();
    List<GenerateResponse> events = all(request);
    assertTrue(
        wireData(events).startsWith("data: {\"choices\":[{\"text\":\" two\"}]}\n\n" + end),
        wireData(events));
    assertTrue(wireData(events).endsWith(DONE));
    // Either endpoint may have been the one that broke off.
    String asked =
        Stream.of(endpoint, second)
            .flatMap(e -> e.calls().stream())
            .map(ScriptedEndpoint.Call::text)
            .collect(Collectors.joining());
    assertTrue(
        asked.contains("\"prompt\":\"one two\"") && asked.contains("\"max_tokens\":8"), asked);
    Completion completion = events.getLast().getCompletion();
    // Both calls read: three tokens for twelve characters, then the seven that were told.
    assertEquals(10, completion.getUsage().getPromptTokens());
    assertEquals(6, completion.getUsage().getCompletionTokens());
    assertTrue(completion.getUsage().getEstimated());
    assertTrue(
        wireData(events).contains("\"prompt_tokens\":10,\"completion_tokens\":6"),
        wireData(events));
  }

  @Test
  void aRawPromptsAnswerThatBreaksOffDoesNotGoOnWhereItBrokeOff() {
    endpoint.script(stream("data: {\"choices\":[{\"text\":\" two\"}]}\n\n"));
    Broken broken = broken(rawPrompt());
    assertEquals("ENDPOINT_CUT", broken.failure().reason());
    assertEquals(1, endpoint.calls().size());
  }

  @Test
  void theRestOfARawPromptsAnswerIsTriedAgainElsewhereFirst() throws InterruptedException {
    register(endpoint.url(), second.url());
    var asked = new CopyOnWriteArrayList<ScriptedEndpoint>();
    answerRest(
        asked,
        call -> {
          if (asked.size() < 3) {
            call.cut();
          } else {
            call.stream();
            call.raw(
                "data: {\"choices\":[{\"text\":\" three\",\"finish_reason\":\"stop\"}]}\n\n"
                    + DONE);
          }
        });
    List<GenerateResponse> events = all(rawPrompt());
    assertTrue(wireData(events).endsWith(DONE), wireData(events));
    assertEquals(3, asked.size());
    assertNotSame(asked.get(0), asked.get(1), "the one that broke off comes last");
  }

  @Test
  void whatNobodyGoesOnWithIsSpentOnce() throws InterruptedException {
    register(endpoint.url(), second.url());
    answerRest(new CopyOnWriteArrayList<>(), ScriptedEndpoint.Call::cut);
    Broken broken = broken(rawPrompt());
    assertEquals("ENDPOINT_CUT", broken.failure().reason());
    Spent spent = broken.events().getLast().getSpent();
    assertEquals(3, spent.getUsage().getPromptTokens());
    assertEquals(1, spent.getUsage().getCompletionTokens());
    assertTrue(spent.getUsage().getEstimated());
  }

  /** The first call breaks off after " two"; the others are the rest's. */
  private void answerRest(List<ScriptedEndpoint> asked, ScriptedEndpoint.Script rest) {
    for (ScriptedEndpoint each : List.of(endpoint, second)) {
      each.script(
          call -> {
            asked.add(each);
            if (asked.size() == 1) {
              call.stream();
              call.raw("data: {\"choices\":[{\"text\":\" two\"}]}\n\n");
            } else if (call.text().contains("one two")) {
              rest.answer(call);
            }
          });
    }
  }

  private GenerateRequest rawPrompt() {
    String body = "{\"model\":\"remote\",\"prompt\":\"one\",\"stream\":true}";
    return wire(body).toBuilder()
        .setWire(
            WireRequest.newBuilder()
                .setForm(WireForm.WIRE_FORM_COMPLETION)
                .setBody(ByteString.copyFromUtf8(body)))
        .build();
  }

  @Test
  void whatOneEndpointRefusesAnotherMayDo() throws InterruptedException {
    for (int status : new int[] {401, 402, 403, 404, 407}) {
      register(endpoint.url(), second.url());
      endpoint.script(call -> call.whole(status, "{}"));
      for (int i = 0; i < 4; i++) {
        assertEquals(WHOLE, wireData(all(wire("{\"model\":\"remote\"}"))), "status " + status);
      }
      register(endpoint.url());
      assertInstanceOf(
          Failure.FailedPrecondition.class, broken(wire("{\"model\":\"remote\"}")).failure());
    }
  }

  @Test
  void theFirstEventOfAStreamProvesAnEndpointWell() throws InterruptedException {
    endpoint.script(call -> call.whole(500, "{}"));
    for (int i = 0; i < 6; i++) {
      broken(wire("{\"model\":\"remote\"}"));
    }
    assertEquals("ENDPOINT_RESTING", broken(wire("{\"model\":\"remote\"}")).failure().reason());
    var over = new CountDownLatch(1);
    endpoint.script(
        call -> {
          if (call.text().contains("stream")) {
            call.stream();
            call.raw(FIRST);
            over.await();
            call.raw(LAST + DONE);
          } else {
            call.whole(200, WHOLE);
          }
        });
    Thread.sleep(5_200);
    try (var events =
        ClientStream.open(() -> decoder.generate(wire("{\"model\":\"remote\",\"stream\":true}")))) {
      events.next();
      for (int i = 0; i < 3; i++) {
        assertEquals(WHOLE, wireData(all(wire("{\"model\":\"remote\"}"))));
      }
      over.countDown();
    }
  }

  @Test
  void aWholeAnswerMayNotTakeForEver() {
    endpoint.script(ScriptedEndpoint.Call::fallSilent);
    assertEquals("ENDPOINT_SILENT", broken(wire("{\"model\":\"remote\"}")).failure().reason());
    assertEquals(1, endpoint.calls().size(), "it may be at work: not sent again");
  }

  @Test
  void aLongerRetryAfterIsNotShortened() throws InterruptedException {
    var both = new CountDownLatch(2);
    var somebodyWasFirst = new AtomicBoolean();
    endpoint.script(
        call -> {
          // Not by the number of calls: the second may be counted before the first looks.
          boolean first = somebodyWasFirst.compareAndSet(false, true);
          both.countDown();
          both.await();
          if (first) {
            call.whole(429, "{}", "Retry-After: 60");
          } else {
            call.awaitArrival();
            call.whole(429, "{}", "Retry-After: 3");
          }
        });
    var other = Thread.ofVirtual().start(() -> broken(wire("{\"model\":\"remote\"}")));
    broken(wire("{\"model\":\"remote\"}"));
    other.join();
    var limited =
        assertInstanceOf(
            Failure.ResourceExhausted.class, broken(wire("{\"model\":\"remote\"}")).failure());
    assertTrue(limited.retryAfter().toSeconds() > 10, limited.toString());
  }

  @Test
  void theOneWithFewerCallsIsAsked() throws InterruptedException {
    register(endpoint.url(), second.url());
    var busy = new CountDownLatch(1);
    ScriptedEndpoint.Script waiting =
        call -> {
          call.stream();
          call.raw(FIRST);
          busy.await();
          call.raw(LAST + DONE);
        };
    endpoint.script(waiting);
    second.script(waiting);
    try (var one =
        ClientStream.open(() -> decoder.generate(wire("{\"model\":\"remote\",\"stream\":true}")))) {
      one.next();
      ScriptedEndpoint idle = endpoint.calls().isEmpty() ? endpoint : second;
      try (var two =
          ClientStream.open(
              () -> decoder.generate(wire("{\"model\":\"remote\",\"stream\":true}")))) {
        two.next();
        assertEquals(1, idle.calls().size());
        busy.countDown();
      }
    }
  }

  @Test
  void oneThatKeepsFailingIsLeftAlone() {
    assertEquals(1, standings.tell().getEndpointsInAll());
    assertEquals(0, standings.tell().getEndpointsAway());
    endpoint.script(call -> call.whole(500, "{}"));
    for (int i = 0; i < 10; i++) {
      broken(wire("{\"model\":\"remote\"}"));
    }
    Failure failure = broken(wire("{\"model\":\"remote\"}")).failure();
    assertEquals("ENDPOINT_RESTING", failure.reason());
    assertTrue(endpoint.calls().size() <= 12, "calls: " + endpoint.calls().size());
    assertEquals(1, standings.tell().getEndpointsAway());
    EndpointStanding its = standings.tell().getEndpoints(0);
    assertEquals("remote 1", its.getModel() + " " + its.getPlace());
    assertTrue(its.getFailing() && its.getSecondsLeftAlone() > 0, its.toString());
  }

  // Helpers.

  private record Broken(List<GenerateResponse> events, Failure failure) {}

  private static ScriptedEndpoint.Script stream(String events) {
    return call -> {
      call.stream();
      call.raw(events);
    };
  }

  /** The second part once the first has surely been read. */
  private static ScriptedEndpoint.Script inTwo(String first, String second) {
    return call -> {
      call.stream();
      call.raw(first);
      call.awaitArrival();
      call.raw(second);
    };
  }

  private GenerateRequest wire(String body) {
    return GenerateRequest.newBuilder()
        .setMember(
            Member.newBuilder()
                .setModel("remote")
                .setPrices(
                    Prices.newBuilder()
                        .setUsdPerMillionPromptTokens(3)
                        .setUsdPerMillionCompletionTokens(7)))
        .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent("How are you?"))
        .setWire(
            WireRequest.newBuilder()
                .setForm(WireForm.WIRE_FORM_CHAT)
                .setBody(ByteString.copyFromUtf8(body)))
        .build();
  }

  private List<GenerateResponse> all(GenerateRequest request) {
    var events = new ArrayList<GenerateResponse>();
    try (var stream = ClientStream.open(() -> decoder.generate(request))) {
      stream.forEachRemaining(events::add);
    }
    return events;
  }

  private Broken broken(GenerateRequest request) {
    var events = new ArrayList<GenerateResponse>();
    try (var stream = ClientStream.open(() -> decoder.generate(request))) {
      FailureException e =
          assertThrows(FailureException.class, () -> stream.forEachRemaining(events::add));
      return new Broken(events, e.failure());
    }
  }

  private static String wireData(List<GenerateResponse> events) {
    return events.stream()
        .map(e -> e.getWire().getData())
        .reduce(ByteString.EMPTY, ByteString::concat)
        .toStringUtf8();
  }
}
