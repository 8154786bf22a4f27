package dev.tutti.decoder.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import dev.tutti.decoder.wiring.KnownModels;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc.GenerationServiceBlockingStub;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.generation.v1.ToolCall;
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
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests in their caller's words whose answers are wanted as deltas and a completion. */
@QuarkusTest
@QuarkusTestResource(ScriptedRegistry.class)
@Timeout(30)
class InterpretedAnswersTest {

  private static final String TOOLS =
      """
      {"model": "vote", "stream": false, "n": 3, "max_completion_tokens": 99, "temperature": 0.9,
       "top_p": 0.5, "logprobs": true, "top_logprobs": 4, "modalities": ["text"], "metadata": {"a": "b"},
       "response_format": {"type": "json_object"},
       "tools": [{"type": "function", "function": {"name": "weather"}}],
       "messages": [
         {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://x.example/a.png"}}]},
         {"role": "assistant", "content": null, "tool_calls": [{"id": "a", "type": "function",
           "function": {"name": "weather", "arguments": "{}"}}]},
         {"role": "tool", "tool_call_id": "a", "content": "rain"}]}\
      """;

  private static final String USAGE =
      event(
          "\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5,\"total_tokens\":12}");
  private static final String DONE = "data: [DONE]\n\n";

  @GrpcClient("self")
  GenerationServiceBlockingStub decoder;

  @Inject KnownModels models;

  private final ScriptedEndpoint endpoint = new ScriptedEndpoint(call -> {});

  @BeforeEach
  void oneEndpoint() throws InterruptedException {
    ScriptedRegistry registry = ScriptedRegistry.current();
    long revision = EndpointAnswersTest.REVISION.incrementAndGet();
    registry.say(
        registry.standard(revision).toBuilder()
            .addModels(
                Model.newBuilder()
                    .setName("remote")
                    .setVersion(revision)
                    .setRuntime(Runtime.RUNTIME_OPENAI)
                    .addEndpoints(endpoint.url())
                    .setRemoteModel("vendor/7b")
                    .setLifecycle(Lifecycle.LIFECYCLE_ACTIVE))
            .build());
    registry.await(models);
  }

  @AfterEach
  void close() throws IOException {
    endpoint.close();
  }

  @Test
  void theBodyGoesOnWithTheRequestsOwnSampling() throws IOException {
    stream(text("Yes.", "stop"));
    all(TOOLS, Sampling.newBuilder().setSeed(11).setTemperature(0.25).setMaxTokens(32).build());
    assertEquals("/v1/chat/completions", endpoint.calls().getFirst().path);
    JsonNode sent = sent();
    JsonNode given = json(TOOLS);
    for (String as : List.of("messages", "tools", "response_format", "metadata", "top_p")) {
      assertEquals(given.get(as), sent.get(as), as);
    }
    assertEquals("vendor/7b", sent.get("model").textValue());
    assertEquals(11, sent.get("seed").longValue());
    assertEquals(0.25, sent.get("temperature").doubleValue());
    assertEquals(32, sent.get("max_completion_tokens").intValue(), "by the name that was given");
    assertTrue(sent.get("stream").booleanValue());
    assertTrue(sent.get("stream_options").get("include_usage").booleanValue());
    for (String not : List.of("n", "max_tokens", "logprobs", "top_logprobs", "modalities")) {
      assertFalse(sent.has(not), not);
    }
  }

  @Test
  void textComesAsDeltasAndACompletion() throws IOException {
    stream(text("Grü", null), text("ße", "stop"));
    List<GenerateResponse> events = all(TOOLS, Sampling.getDefaultInstance());
    assertTrue(events.stream().noneMatch(GenerateResponse::hasWire));
    assertEquals(
        "Grüße", events.stream().map(e -> e.getDelta().getText()).collect(Collectors.joining()));
    Completion completion = events.getLast().getCompletion();
    assertEquals("Grüße", completion.getText());
    assertEquals(List.of(), completion.getToolCallsList());
    assertEquals(FinishReason.FINISH_REASON_STOP, completion.getFinishReason());
    assertEquals(7, completion.getUsage().getPromptTokens());
    assertEquals(5, completion.getUsage().getCompletionTokens());
    assertEquals((7 * 3.0 + 5 * 7.0) / 1e6, completion.getCostUsd(), 1e-15);
    // What the body says of it stands where the request says nothing.
    assertEquals(0.9, sent().get("temperature").doubleValue());
    assertEquals(99, sent().get("max_completion_tokens").intValue());
  }

