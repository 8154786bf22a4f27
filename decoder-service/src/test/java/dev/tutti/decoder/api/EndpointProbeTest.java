package dev.tutti.decoder.api;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.request;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.http.Fault;
import com.google.protobuf.ByteString;
import dev.tutti.decoder.v1.DecoderServiceGrpc.DecoderServiceBlockingStub;
import dev.tutti.decoder.v1.EmbedRequest;
import dev.tutti.decoder.v1.EmbedResponse;
import dev.tutti.decoder.v1.InspectRequest;
import dev.tutti.decoder.v1.InspectResponse;
import dev.tutti.decoder.v1.ScoreRequest;
import dev.tutti.decoder.v1.ScoreResponse;
import dev.tutti.decoder.wiring.KnownModels;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Model;
import dev.tutti.registry.v1.Runtime;
import dev.tutti.type.v1.Capability;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What endpoints can do is found out; scores and embeddings come from them. */
@QuarkusTest
@QuarkusTestResource(ScriptedRegistry.class)
@Timeout(30)
class EndpointProbeTest {

  private static final String CHAT =
      """
      {"choices":[{"index":0,"message":{"role":"assistant","content":"Paris"},"finish_reason":"length",
      "logprobs":{"content":[{"token":"Paris","logprob":-0.1,"bytes":null,"top_logprobs":[]}]}}],
      "usage":{"prompt_tokens":5,"completion_tokens":1}}\
      """;

  private static final String TOP =
      """
      {"choices":[{"index":0,"text":" Paris","finish_reason":"length","logprobs":{"tokens":[" Paris"],
      "token_logprobs":[-0.1],"top_logprobs":[{" Paris":-0.1," the":-3," a":-4}],"text_offset":[0]}}]}\
      """;

  private static final String ECHO =
      """
      {"choices":[{"index":0,"text":"<s>2+2=4!","finish_reason":"length","logprobs":{
      "tokens":["<s>","2","+2=","4","!"],"token_logprobs":[null,-2,-1,-0.25,-5],"top_logprobs":null}}],
      "usage":{"prompt_tokens":4,"completion_tokens":1}}\
      """;

  @GrpcClient("self")
  DecoderServiceBlockingStub decoder;

  @Inject KnownModels models;

  private final WireMockServer endpoint =
      new WireMockServer(WireMockConfiguration.options().dynamicPort().bindAddress("127.0.0.1"));

  @BeforeEach
  void start() {
    endpoint.start();
  }

  @AfterEach
  void stop() {
    endpoint.stop();
  }

  private String url() {
    return "http://127.0.0.1:%d/v1".formatted(endpoint.port());
  }

  private Model.Builder model() {
    return Model.newBuilder()
        .setName("remote")
        .setRuntime(Runtime.RUNTIME_OPENAI)
        .addEndpoints(url())
        .setLifecycle(Lifecycle.LIFECYCLE_ACTIVE);
  }

  private InspectResponse inspect(Model.Builder model) {
    return decoder.inspect(InspectRequest.newBuilder().setModel(model).build());
  }

  private void everything() {
    endpoint.stubFor(
        get("/v1/models")
            .willReturn(okJson("{\"data\":[{\"id\":\"remote\",\"max_model_len\":8192}]}")));
    endpoint.stubFor(post("/v1/chat/completions").willReturn(okJson(CHAT)));
    endpoint.stubFor(post("/v1/completions").willReturn(okJson(TOP)));
    endpoint.stubFor(
        post("/v1/completions")
            .withRequestBody(matchingJsonPath("$.echo", equalTo("true")))
            .willReturn(okJson(ECHO)));
    endpoint.stubFor(
        post("/v1/embeddings")
            .willReturn(
                okJson(
                    "{\"data\":[{\"index\":1,\"embedding\":[0,5]},{\"index\":0,\"embedding\":[3,4]}],\"usage\":{\"prompt_tokens\":9}}")));
  }

