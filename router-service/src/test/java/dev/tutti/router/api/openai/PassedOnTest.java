package dev.tutti.router.api.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.generation.v1.ToolCall;
import dev.tutti.generation.v1.WireForm;
import dev.tutti.generation.v1.WireRequest;
import dev.tutti.kit.grpc.ClientStream;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.testing.ScriptedGeneration;
import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Neighbourhood;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Tutti does not interpret, on its way through ensembles that ask for complete answers. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class PassedOnTest {

  private static final String TOOLS =
      "{\"model\":\"%s\",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],"
          + "\"messages\":[{\"role\":\"user\",\"content\":\"Which?\"}]%s}";

  @BeforeEach
  void calm() {
    Neighbourhood.calm();
    Neighbourhood.fusion.script(PassedOnTest::callTools);
    Neighbourhood.cascade.script(PassedOnTest::callTools);
  }

  private static void callTools(GenerateRequest request, EventSink<GenerateResponse> sink) {
    GenerateResponse.Builder end = ScriptedGeneration.completion("wire", "");
    end.getCompletionBuilder()
        .setFinishReason(FinishReason.FINISH_REASON_TOOL_CALLS)
        .addToolCalls(ToolCall.newBuilder().setId("a").setName("f").setArguments("{\"x\":1}"))
        .addToolCalls(ToolCall.newBuilder().setId("b").setName("g").setArguments("{}"));
    sink.emit(end.build());
  }

  @Test
  void itGoesAlongAndCallsOfToolsAreTold() {
    for (String model : List.of("vote-wire", "steps-wire", "blend-vote-wire")) {
      String asked = TOOLS.formatted(model, ",\"seed\":3");
      Http.Answer answer = Http.post("/v1/chat/completions", asked);
      assertEquals(200, answer.status(), answer.body());
      GenerateRequest seen =
          (model.equals("steps-wire") ? Neighbourhood.cascade : Neighbourhood.fusion)
              .requests()
              .getLast();
      assertEquals(asked, seen.getWire().getBody().toStringUtf8());
      assertEquals(WireForm.WIRE_FORM_CHAT, seen.getWire().getForm());
      assertEquals("tools", seen.getWire().getUninterpreted());
      assertTrue(seen.getWire().getInterpreted());
      assertEquals("Which?", seen.getMessages(0).getContent());
      assertEquals(3, seen.getSampling().getSeed());
      assertEquals(
          Http.json(
              """
              {"index": 0, "finish_reason": "tool_calls", "logprobs": null,
               "message": {"role": "assistant", "content": null, "refusal": null, "tool_calls": [
                 {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{\\"x\\":1}"}},
                 {"id": "b", "type": "function", "function": {"name": "g", "arguments": "{}"}}]}}\
              """),
          answer.json().at("/choices/0"));
    }
  }

  @Test
  void callsAreStreamedAsDeltas() {
    Http.Answer answer =
        Http.post("/v1/chat/completions", TOOLS.formatted("vote-wire", ",\"stream\":true"));
    List<JsonNode> choices =
        answer.events().stream()
            .filter(data -> !data.equals("[DONE]"))
            .map(data -> Http.json(data).at("/choices/0"))
            .toList();
    assertEquals(3, choices.size(), answer.body());
    assertEquals("assistant", choices.getFirst().at("/delta/role").textValue());
    assertEquals(
        Http.json(
            """
            {"tool_calls": [
              {"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": "{\\"x\\":1}"}},
              {"index": 1, "id": "b", "type": "function", "function": {"name": "g", "arguments": "{}"}}]}\
            """),
        choices.get(1).path("delta"));
    assertTrue(choices.get(1).path("finish_reason").isNull());
    assertEquals("tool_calls", choices.getLast().path("finish_reason").textValue());
    assertEquals("[DONE]", answer.events().getLast());
  }

  @Test
  void aCallWithoutAnIdGetsOne() {
    Neighbourhood.fusion.script(
        (request, sink) -> {
          GenerateResponse.Builder end = ScriptedGeneration.completion("wire", "");
          end.getCompletionBuilder()
              .setFinishReason(FinishReason.FINISH_REASON_TOOL_CALLS)
              .addToolCalls(ToolCall.newBuilder().setName("f").setArguments("{}"))
              .addToolCalls(ToolCall.newBuilder().setName("g").setArguments("{}"));
          sink.emit(end.build());
        });
    JsonNode calls =
        Http.post("/v1/chat/completions", TOOLS.formatted("vote-wire", ""))
            .json()
            .at("/choices/0/message/tool_calls");
    assertTrue(calls.at("/0/id").textValue().startsWith("call_"), calls::toString);
    assertTrue(calls.at("/1/id").textValue().startsWith("call_"), calls::toString);
    assertNotEquals(calls.at("/0/id"), calls.at("/1/id"));
  }

  @Test
  void textBesideCallsIsTold() {
    Neighbourhood.fusion.script(
        (request, sink) -> {
          sink.emit(ScriptedGeneration.delta("I look."));
          GenerateResponse.Builder end = ScriptedGeneration.completion("wire", "I look.");
          end.getCompletionBuilder()
              .setFinishReason(FinishReason.FINISH_REASON_TOOL_CALLS)
              .addToolCalls(ToolCall.newBuilder().setId("a").setName("f").setArguments("{}"));
          sink.emit(end.build());
        });
    JsonNode message =
        Http.post("/v1/chat/completions", TOOLS.formatted("vote-wire", ""))
            .json()
            .at("/choices/0/message");
    assertEquals("I look.", message.path("content").textValue());
    assertEquals("f", message.at("/tool_calls/0/function/name").textValue());
  }

  @Test
  void severalAnswersEachHaveTheirCalls() {
    Neighbourhood.fusion.script(
        (request, sink) -> {
          if (request.getSampling().getSeed() == 3) {
            callTools(request, sink);
          } else {
            ScriptedGeneration.answer(sink, "wire", "No.");
          }
        });
    Http.Answer answer =
        Http.post("/v1/chat/completions", TOOLS.formatted("vote-wire", ",\"n\":2,\"seed\":3"));
    assertEquals("b", answer.json().at("/choices/0/message/tool_calls/1/id").textValue());
    assertEquals("No.", answer.json().at("/choices/1/message/content").textValue());
    assertTrue(answer.json().at("/choices/1/message/tool_calls").isMissingNode());
    assertEquals(2, Neighbourhood.fusion.requests().size());
    Neighbourhood.fusion.requests().forEach(its -> assertTrue(its.getWire().getInterpreted()));
  }

  @Test
  void whatIsInterpretedNeedsNoBody() {
    Http.chat("vote-wire", "\"temperature\": 0.5", "\"user\": \"ada\"");
    assertFalse(Neighbourhood.fusion.requests().getLast().hasWire());
  }

  /** What is wrong, and what only an endpoint's own answer could tell. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"functions\": [{\"name\": \"f\"}] | functions",
        "\"function_call\": \"auto\" | function_call",
        "\"modalities\": [\"text\", \"audio\"] | modalities",
        "\"audio\": {\"voice\": \"x\"} | audio",
        "\"stream_options\": {\"include_usage\": true} | stream_options",
        "\"n\": 17 | n",
        "\"temperature\": \"hot\" | temperature",
        "\"max_tokens\": 0 | max_tokens",
      })
  void someIsRefusedStill(String field, String param) {
    Http.Answer answer =
        Http.post("/v1/chat/completions", TOOLS.formatted("vote-wire", ", " + field));
    assertEquals(400, answer.status(), answer.body());
    assertEquals(param, answer.error().path("param").asText());
    assertEquals(List.of(), Neighbourhood.fusion.requests());
  }

  @Test
  void aRoutingEnsembleHasNobodyForWhatAnEnsembleCannotTell() {
    Http.Answer answer =
        Http.post(
            "/v1/chat/completions",
            TOOLS.formatted("blend-vote-wire", ",\"functions\":[{\"name\":\"f\"}]"));
    assertEquals(400, answer.status(), answer.body());
    assertEquals("functions", answer.error().path("param").asText());
  }

  @Test
  void whatIsDroppedIsNotNamedAsPassedOn() {
    Http.Answer answer =
        Http.post(
            "/v1/chat/completions",
            TOOLS.formatted("vote-wire", ",\"functions\":[{\"name\":\"f\"}]"),
            "x-tutti-unserved",
            "drop");
    assertEquals(200, answer.status(), answer.body());
    assertEquals("functions", answer.header("x-tutti-dropped"));
    assertEquals("tools", Neighbourhood.fusion.requests().getLast().getWire().getUninterpreted());
  }

  /** Whoever wants it dropped loses no member: anna, who is local, would fail. */
  @Test
  void whatAMemberDoesNotTakeIsDroppedForAll() {
    Http.Answer answer =
        Http.post(
            "/v1/chat/completions",
            TOOLS.formatted(
                "steps-wire", ",\"verbosity\":\"low\",\"functions\":[{\"name\":\"f\"}]"),
            "x-tutti-unserved",
            "drop");
    assertEquals(200, answer.status(), answer.body());
    assertEquals("tools, verbosity, functions", answer.header("x-tutti-dropped"));
    assertFalse(Neighbourhood.cascade.requests().getLast().hasWire());
  }

  /** However little a field changes. */
  @Test
  void whoDoesNotTakeItIsNamed() {
    for (boolean stream : new boolean[] {false, true}) {
      String fields = "\"verbosity\": \"low\", \"stream\": " + stream;
      assertEquals("anna", Http.chat("steps-wire", fields).header("x-tutti-left-out"));
      assertEquals("", Http.chat("vote-wire", fields).header("x-tutti-left-out"));
    }
    assertEquals("", Http.chat("steps-wire").header("x-tutti-left-out"));
  }

  /** Whoever is chosen: an endpoint, or the cascade that has a local member. */
  @Test
  void aRoutingEnsembleLosesNoMemberOfItsMembersEither() {
    for (int seed = 0; seed < 4; seed++) {
      String fields = "\"verbosity\": \"low\", \"seed\": " + seed;
      assertEquals("anna", Http.chat("blend-steps-wire", fields).header("x-tutti-left-out"));
      assertEquals("", Http.chat("blend-mixed", fields).header("x-tutti-left-out"));
      Http.Answer dropped =
          Http.post(
              "/v1/chat/completions",
              TOOLS.formatted("blend-steps-wire", ",\"seed\":" + seed),
              "x-tutti-unserved",
              "drop");
      assertEquals(200, dropped.status(), dropped.body());
      assertEquals("tools", dropped.header("x-tutti-dropped"));
      assertEquals("", dropped.header("x-tutti-left-out"));
    }
  }

  /** As a fusion asks for a member that is an ensemble. */
  @Test
  void nestedNamesPassItOn() {
    int port = ConfigProvider.getConfig().getValue("quarkus.grpc.server.test-port", Integer.class);
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    try {
      var stub = GenerationServiceGrpc.newBlockingStub(channel);
      for (int seed = 0; seed < 4; seed++) {
        List<GenerateResponse> events = generate(stub, nested("blend-mixed", seed));
        assertEquals("I am wire", events.getLast().getCompletion().getText());
        GenerateRequest seen = Neighbourhood.decoder.requests().getLast();
        assertEquals("wire", seen.getMember().getModel());
        assertTrue(seen.getWire().getInterpreted());
        assertEquals("{}", seen.getWire().getBody().toStringUtf8());
      }
      List<GenerateResponse> events = generate(stub, nested("vote-wire", 1));
      assertEquals(2, events.getLast().getCompletion().getToolCallsCount());
      assertTrue(Neighbourhood.fusion.requests().getLast().getWire().getInterpreted());
    } finally {
      channel.shutdownNow();
    }
  }

  private static GenerateRequest nested(String name, int seed) {
    return GenerateRequest.newBuilder()
        .setRequestId("nested")
        .setName(name)
        .setDepth(1)
        .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent("Which?"))
        .setSampling(Sampling.newBuilder().setSeed(seed))
        .setWire(
            WireRequest.newBuilder()
                .setForm(WireForm.WIRE_FORM_CHAT)
                .setBody(ByteString.copyFromUtf8("{}"))
                .setUninterpreted("tools")
                .setInterpreted(true))
        .build();
  }

  private static List<GenerateResponse> generate(
      GenerationServiceGrpc.GenerationServiceBlockingStub stub, GenerateRequest request) {
    var events = new ArrayList<GenerateResponse>();
    try (var stream = ClientStream.open(() -> stub.generate(request))) {
      stream.forEachRemaining(events::add);
    }
    return events;
  }
}
