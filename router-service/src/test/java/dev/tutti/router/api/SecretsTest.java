package dev.tutti.router.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.kit.grpc.ServiceToken;
import dev.tutti.kit.testing.EndedSpans;
import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Keys;
import dev.tutti.router.testing.Neighbourhood;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What opens the front door is told to nobody who reads traces and metrics. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class SecretsTest {

  /** Of a key, what anybody may see. */
  private static final int PREFIX = 11;

  private ManagedChannel channel;

  @BeforeEach
  void lock() {
    Keys.unlock();
    Neighbourhood.calm();
    int port = ConfigProvider.getConfig().getValue("quarkus.grpc.server.test-port", Integer.class);
    channel = ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    Keys.lock(Keys.of("told", "search"), Keys.of("ended", "search"));
    Neighbourhood.registry.tell(Keys.locked(Keys.of("told", "search")));
    Keys.await(() -> Keys.status("ended") == 401);
    EndedSpans.look();
  }

  @AfterEach
  void unlock() {
    channel.shutdownNow();
    Keys.unlock();
  }

  private Status.Code generate(String header, String value) {
    return generate("anna", header, value);
  }

  private Status.Code generate(String name, String header, String value) {
    var headers = new Metadata();
    headers.put(Metadata.Key.of(header, Metadata.ASCII_STRING_MARSHALLER), value);
    try {
      GenerationServiceGrpc.newBlockingStub(channel)
          .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
          .generate(
              GenerateRequest.newBuilder()
                  .setName(name)
                  .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent("Who?"))
                  .build())
          .forEachRemaining(event -> {});
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  private static int read(String path, String header, String value) {
    return Http.send(Http.request(path).header(header, value).GET()).status();
  }

  @Test
  void noKeyIsInATraceOrAMetric() {
    String right = Keys.text("told");
    String revoked = Keys.text("ended");
    String unknown = Keys.text("no-one's");
    String malformed = "sk-" + "qwerty".repeat(7);
    assertEquals(200, Keys.chat("anna", "told").status());
    assertEquals(200, Keys.chat("blend", "told", "\"stream\": true").status());
    assertEquals(404, Keys.chat("nobody", "told").status());
    for (String key : List.of(revoked, unknown, malformed)) {
      assertEquals(401, read("/v1/models", "authorization", "Bearer " + key));
      assertEquals(401, read("/v1/models", "x-api-key", key));
      assertEquals(401, read("/v1/models?api_key=" + key, "accept", "*/*"));
      assertEquals(Status.Code.UNAUTHENTICATED, generate("authorization", "Bearer " + key));
      assertEquals(Status.Code.UNAUTHENTICATED, generate("x-api-key", key));
    }
    read("/v1/models?api_key=" + right, "authorization", "Bearer " + right);
    read("/v1/models/" + right, "authorization", "Bearer " + right);
    assertEquals(404, Keys.chat(right, "told").status());
    assertEquals(Status.Code.OK, generate("authorization", "Bearer " + right));
    assertEquals(Status.Code.NOT_FOUND, generate(right, "authorization", "Bearer " + right));
    assertEquals(Status.Code.OK, generate(ServiceToken.HEADER, Neighbourhood.SERVICE_TOKEN));
    assertEquals(
        Status.Code.UNAUTHENTICATED,
        generate(ServiceToken.HEADER, Neighbourhood.SERVICE_TOKEN + "x"));
    assertEquals(200, read("/v1/models", "authorization", "Bearer " + right));
    Keys.await(() -> EndedSpans.tells("GET /v1/models"));
    Keys.await(() -> EndedSpans.tells("tutti.generation.v1.GenerationService/Generate"));
    List<String> told = EndedSpans.told();
    String metrics = Http.operators("/metrics").body();
    Stream.of(right, revoked, unknown, malformed, Neighbourhood.SERVICE_TOKEN)
        .map(secret -> secret.substring(PREFIX))
        .forEach(
            secret -> {
              told.forEach(span -> assertFalse(span.contains(secret), span));
              assertFalse(metrics.contains(secret), secret);
            });
  }
}
