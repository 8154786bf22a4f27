package dev.tutti.decoder.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.tutti.decoder.v1.DecoderServiceGrpc.DecoderServiceBlockingStub;
import dev.tutti.decoder.v1.EmbedRequest;
import dev.tutti.decoder.v1.EmbedResponse;
import dev.tutti.decoder.v1.InspectRequest;
import dev.tutti.decoder.wiring.KnownModels;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc.GenerationServiceBlockingStub;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.generation.v1.WireForm;
import dev.tutti.generation.v1.WireRequest;
import dev.tutti.kit.grpc.ClientStream;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Model;
import dev.tutti.registry.v1.Runtime;
import dev.tutti.type.v1.Member;
import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Statistic;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What endpoints are asked for, and what they make of it. */
@QuarkusTest
@QuarkusTestResource(ScriptedRegistry.class)
@Timeout(30)
class EndpointAsksTest {

  private static final String WHOLE =
      "{\n"
          + "\"choices\": [{\"index\": 0, \"message\": {\"content\": \"Grüße\"},\r\n"
          + " \"finish_reason\": \"stop\"}]}";
  private static final String FIRST =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Grü\"}}]}\n\n";
  private static final String LAST =
      "data:"
          + " {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"ße\"},\"finish_reason\":\"stop\"}]}\n\n"
          + "data: [DONE]\n\n";
  private static final String EMBEDDINGS =
      "{ \"data\" : [{\"index\":0, \"embedding\" : %s"
          + " ,\"object\":\"embedding\"}],\"usage\":{\"prompt_tokens\":9}}";

  @GrpcClient("self")
  GenerationServiceBlockingStub decoder;

  @GrpcClient("self")
  DecoderServiceBlockingStub embedder;

  @Inject KnownModels models;