  @Test
  void piecesOfCallsArePutTogetherByTheirPlaces() {
    stream(
        pieces(
            "{\"index\":1,\"id\":\"b\",\"type\":\"function\",\"function\":{\"name\":\"time\",\"arguments\":\"\"}}"),
        pieces(
            "{\"index\":0,\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"{\\\"city\\\":\"}}"),
        pieces(
            "{\"index\":1,\"function\":{\"arguments\":\"{}\"}},{\"index\":0,\"function\":{\"arguments\":\"\\\"Bonn\\\"}\"}}"),
        event("\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]"));
    List<GenerateResponse> events = all(TOOLS, Sampling.getDefaultInstance());
    assertTrue(events.stream().noneMatch(GenerateResponse::hasDelta));
    Completion completion = events.getLast().getCompletion();
    assertEquals("", completion.getText());
    assertEquals(FinishReason.FINISH_REASON_TOOL_CALLS, completion.getFinishReason());
    assertEquals(
        List.of(call("a", "weather", "{\"city\":\"Bonn\"}"), call("b", "time", "{}")),
        completion.getToolCallsList());
  }

  /** Neither does every endpoint tell places, nor that it stopped for calls. */
  @Test
  void withoutPlacesAnIdBeginsACall() {
    stream(
        pieces("{\"id\":\"a\",\"function\":{\"name\":\"weather\",\"arguments\":\"{\"}}"),
        pieces("{\"function\":{\"arguments\":\"}\"}}"),
        pieces("{\"id\":\"b\",\"function\":{\"name\":\"time\",\"arguments\":\"{}\"}}"),
        event("\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]"));
    Completion completion = all(TOOLS, Sampling.getDefaultInstance()).getLast().getCompletion();
    assertEquals(
        List.of(call("a", "weather", "{}"), call("b", "time", "{}")),
        completion.getToolCallsList());
    assertEquals(FinishReason.FINISH_REASON_TOOL_CALLS, completion.getFinishReason());
  }

  /** It is as if a filter had let nothing be said: no empty answer, which might be chosen. */
  @Test
  void aRefusalIsNoEmptyAnswer() {
    stream(
        delta("\"content\":null,\"refusal\":\"I \""),
        delta("\"refusal\":\"can't.\""),
        text("", "stop"));
    Completion completion = all(TOOLS, Sampling.getDefaultInstance()).getLast().getCompletion();
    assertEquals("", completion.getText());
    assertEquals(FinishReason.FINISH_REASON_CONTENT_FILTER, completion.getFinishReason());
    assertEquals(5, completion.getUsage().getCompletionTokens());
  }

  @Test
  void whoSaysSomethingBesideDoesNotRefuse() {
    stream(delta("\"content\":\"No.\",\"refusal\":\"I can't.\""), text("", "stop"));
    assertEquals(FinishReason.FINISH_REASON_STOP, finish());
    stream(delta("\"refusal\":\"\""), text("", "stop"));
    assertEquals(FinishReason.FINISH_REASON_STOP, finish());
    stream(
        delta("\"refusal\":\"I can't.\""),
        pieces("{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"time\",\"arguments\":\"{}\"}}"),
        text("", "stop"));
    assertEquals(FinishReason.FINISH_REASON_TOOL_CALLS, finish());
  }

  private FinishReason finish() {
    return all(TOOLS, Sampling.getDefaultInstance()).getLast().getCompletion().getFinishReason();
  }

  @Test
  void anEndpointThatDoesNotStreamTellsTheSame() {
    endpoint.script(
        call ->
            call.whole(
                200,
                """
                {"object": "chat.completion", "choices": [{"index": 0, "finish_reason": "tool_calls",
                  "message": {"role": "assistant", "content": null, "tool_calls": [
                    {"id": "a", "type": "function", "function": {"name": "weather", "arguments": "{}"}},
                    {"id": "b", "type": "function", "function": {"name": "time", "arguments": "[]"}}]}}],
                 "usage": {"prompt_tokens": 7, "completion_tokens": 5}}\
                """));
    Completion completion = all(TOOLS, Sampling.getDefaultInstance()).getLast().getCompletion();
    assertEquals(
        List.of(call("a", "weather", "{}"), call("b", "time", "[]")),
        completion.getToolCallsList());
    assertEquals(5, completion.getUsage().getCompletionTokens());
  }

  /** As many as before they were read: tokens are estimated by what was written. */
  @Test
  void whatIsWrittenOfCallsIsCounted() {
    endpoint.script(
        call -> {
          call.stream();
          call.raw(
              pieces(
                  "{\"index\":0,\"id\":\"abcd\",\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"{\\\"city\\\":1}\"}}"));
          call.raw(event("\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]"));
          call.raw(DONE);
        });
    Completion completion = all(TOOLS, Sampling.getDefaultInstance()).getLast().getCompletion();
    // abcd, function, weather, {"city":1}: 29 characters.
    assertEquals(8, completion.getUsage().getCompletionTokens());
    assertTrue(completion.getUsage().getEstimated());
  }

  @Test
  void localModelsRefuseWhatIsNotInterpreted() {
    var refused =
        assertThrows(
            FailureException.class,
            () ->
                all(request("ab", TOOLS, WireForm.WIRE_FORM_CHAT, Sampling.getDefaultInstance())));
    assertEquals("UNSUPPORTED_PARAMETER", refused.failure().reason());
    assertEquals("tools", ((Failure.InvalidArgument) refused.failure()).field());
    assertEquals(List.of(), endpoint.calls());
  }

  @Test
  void whatCannotBeInterpretedIsRefused() {
    refused(
        "wire.body",
        request("remote", "[1]", WireForm.WIRE_FORM_CHAT, Sampling.getDefaultInstance()));
    refused(
        "wire.body",
        request("remote", "{\"a\":", WireForm.WIRE_FORM_CHAT, Sampling.getDefaultInstance()));
    refused(
        "wire.form",
        request(
            "remote",
            "{\"prompt\":\"a\"}",
            WireForm.WIRE_FORM_COMPLETION,
            Sampling.getDefaultInstance()));
    assertEquals(List.of(), endpoint.calls());
  }

  private void refused(String field, GenerateRequest request) {
    var refused = assertThrows(FailureException.class, () -> all(request));
    assertEquals(field, ((Failure.InvalidArgument) refused.failure()).field());
  }

  private void stream(String... events) {
    endpoint.script(
        call -> {
          call.stream();
          for (String event : events) {
            call.raw(event);
          }
          call.raw(USAGE);
          call.raw(DONE);
        });
  }

  private static String text(String text, String finish) {
    return event(
        "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"},\"finish_reason\":%s}]"
            .formatted(text, finish == null ? null : "\"" + finish + "\""));
  }

  private static String delta(String fields) {
    return event("\"choices\":[{\"index\":0,\"delta\":{%s}}]".formatted(fields));
  }

  private static String pieces(String calls) {
    return event("\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[%s]}}]".formatted(calls));
  }

  private static String event(String fields) {
    return "data: {\"id\":\"c\",%s}\n\n".formatted(fields);
  }

  private static ToolCall call(String id, String name, String arguments) {
    return ToolCall.newBuilder().setId(id).setName(name).setArguments(arguments).build();
  }

  private JsonNode sent() throws IOException {
    return json(endpoint.calls().getFirst().text());
  }

  private static JsonNode json(String text) throws IOException {
    return new ObjectMapper().readTree(text);
  }

  private List<GenerateResponse> all(String body, Sampling sampling) {
    return all(request("remote", body, WireForm.WIRE_FORM_CHAT, sampling));
  }

  private static GenerateRequest request(
      String model, String body, WireForm form, Sampling sampling) {
    return GenerateRequest.newBuilder()
        .setRequestId("r")
        .setMember(
            Member.newBuilder()
                .setModel(model)
                .setPrices(
                    Prices.newBuilder()
                        .setUsdPerMillionPromptTokens(3)
                        .setUsdPerMillionCompletionTokens(7)))
        .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent("?"))
        .setSampling(sampling)
        .setWire(
            WireRequest.newBuilder()
                .setForm(form)
                .setBody(ByteString.copyFromUtf8(body))
                .setUninterpreted("tools")
                .setInterpreted(true))
        .build();
  }

  private List<GenerateResponse> all(GenerateRequest request) {
    var events = new ArrayList<GenerateResponse>();
    try (var stream = ClientStream.open(() -> decoder.generate(request))) {
      stream.forEachRemaining(events::add);
    }
    return events;
  }
}