  @Test
  void anEndpointThatDoesEverything() {
    everything();
    InspectResponse found = inspect(model());
    assertEquals(
        List.of(
            Capability.CAPABILITY_GENERATION,
            Capability.CAPABILITY_LOGPROBS,
            Capability.CAPABILITY_SCORING,
            Capability.CAPABILITY_EMBEDDING,
            Capability.CAPABILITY_TOP_LOGPROBS),
        found.getCapabilitiesList());
    assertEquals(3, found.getTopLogprobs());
    assertEquals(8192, found.getContextLength());
  }

  /** Each kind of server has its own place for it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "GET /v1/models |"
            + " {\"data\":[{\"id\":\"other\",\"max_model_len\":1},{\"id\":\"remote\",\"context_window\":131072}]}"
            + " | 131072",
        "GET /v1/models |"
            + " {\"data\":[{\"id\":\"remote\",\"context_length\":131072,\"top_provider\":{\"context_length\":32768}}]}"
            + " | 32768",
        "GET /v1/models | {\"data\":[{\"id\":\"/models/a.gguf\",\"meta\":{\"n_ctx_train\":4096}}]}"
            + " | 4096",
        "GET /v1/models |"
            + " {\"data\":[{\"id\":\"a\",\"max_model_len\":1},{\"id\":\"b\",\"max_model_len\":2}]}"
            + " | 0",
        "GET /props |"
            + " {\"default_generation_settings\":{\"n_ctx\":2048,\"params\":{\"n_predict\":-1}}} |"
            + " 2048",
        "GET /info |"
            + " {\"max_input_tokens\":1023,\"max_input_length\":1023,\"max_total_tokens\":2048} |"
            + " 2048",
        "GET /info | {\"model_id\":\"bge\",\"max_input_length\":512} | 512",
        "GET /api/v0/models |"
            + " {\"data\":[{\"id\":\"remote\",\"max_context_length\":32768,\"loaded_context_length\":4096}]}"
            + " | 4096",
        "POST /api/show | {\"model_info\":{\"llama.context_length\":131072}} | 131072",
        "POST /api/show | {\"parameters\":\"stop x\\n"
            + "num_ctx    8192\",\"model_info\":{\"llama.context_length\":131072}} | 8192",
        "GET /v1/models |"
            + " {\"data\":[{\"id\":\"remote\",\"max_model_len\":\"long\",\"context_length\":-1}]} |"
            + " 0",
        "GET /props | <html>Nothing here</html> | 0",
      })
  void howMuchAModelHolds(String place, String told, int context) {
    endpoint.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(404)));
    endpoint.stubFor(post("/v1/chat/completions").willReturn(okJson(CHAT)));
    endpoint.stubFor(
        request(
                place.substring(0, place.indexOf(' ')),
                urlEqualTo(place.substring(place.indexOf('/'))))
            .willReturn(okJson(told)));
    assertEquals(context, inspect(model()).getContextLength());
  }

  @Test
  void anEndpointThatIsFullIsNotTakenForALesserOne() {
    everything();
    for (String path : List.of("/v1/completions", "/v1/embeddings")) {
      endpoint.stubFor(
          post(path).willReturn(aResponse().withStatus(429).withHeader("Retry-After", "60")));
      var e = assertThrows(StatusRuntimeException.class, () -> inspect(model()));
      assertEquals(
          Failure.ResourceExhausted.class, FailureStatus.fromThrowable(e).getClass(), path);
      everything();
    }
  }

  @Test
  void anEndpointThatOnlyChats() {
    endpoint.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(404)));
    endpoint.stubFor(
        post("/v1/chat/completions")
            .willReturn(
                okJson(
                    "{\"choices\":[{\"message\":{\"content\":\"Paris\"},\"logprobs\":null,\"finish_reason\":\"stop\"}]}")));
    InspectResponse found = inspect(model());
    assertEquals(List.of(Capability.CAPABILITY_GENERATION), found.getCapabilitiesList());
    assertEquals(0, found.getContextLength());
    assertEquals(0, found.getTopLogprobs());
  }

  @Test
  void anEndpointThatOnlyEmbeds() {
    endpoint.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(404)));
    endpoint.stubFor(
        post("/v1/embeddings").willReturn(okJson("{\"data\":[{\"index\":0,\"embedding\":[1]}]}")));
    assertEquals(List.of(Capability.CAPABILITY_EMBEDDING), inspect(model()).getCapabilitiesList());
  }

  @Test
  void whatAllEndpointsCanTheModelCan() {
    everything();
    var lesser = new WireMockServer(WireMockConfiguration.options().dynamicPort());
    lesser.start();
    try {
      lesser.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(404)));
      lesser.stubFor(post("/v1/chat/completions").willReturn(okJson(CHAT)));
      InspectResponse found =
          inspect(model().addEndpoints("http://127.0.0.1:%d/v1".formatted(lesser.port())));
      assertEquals(
          List.of(Capability.CAPABILITY_GENERATION, Capability.CAPABILITY_LOGPROBS),
          found.getCapabilitiesList());
      assertEquals(8192, found.getContextLength());
    } finally {
      lesser.stop();
    }
  }

  @Test
  void whatCannotBeAskedIsNotAccepted() {
    endpoint.stubFor(any(anyUrl()).willReturn(aResponse().withFault(Fault.EMPTY_RESPONSE)));
    assertTrue(refused(model()) instanceof Failure.Unavailable);
    endpoint.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(500)));
    assertTrue(refused(model()) instanceof Failure.Unavailable);
    endpoint.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(401)));
    assertEquals("model.credential", ((Failure.FailedPrecondition) refused(model())).field());
    assertEquals(
        "model.endpoints[0]",
        ((Failure.FailedPrecondition)
                refused(model().clearEndpoints().addEndpoints("http://10.255.0.1/v1")))
            .field());
    assertEquals(
        "model.credential",
        ((Failure.FailedPrecondition) refused(model().setCredential("env:PATH"))).field());
  }

  private Failure refused(Model.Builder model) {
    return FailureStatus.fromThrowable(
        assertThrows(StatusRuntimeException.class, () -> inspect(model)));
  }

  @Test
  void scoresAndEmbeddingsComeFromTheEndpoint() throws InterruptedException {
    everything();
    ScriptedRegistry registry = ScriptedRegistry.current();
    long revision = EndpointAnswersTest.REVISION.incrementAndGet();
    registry.say(
        registry.standard(revision).toBuilder()
            .addModels(model().setVersion(revision).setRemoteModel("its/name"))
            .build());
    registry.await(models);
    ScoreResponse scores =
        decoder.score(
            ScoreRequest.newBuilder().setModel("remote").setPrompt("2").addTexts("+2=4").build());
    assertEquals(-1.25, scores.getScores(0).getSumLogprob(), 1e-12);
    assertEquals("4", scores.getScores(0).getTokens(1).getToken());
    assertEquals(4, scores.getPromptTokens());
    var shared =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                decoder.score(
                    ScoreRequest.newBuilder()
                        .setModel("remote")
                        .setPrompt("2+")
                        .addTexts("2=4")
                        .build()));
    assertTrue(shared.getMessage().contains("shares a token"), shared.getMessage());
    EmbedResponse embedded =
        decoder.embed(
            EmbedRequest.newBuilder().setModel("remote").addTexts("a").addTexts("b").build());
    assertEquals(0.6f, embedded.getEmbeddings(0).getValues(0), 1e-6);
    assertEquals(1f, embedded.getEmbeddings(1).getValues(1), 1e-6);
    assertEquals(9, embedded.getPromptTokens());
    EmbedResponse relayed =
        decoder.embed(
            EmbedRequest.newBuilder()
                .setModel("remote")
                .setBody(
                    ByteString.copyFromUtf8(
                        "{\"model\":\"remote\",\"input\":[1],\"dimensions\":2}"))
                .build());
    assertTrue(relayed.getBody().toStringUtf8().contains("[0,5]"));
    assertEquals(9, relayed.getPromptTokens());
    assertEquals(
        "{\"model\":\"its/name\",\"input\":[1],\"dimensions\":2}",
        endpoint.getAllServeEvents().getFirst().getRequest().getBodyAsString());
  }
}