  @Inject MeterRegistry meters;

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
    long revision = EndpointAnswersTest.REVISION.incrementAndGet();
    registry.say(
        registry.standard(revision).toBuilder()
            .addModels(
                Model.newBuilder()
                    .setName("remote")
                    .setVersion(revision)
                    .setRuntime(Runtime.RUNTIME_OPENAI)
                    .addAllEndpoints(List.of(urls))
                    .setLifecycle(Lifecycle.LIFECYCLE_ACTIVE))
            .build());
    registry.await(models);
  }

  // Fields that nobody but Tutti asked for.

  private static ScriptedEndpoint.Script refusing(String field, int status, String words) {
    return call -> {
      if (call.text().contains("\"" + field + "\"")) {
        call.whole(status, words);
      } else if (call.text().contains("\"stream\":true")) {
        call.stream();
        call.raw(FIRST + LAST);
      } else {
        call.whole(200, WHOLE);
      }
    };
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "400 {\"error\":{\"message\":\"Unrecognized request argument supplied:"
            + " stream_options\",\"param\":null}}",
        "422 {\"detail\":[{\"loc\":[\"body\",\"stream_options\"],\"msg\":\"Extra inputs are not"
            + " permitted\"}]}",
        "400 json: unknown field \"stream_options\"",
        "400 ",
      })
  void aStreamIsAskedForWithoutItsUsageWhereThatIsRefused(String refusal) {
    endpoint.script(
        refusing(
            "stream_options", Integer.parseInt(refusal.substring(0, 3)), refusal.substring(4)));
    String body = "{\"model\":\"remote\",\"stream\":true,\"x\":1}";
    List<GenerateResponse> events = all(wire(body));
    assertEquals(FIRST + LAST, wireData(events));
    assertTrue(completion(events).getUsage().getEstimated());
    assertEquals(2, endpoint.calls().size());
    assertEquals(body, endpoint.calls().getLast().text());
    // It is known from now on, whoever asks.
    assertEquals(FIRST + LAST, wireData(all(wire(body))));
    assertEquals("Grüße", completion(all(text(Sampling.getDefaultInstance()))).getText());
    assertEquals(4, endpoint.calls().size());
    assertFalse(endpoint.calls().getLast().text().contains("stream_options"));
  }

  @Test
  void whatTheCallerSaidOfItStays() {
    endpoint.script(refusing("include_usage", 400, "Unknown: include_usage"));
    String body = "{\"stream_options\":{\"x\":1},\"model\":\"remote\",\"stream\":true}";
    assertEquals(FIRST + LAST, wireData(all(wire(body))));
    assertEquals(body, endpoint.calls().getLast().text());
  }

  @Test
  void whatTheCallerWroteItselfIsRefusedToItself() {
    endpoint.script(
        refusing(
            "stream_options",
            400,
            "{\"error\":{\"message\":\"Unknown parameter\",\"param\":\"stream_options\"}}"));
    var refused =
        (Failure.InvalidArgument)
            broken(
                wire(
                    "{\"model\":\"remote\",\"stream\":true,\"stream_options\":{\"include_usage\":true}}"));
    assertEquals("stream_options", refused.field());
    endpoint.script(refusing("max_tokens", 400, "Unsupported: use 'max_completion_tokens'"));
    broken(wire("{\"model\":\"remote\",\"max_tokens\":5}"));
    assertEquals(2, endpoint.calls().size());
  }

  @Test
  void whatIsWrongOtherwiseIsAskedOnce() {
    endpoint.script(
        call ->
            call.whole(
                400,
                "{\"error\":{\"message\":\"Too long: stream_options\",\"param\":\"messages\"}}"));
    var refused = (Failure.InvalidArgument) broken(wire("{\"model\":\"remote\",\"stream\":true}"));
    assertEquals("messages", refused.field());
    assertEquals(1, endpoint.calls().size());
  }

  @Test
  void whatIsRefusedAllTheSameIsNotLearned() {
    endpoint.script(call -> call.whole(400, "No stream_options, and nothing else"));
    broken(wire("{\"model\":\"remote\",\"stream\":true}"));
    assertEquals(2, endpoint.calls().size());
    endpoint.script(refusing("nothing", 400, ""));
    all(wire("{\"model\":\"remote\",\"stream\":true}"));
    assertTrue(endpoint.calls().getLast().text().contains("stream_options"));
  }

  @Test
  void whatOneEndpointRefusesAnotherIsStillAskedFor() throws InterruptedException {
    endpoint.script(refusing("stream_options", 400, "Unknown: stream_options"));
    second.script(refusing("nothing", 400, ""));
    register(endpoint.url(), second.url());
    for (int i = 0; i < 12; i++) {
      all(wire("{\"model\":\"remote\",\"stream\":true}"));
    }
    assertTrue(second.calls().stream().allMatch(call -> call.text().contains("stream_options")));
    assertEquals(
        1, endpoint.calls().stream().filter(c -> c.text().contains("stream_options")).count());
  }

  @Test
  void theLimitOfAnAnswerHasANewerName() {
    endpoint.script(
        refusing(
            "max_tokens",
            400,
            "{\"error\":{\"message\":\"Unsupported parameter: 'max_tokens'. Use"
                + " 'max_completion_tokens' instead.\",\"param\":\"max_tokens\"}}"));
    GenerateRequest request = text(Sampling.newBuilder().setMaxTokens(7).setTemperature(0).build());
    assertEquals("Grüße", completion(all(request)).getText());
    assertTrue(endpoint.calls().getLast().text().contains("\"max_completion_tokens\":7"));
    assertTrue(endpoint.calls().getLast().text().contains("\"temperature\":0"));
    all(request);
    assertEquals(3, endpoint.calls().size());
  }

  @Test
  void biasesOfTokensAndPenaltiesAreItsToTake() {
    all(
        text(
            Sampling.newBuilder()
                .setFrequencyPenalty(.5)
                .setPresencePenalty(-1)
                .putLogitBias("50256", -100)
                .build()));
    String asked = endpoint.calls().getLast().text();
    assertTrue(asked.contains("\"frequency_penalty\":0.5"), asked);
    assertTrue(asked.contains("\"presence_penalty\":-1.0"), asked);
    assertTrue(asked.contains("\"logit_bias\":{\"50256\":-100.0}"), asked);
    int calls = endpoint.calls().size();
    Failure refused = broken(text(Sampling.newBuilder().putLogitBias(" Paris", 1).build()));
    assertEquals("BIAS_UNSUPPORTED", refused.reason());
    assertTrue(
        refused.message().contains("the text ' Paris', but 'remote' is behind an endpoint"),
        refused.message());
    assertEquals(calls, endpoint.calls().size());
  }

  @Test
  void whoeverDoesNotStreamAnswersAtOnce() {
    endpoint.script(
        refusing(
            "stream",
            400,
            "{\"error\":{\"message\":\"Not supported with this model.\",\"param\":\"stream\"}}"));
    List<GenerateResponse> events = all(text(Sampling.getDefaultInstance()));
    assertEquals("Grüße", completion(events).getText());
    assertEquals("Grüße", events.getFirst().getDelta().getText());
    assertFalse(endpoint.calls().getLast().text().contains("stream"));
    all(text(Sampling.getDefaultInstance()));
    assertEquals(3, endpoint.calls().size());
  }

  /** Some take the field and answer at once all the same. */
  @Test
  void whoeverIgnoresThatAStreamIsAskedForIsStillHeard() {
    endpoint.script(
        call ->
            call.whole(
                200,
                """
                {"id":"c", "object":"chat.completion",
                 "choices":[{"index":0,"message":{"content":"Grüße","tool_calls":[{"id":"1"}]},"finish_reason":"stop"}],

                 "usage":{"prompt_tokens":7,"completion_tokens":5}}\
                """));
    String chunk =
        "data:"
            + " {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"finish_reason\":\"stop\",\"delta\":{\"content\":\"Grüße\",\"tool_calls\":[{\"id\":\"1\",\"index\":0}]}}]}\n\n";
    String usage =
        "data:"
            + " {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5}}\n\n";
    String done = "data: [DONE]\n\n";
    List<GenerateResponse> events = all(wire("{\"model\":\"remote\",\"stream\":true}"));
    assertEquals(chunk + done, wireData(events));
    assertEquals(7, completion(events).getUsage().getPromptTokens());
    assertEquals(
        chunk + usage + done,
        wireData(
            all(
                wire(
                    "{\"model\":\"remote\",\"stream\":true,\"stream_options\":{\"include_usage\":true}}"))));
    assertEquals("Grüße", completion(all(text(Sampling.getDefaultInstance()))).getText());
    assertEquals(3, endpoint.calls().size());
  }

  // Compression that nobody asked for.

  private static byte[] packed(String text, String encoding) throws IOException {
    var bytes = new ByteArrayOutputStream();
    OutputStream out =
        switch (encoding) {
          case "gzip" -> new GZIPOutputStream(bytes);
          case "deflate" -> new DeflaterOutputStream(bytes);
          default -> new DeflaterOutputStream(bytes, new Deflater(9, true));
        };
    try (out) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  private static void send(ScriptedEndpoint.Call call, int status, String encoding, byte[] body)
      throws IOException {
    call.raw(
        "HTTP/1.1 %d Said\r\nContent-Type: application/json\r\nContent-Encoding: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
            .formatted(status, encoding, body.length));
    call.raw(body);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate", "raw"})
  void aCompressedAnswerIsReadAllTheSame(String encoding) {
    String header = encoding.equals("raw") ? "deflate" : encoding;
    endpoint.script(call -> send(call, 200, header, packed(WHOLE, encoding)));
    assertEquals(WHOLE, wireData(all(wire("{\"model\":\"remote\"}"))));
    assertEquals("identity", endpoint.calls().getFirst().headers.get("accept-encoding"));
    endpoint.script(call -> send(call, 200, header, packed(FIRST + LAST, encoding)));
    assertEquals(FIRST + LAST, wireData(all(wire("{\"model\":\"remote\",\"stream\":true}"))));
    // What a refusal says is read too.
    endpoint.script(
        call -> send(call, 400, header, packed("{\"error\":{\"message\":\"Nö.\"}}", encoding)));
    assertEquals("Nö.", broken(wire("{\"model\":\"remote\"}")).message());
  }

  @Test
  void anEventOfACompressedStreamArrivesBeforeTheNextIsSent() {
    var seen = new CountDownLatch(1);
    endpoint.script(
        call -> {
          call.stream("Content-Encoding: gzip");
          var bytes = new ByteArrayOutputStream();
          var out = new GZIPOutputStream(bytes, true);
          out.write(FIRST.getBytes(StandardCharsets.UTF_8));
          out.flush();
          call.raw(bytes.toByteArray());
          bytes.reset();
          seen.await();
          out.write(LAST.getBytes(StandardCharsets.UTF_8));
          out.close();
          call.raw(bytes.toByteArray());
        });
    var events = new ArrayList<GenerateResponse>();
    try (var stream =
        ClientStream.open(() -> decoder.generate(wire("{\"model\":\"remote\",\"stream\":true}")))) {
      while (stream.hasNext()) {
        events.add(stream.next());
        seen.countDown();
      }
    }
    assertEquals(FIRST + LAST, wireData(events));
  }

  @Test
  void anAnswerInAnotherEncodingIsRefusedByItsName() {
    endpoint.script(call -> send(call, 200, "br", new byte[] {1, 2, 3}));
    Failure failure = broken(wire("{\"model\":\"remote\"}"));
    assertEquals("ENDPOINT_ENCODING", failure.reason());
    assertTrue(failure.message().contains("'br'"), failure.message());
    assertEquals(1, endpoint.calls().size());
    endpoint.script(call -> send(call, 400, "br", new byte[] {1, 2, 3}));
    assertTrue(broken(wire("{\"model\":\"remote\"}")) instanceof Failure.InvalidArgument);
  }

  @Test
  void whatExpandsBeyondTheLimitIsCutOff() {
    endpoint.script(call -> send(call, 200, "gzip", packed(" ".repeat(64 << 20), "gzip")));
    assertEquals("ENDPOINT_ANSWER_TOO_LARGE", broken(wire("{\"model\":\"remote\"}")).reason());
  }

  // Embeddings in the form that was asked for.

  private static String base64(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return "\"" + Base64.getEncoder().encodeToString(bytes.array()) + "\"";
  }

  private String embeddings(String wish, String given) {
    endpoint.script(call -> call.whole(200, EMBEDDINGS.formatted(given)));
    EmbedResponse response =
        embedder.embed(
            EmbedRequest.newBuilder()
                .setModel("remote")
                .setBody(
                    ByteString.copyFromUtf8(
                        "{\"model\":\"remote\",\"input\":\"x\"%s}".formatted(wish)))
                .build());
    assertEquals(9, response.getPromptTokens());
    return response.getBody().toStringUtf8();
  }

  @Test
  void embeddingsComeInTheFormThatWasAskedFor() {
    String packed = base64(0.25f, -1e-7f, 3);
    String base64 = ",\"encoding_format\":\"base64\"";
    String list = ",\"encoding_format\":\"float\"";
    assertEquals(EMBEDDINGS.formatted(packed), embeddings(base64, "[0.25, -1e-7,3]"));
    assertEquals(EMBEDDINGS.formatted("[0.25,-1.0E-7,3.0]"), embeddings(list, packed));
    assertEquals(EMBEDDINGS.formatted("[0.25,-1.0E-7,3.0]"), embeddings("", packed));
    // As it came where it is right, or only the endpoint knows what it is.
    for (String wish : List.of("", list, ",\"encoding_format\":null")) {
      assertEquals(EMBEDDINGS.formatted("[ 0.250,1 ]"), embeddings(wish, "[ 0.250,1 ]"));
    }
    assertEquals(EMBEDDINGS.formatted(packed), embeddings(base64, packed));
    assertEquals(EMBEDDINGS.formatted("[[1],[2]]"), embeddings(base64, "[[1],[2]]"));
    assertEquals(
        EMBEDDINGS.formatted("\"AQI=\""), embeddings(",\"encoding_format\":\"int8\"", "\"AQI=\""));
  }

  @Test
  void brokenEmbeddingsAreNobodysVectors() {
    for (String given : List.of("\"%%%\"", "\"AQI=\"", base64(Float.NaN))) {
      var refused = assertThrows(RuntimeException.class, () -> embeddings("", given));
      assertTrue(refused.getMessage().contains("an embedding"), refused.getMessage());
    }
  }

  @Test
  void tuttisOwnVectorsAreReadInEitherForm() {
    var vectors = new ArrayList<List<Float>>();
    for (String given : List.of("[3,4]", base64(3, 4))) {
      endpoint.script(call -> call.whole(200, EMBEDDINGS.formatted(given)));
      vectors.add(
          embedder
              .embed(EmbedRequest.newBuilder().setModel("remote").addTexts("x").build())
              .getEmbeddings(0)
              .getValuesList());
    }
    assertEquals(List.of(0.6f, 0.8f), vectors.getFirst());
    assertArrayEquals(vectors.getFirst().toArray(), vectors.getLast().toArray());
  }

  // What is counted.

  private double counted(String meter, String... tags) {
    return meters
        .find("tutti.decoder.endpoint" + meter)
        .tag("model", "remote")
        .tags(tags)
        .meters()
        .stream()
        .flatMap(found -> StreamSupport.stream(found.measure().spliterator(), false))
        .filter(measure -> measure.getStatistic() != Statistic.MAX)
        .mapToDouble(Measurement::getValue)
        .findFirst()
        .orElse(-1);
  }

  @Test
  void whatAnEndpointDoesIsCounted() throws InterruptedException {
    String host = URI.create(endpoint.url()).getAuthority();
    endpoint.script(
        call ->
            call.whole(
                200,
                WHOLE.replaceFirst(
                    "\\{", "{\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5},")));
    all(wire("{\"model\":\"remote\"}"));
    all(wire("{\"model\":\"remote\"}"));
    assertEquals(2, counted(".requests", "endpoint", host));
    assertEquals(2, counted("", "endpoint", host));
    assertEquals(14, counted(".tokens", "endpoint", host, "kind", "prompt"));
    assertEquals(10, counted(".tokens", "endpoint", host, "kind", "completion"));
    assertEquals(0, counted(".open", "endpoint", host));
    endpoint.script(
        call -> call.whole(400, "{\"error\":{\"message\":\"No.\",\"code\":\"my_own\"}}"));
    broken(wire("{\"model\":\"remote\"}"));
    assertEquals(1, counted(".errors", "endpoint", host, "kind", "refused"));
    endpoint.script(call -> call.whole(500, "{}"));
    for (int i = 0; i < 10; i++) {
      broken(wire("{\"model\":\"remote\"}"));
    }
    assertTrue(counted(".errors", "endpoint", host, "kind", "failed") > 5);
    assertEquals(1, counted(".open", "endpoint", host));
    // What is registered no more is told of no more.
    register(second.url());
    assertEquals(-1, counted(".requests", "endpoint", host));
    assertEquals(-1, counted(".errors", "endpoint", host));
    assertEquals(0, counted(".requests", "endpoint", URI.create(second.url()).getAuthority()));
    ScriptedRegistry registry = ScriptedRegistry.current();
    registry.say(registry.standard(EndpointAnswersTest.REVISION.incrementAndGet()));
    registry.await(models);
    assertEquals(-1, counted(".requests"));
  }

  /** Paths may hold what nobody is to see; hosts that several share are told apart all the same. */
  @Test
  void endpointsAreCountedByTheirHosts() throws InterruptedException {
    register(endpoint.url(), endpoint.url() + "/s3cret");
    all(wire("{\"model\":\"remote\"}"));
    List<String> labels =
        meters.find("tutti.decoder.endpoint.requests").meters().stream()
            .map(meter -> meter.getId().getTag("endpoint"))
            .sorted()
            .toList();
    String host = URI.create(endpoint.url()).getAuthority();
    assertEquals(List.of(host, host + "#2"), labels);
  }

  @Test
  void whatWasOnlyTriedLeavesNoSeries() {
    tryOut("first");
    Set<String> before = series();
    for (int i = 0; i < 3; i++) {
      tryOut("s3cret-" + i);
    }
    Set<String> more = series();
    more.removeAll(before);
    assertEquals(Set.of(), more);
    assertFalse(before.toString().contains("/first"), before.toString());
  }

  private void tryOut(String path) {
    Model model =
        Model.newBuilder()
            .setName(path)
            .setRuntime(Runtime.RUNTIME_OPENAI)
            .addEndpoints("http://127.0.0.1:1/" + path)
            .build();
    assertThrows(
        RuntimeException.class,
        () -> embedder.inspect(InspectRequest.newBuilder().setModel(model).build()));
  }

  /** All but those of the service's own calls, which are told by their status: few, and late. */
  private Set<String> series() {
    return meters.getMeters().stream()
        .filter(meter -> !meter.getId().getName().startsWith("grpc.server."))
        .map(meter -> meter.getId().toString())
        .collect(Collectors.toSet());
  }

  // Helpers.

  private static GenerateRequest.Builder request() {
    return GenerateRequest.newBuilder()
        .setMember(Member.newBuilder().setModel("remote"))
        .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent("How are you?"));
  }

  private static GenerateRequest wire(String body) {
    return request()
        .setWire(
            WireRequest.newBuilder()
                .setForm(WireForm.WIRE_FORM_CHAT)
                .setBody(ByteString.copyFromUtf8(body)))
        .build();
  }

  private static GenerateRequest text(Sampling sampling) {
    return request().setSampling(sampling).build();
  }

  private List<GenerateResponse> all(GenerateRequest request) {
    var events = new ArrayList<GenerateResponse>();
    try (var stream = ClientStream.open(() -> decoder.generate(request))) {
      stream.forEachRemaining(events::add);
    }
    return events;
  }

  private static Completion completion(List<GenerateResponse> events) {
    return events.getLast().getCompletion();
  }

  private Failure broken(GenerateRequest request) {
    return assertThrows(FailureException.class, () -> all(request)).failure();
  }

  private static String wireData(List<GenerateResponse> events) {
    return events.stream()
        .map(e -> e.getWire().getData())
        .reduce(ByteString.EMPTY, ByteString::concat)
        .toStringUtf8();
  }
}
