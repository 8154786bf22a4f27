package dev.tutti.decoder.runtime.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PfxOptions;
import java.io.File;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What goes over the wire. */
@Timeout(30)
class EndpointClientTest {

  private static final Duration LIMIT = Duration.ofSeconds(10);

  @TempDir static Path folder;

  private final Vertx vertx = Vertx.vertx();
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private EndpointClient client;

  static EndpointConfig config() {
    return new SmallRyeConfigBuilder()
        .addDiscoveredConverters()
        .withMapping(EndpointConfig.class)
        .build()
        .getConfigMapping(EndpointConfig.class);
  }

  @BeforeEach
  void start() throws Exception {
    File keys = folder.resolve("keys.p12").toFile();
    if (!keys.exists()) {
      int status =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                  "-genkeypair",
                  "-keyalg",
                  "EC",
                  "-dname",
                  "CN=localhost",
                  "-ext",
                  "SAN=dns:localhost",
                  "-storetype",
                  "PKCS12",
                  "-storepass",
                  "changeit",
                  "-keystore",
                  keys.toString())
              .start()
              .waitFor();
      assertEquals(0, status);
    }
    var store = new PfxOptions().setPath(keys.toString()).setPassword("changeit");
    server =
        vertx
            .createHttpServer(
                new HttpServerOptions().setSsl(true).setUseAlpn(true).setKeyCertOptions(store))
            .requestHandler(
                request -> {
                  seen.add(request.version() + " " + request.getHeader("authorization"));
                  request.response().end("{\"host\":\"" + request.authority() + "\"}");
                })
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    client =
        new EndpointClient(
            vertx, config(), new HostRules(List.of("localhost"), false), Optional.of(store));
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Test
  void http2IsSpokenWhereItIsOfferedAndTheNameIsKept() throws Exception {
    URI url = URI.create("https://localhost:%d/v1/models".formatted(server.actualPort()));
    try (Exchange exchange =
        client.send("The endpoint", url, null, new Credential("sk-1"), false)) {
      exchange.awaitHead(LIMIT);
      assertEquals(200, exchange.status());
      assertEquals(
          "{\"host\":\"localhost:%d\"}".formatted(server.actualPort()),
          new String(exchange.read(LIMIT), StandardCharsets.UTF_8));
      assertNull(exchange.read(LIMIT));
    }
    assertEquals(List.of("HTTP_2 Bearer sk-1"), seen);
  }

  @Test
  void aKeyGoesToListedHostsOnly() {
    try (var open =
        new EndpointClient(vertx, config(), new HostRules(List.of(), true), Optional.empty())) {
      URI url = URI.create("https://192.0.2.1/v1/models");
      var refused =
          assertThrows(
              EndpointException.class,
              () -> open.send("The endpoint", url, null, new Credential("sk-1"), false));
      assertEquals("CREDENTIAL_NOT_FOR_HOST", refused.failure().reason());
      assertTrue(refused.registrants().message().contains("'192.0.2.1'"));
      assertTrue(
          refused.registrants().message().contains("tutti.decoder.endpoints.allowed-hosts"),
          refused.failure().message());
      // Without a key it may be called.
      open.send("The endpoint", url, null, Credential.NONE, false).close();
    }
  }

  @Test
  void aCertificateOfAnotherNameIsRefused() throws Exception {
    try (var careless =
        new EndpointClient(
            vertx,
            config(),
            new HostRules(List.of("127.0.0.1"), false),
            Optional.of(
                new PfxOptions()
                    .setPath(folder.resolve("keys.p12").toString())
                    .setPassword("changeit")))) {
      URI url = URI.create("https://127.0.0.1:%d/v1/models".formatted(server.actualPort()));
      try (Exchange exchange = careless.send("The endpoint", url, null, Credential.NONE, false)) {
        var refused = assertThrows(EndpointException.class, () -> exchange.awaitHead(LIMIT));
        assertEquals("ENDPOINT_UNREACHABLE", refused.failure().reason());
      }
    }
    assertTrue(seen.isEmpty());
  }
}
