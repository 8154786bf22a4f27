package dev.tutti.decoder.runtime.openai;

import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import dev.tutti.decoder.Turn;
import dev.tutti.decoder.api.ScriptedEndpoint;
import dev.tutti.decoder.v1.EmbedRequest;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.WireForm;
import dev.tutti.generation.v1.WireRequest;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Model;
import dev.tutti.registry.v1.Runtime;
import dev.tutti.type.v1.Member;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The model 'remote' behind endpoints that do what a test tells them to, without a service. */
final class AskedEndpoints implements AutoCloseable {

  static final String STREAM = "{\"model\":\"remote\",\"stream\":true}";
  static final String WHOLE = "{\"model\":\"remote\"}";

  final List<ScriptedEndpoint> endpoints;
  private final Vertx vertx = Vertx.vertx();
  private final EndpointClient client;
  private final EndpointCalls calls;
  private final RemoteModel model;

  /** What was handed on, and the failure that ended it. */
  record Broken(List<GenerateResponse> events, Failure failure) {}

  /**
   * Endpoints.
   *
   * @param settings below {@code tutti.decoder.endpoints}
   */
  AskedEndpoints(Map<String, String> settings, ScriptedEndpoint.Script... scripts) {
    endpoints = Stream.of(scripts).map(ScriptedEndpoint::new).toList();
    var builder =
        new SmallRyeConfigBuilder().addDiscoveredConverters().withMapping(EndpointConfig.class);
    settings.forEach(
        (name, value) -> builder.withDefaultValue("tutti.decoder.endpoints." + name, value));
    EndpointConfig config = builder.build().getConfigMapping(EndpointConfig.class);
    client =
        new EndpointClient(
            vertx, config, new HostRules(List.of("127.0.0.1"), false), Optional.empty());
    calls =
        new EndpointCalls(
            client, new Credentials(config.credentials(), _ -> null, System::nanoTime), config);
    model =
        new RemoteModels(config, new SimpleMeterRegistry())
            .unregistered(
                Model.newBuilder()
                    .setName("remote")
                    .setRuntime(Runtime.RUNTIME_OPENAI)
                    .setLifecycle(Lifecycle.LIFECYCLE_ACTIVE)
                    .addAllEndpoints(endpoints.stream().map(ScriptedEndpoint::url).toList())
                    .build());
  }

  /** How often they were called. */
  int asked() {
    return endpoints.stream().mapToInt(e -> e.calls().size()).sum();
  }

  /** The text that a member of an ensemble gets. */
  String text() {
    var events = new ArrayList<GenerateResponse>();
    answer(request().build(), events);
    return events.stream().map(e -> e.getDelta().getText()).collect(Collectors.joining());
  }

  /** The bytes that a caller gets. */
  String relayed(String body) {
    var events = new ArrayList<GenerateResponse>();
    answer(wire(body), events);
    return bytes(events);
  }

  Broken broken(String body) {
    var events = new ArrayList<GenerateResponse>();
    FailureException e = assertThrows(FailureException.class, () -> answer(wire(body), events));
    return new Broken(events, e.failure());
  }

  /** The failure of embedding, by a caller's own body. */
  Failure failureToEmbed() {
    EmbedRequest request =
        EmbedRequest.newBuilder()
            .setModel("remote")
            .setBody(ByteString.copyFromUtf8("{\"model\":\"remote\",\"input\":\"a\"}"))
            .build();
    return assertThrows(
            FailureException.class, () -> new RemoteEmbedding(calls).embed(model, request))
        .failure();
  }

  static String bytes(List<GenerateResponse> events) {
    return events.stream()
        .map(e -> e.getWire().getData())
        .reduce(ByteString.EMPTY, ByteString::concat)
        .toStringUtf8();
  }

  private void answer(GenerateRequest request, List<GenerateResponse> events) {
    new RemoteAnswer(calls, model, request, events::add)
        .run(List.of(new Turn("user", "How are you?")));
  }

  private static GenerateRequest wire(String body) {
    return request()
        .setWire(
            WireRequest.newBuilder()
                .setForm(WireForm.WIRE_FORM_CHAT)
                .setBody(ByteString.copyFromUtf8(body)))
        .build();
  }

  private static GenerateRequest.Builder request() {
    return GenerateRequest.newBuilder()
        .setMember(Member.newBuilder().setModel("remote"))
        .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent("How are you?"));
  }

  @Override
  public void close() throws IOException {
    client.close();
    for (ScriptedEndpoint endpoint : endpoints) {
      endpoint.close();
    }
    vertx.close();
  }
}
