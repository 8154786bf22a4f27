package dev.tutti.registry.console;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import dev.tutti.kit.grpc.ServiceToken;
import dev.tutti.kit.testing.EndedSpans;
import dev.tutti.kit.testing.LoggedLines;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.Surroundings;
import dev.tutti.registry.testing.WithKeys;
import dev.tutti.registry.v1.RegistryServiceGrpc;
import dev.tutti.registry.v1.TellUseRequest;
import dev.tutti.registry.watch.ServicesOnlyTest;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What opens the registry is told to nobody who reads traces, logs and metrics. */
@QuarkusTest
@TestProfile(ServicesOnlyTest.Required.class)
@ExtendWith(OfRegistry.class)
class SecretsTest {

  private static final Duration SOON = Duration.ofSeconds(10);
  private static final String KEY = "Authorization";

  private static void call(String header, String value) {
    int port = ConfigProvider.getConfig().getValue("quarkus.grpc.server.test-port", Integer.class);
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    var headers = new Metadata();
    headers.put(Metadata.Key.of(header, Metadata.ASCII_STRING_MARSHALLER), value);
    try {
      RegistryServiceGrpc.newBlockingStub(channel)
          .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
          .tellUse(TellUseRequest.getDefaultInstance());
    } finally {
      channel.shutdownNow();
    }
  }

  private static JsonNode key(String team) {
    Person.admin("POST", "teams", "{\"name\": \"%s\"}".formatted(team)).expect(201);
    return Person.admin(
            "POST",
            "keys",
            "{\"team\": \"%s\", \"name\": \"a\", \"scopes\": [\"admin\"]}".formatted(team))
        .expect(201)
        .json();
  }

  private static int read(String path, String key) {
    return Rest.get(path, KEY, "Bearer " + key).status();
  }

  /** By what each is called; beginnings that anybody may see are left out. */
  private static Map<String, String> secrets() throws Exception {
    var secrets = new LinkedHashMap<String, String>();
    keys(secrets);
    people(secrets);
    webhook(secrets);
    String token = "0123456789abcdef0123456789abcdef";
    call(ServiceToken.HEADER, token);
    secrets.put("the services' token", token);
    for (String wrong : List.of(token + "wrong", "x".repeat(40))) {
      assertThrows(StatusRuntimeException.class, () -> call(ServiceToken.HEADER, wrong));
      secrets.put("a wrong token " + wrong.length(), wrong);
    }
    return secrets;
  }

  private static void keys(Map<String, String> secrets) {
    JsonNode made = key("traced");
    String right = made.path("key").asText();
    await().atMost(SOON).until(() -> read("models", right) == 200);
    assertEquals(200, Rest.get("models", "x-api-key", right).status());
    JsonNode rotated =
        Person.admin("POST", "keys/" + made.path("id").asText() + "/rotate", "{}")
            .expect(200)
            .json();
    JsonNode ended = key("traced-ended");
    String revoked = ended.path("key").asText();
    Person.admin("DELETE", "keys/" + ended.path("id").asText(), null).expect(204);
    await().atMost(SOON).until(() -> read("models", revoked) == 401);
    String malformed = "sk-" + "qwerty".repeat(7);
    for (String text : List.of(right, revoked, malformed)) {
      read("models?text=" + text, text);
      read("models/" + (text.startsWith("tk-") ? text : "nobody"), text);
      Rest.get("/console/models?api_key=" + text, KEY, "Bearer " + text);
      assertThrows(StatusRuntimeException.class, () -> call("authorization", "Bearer " + text));
    }
    // Others count the keys that there are.
    Person.admin("DELETE", "keys/" + made.path("id").asText(), null).expect(204);
    secrets.put("the administrators' key", WithKeys.ADMIN.substring(11));
    secrets.put("a key", right.substring(11));
    secrets.put("its next text", rotated.path("key").asText().substring(11));
    secrets.put("a revoked key", revoked.substring(11));
    secrets.put("what is no key", malformed);
  }

  /** An address has twenty failures, and all tests have one address. */
  private static void forgetFailures() throws SQLException {
    try (Connection connection = DriverManager.getConnection(Surroundings.databaseUrl());
        Statement delete = connection.createStatement()) {
      delete.executeUpdate("delete from registry.sign_in_try");
    }
  }

  private static void people(Map<String, String> secrets) throws SQLException {
    String once = Person.make("traced", "viewer");
    String chosen = Person.password("traced");
    var person = new Person();
    assertEquals(401, person.signIn("traced", "a guess of mine").status());
    forgetFailures();
    person.signIn("traced", once).expect(303);
    secrets.put("a session of a one-time password", person.session());
    person.send("/console/account", "old", once, "password", chosen, "again", chosen).expect(303);
    person.get("/console/models").expect(200);
    person.get("/console/sign-in/oidc?code=a-code-of-theirs&state=a-state-of-theirs");
    secrets.put("a one-time password", once);
    secrets.put("a password", chosen);
    secrets.put("a password in a form", Browsing.encoded(chosen));
    secrets.put("a wrong password", "a guess of mine");
    secrets.put("a session", person.session());
    secrets.put("the token of a session", person.csrf());
    secrets.put("a provider's code", "a-code-of-theirs");
    secrets.put("a provider's state", "a-state-of-theirs");
  }

  private static void webhook(Map<String, String> secrets) throws Exception {
    var told = new CountDownLatch(1);
    HttpServer listener = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    listener.createContext(
        "/",
        call -> {
          call.sendResponseHeaders(204, -1);
          call.close();
          told.countDown();
        });
    listener.start();
    try {
      String url =
          "http://127.0.0.1:%d/a-path-of-theirs".formatted(listener.getAddress().getPort());
      JsonNode made =
          Person.admin("POST", "webhooks", "{\"url\": \"%s\"}".formatted(url)).expect(201).json();
      String path = "webhooks/" + made.path("id").asText();
      assertEquals(2, Person.admin("POST", path + "/test", "{}").status() / 100);
      assertEquals(true, told.await(10, TimeUnit.SECONDS));
      Person.admin("DELETE", path, null).expect(204);
      secrets.put("a webhook's secret", made.path("secret").asText().substring(4));
      // Others put what opens into it.
      secrets.put("a webhook's address", "a-path-of-theirs");
    } finally {
      listener.stop(0);
    }
  }

  @Test
  void nothingThatOpensIsInATraceALogOrAMetric() throws Exception {
    EndedSpans.look();
    var secrets = new LinkedHashMap<String, String>();
    var logged = new LoggedLines();
    try (logged) {
      secrets.putAll(secrets());
      Person.admin("GET", "ensembles", null).expect(200);
      for (String last :
          List.of("GET /api/v1/ensembles", "POST /console/sign-in", "RegistryService/TellUse")) {
        await().atMost(SOON).until(() -> EndedSpans.tells(last));
      }
    }
    List<String> told = EndedSpans.told();
    String metrics = Rest.operators("/metrics").expect(200).body();
    secrets.forEach(
        (what, secret) -> {
          assertFalse(secret.length() < 10, what);
          told.forEach(span -> assertFalse(span.contains(secret), () -> what + ": " + span));
          logged
              .all()
              .forEach(line -> assertFalse(line.contains(secret), () -> what + ": " + line));
          assertFalse(metrics.contains(secret), what);
        });
  }
}
