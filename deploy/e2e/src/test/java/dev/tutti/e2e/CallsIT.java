package dev.tutti.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Traces, probes, metrics, and clients that leave. */
@ExtendWith(Platform.class)
class CallsIT {

  @Test
  void aTraceGoesThroughEveryServiceOfARequest() {
    assertTraced("adders-vote", "router", "fusion", "decoder");
    assertTraced("adders-cascade", "router", "cascade", "decoder");
  }

  private static void assertTraced(String model, String... services) {
    byte[] id = new byte[16];
    ThreadLocalRandom.current().nextBytes(id);
    String traceId = HexFormat.of().formatHex(id);
    Http.Answer answer =
        Http.post(
            Platform.rest("router") + "/v1/chat/completions",
            Http.chat(model, "12+34=").toString(),
            "traceparent",
            "00-" + traceId + "-00f067aa0ba902b7-01");
    assertEquals(200, answer.status(), answer.body());
    for (String service : services) {
      OutageIT.await(() -> TraceCollector.INSTANCE.saw(service + "-service", traceId));
      OutageIT.await(
          () -> TraceCollector.INSTANCE.tells(service + "-service", "gen_ai.response.model"));
      assertFalse(TraceCollector.INSTANCE.tells(service + "-service", "12+34="), service);
    }
  }

  @Test
  void everyServiceHasProbesAndMetrics() throws IOException {
    for (String service : Platform.SERVICES) {
      String log = Files.readString(Platform.HOME.resolve("logs/" + service + ".log"));
      assertFalse(log.contains("has been already registered"), log);
      for (String probe : new String[] {"started", "live", "ready"}) {
        Http.Answer answer = Http.get(Platform.operators(service) + "/health/" + probe);
        assertEquals(200, answer.status(), service + " " + probe + " " + answer.body());
      }
      assertTrue(
          Http.get(Platform.operators(service) + "/metrics")
              .body()
              .contains("jvm_memory_used_bytes"),
          service);
    }
  }

  /** The registry finds a method's service by its name. */
  @Test
  void namesOfMethodsAreUniqueOverAllServices() {
    JsonNode list = Http.get(Platform.rest("registry") + "/api/v1/methods").json();
    assertTrue(list.path("unavailable").isEmpty(), list.toString());
    List<String> services = list.path("methods").findValuesAsText("service");
    assertEquals(
        Set.of("router-service", "decoder-service", "fusion-service", "cascade-service"),
        Set.copyOf(services));
    var seen = new HashSet<String>();
    for (JsonNode method : list.path("methods")) {
      assertTrue(seen.add(method.path("name").asText()), method.toString());
    }
  }

  @Test
  void clientsThatLeaveFreeTheirSessions() throws IOException {
    String body = Http.chat("adders-gac", "123+456=").put("stream", true).toString();
    String request =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(body.length(), body);
    // The starter models answer within milliseconds: some leave in time to be noticed in the middle
    // of it.
    for (int round = 0; round < 100 && cancelled() == 0; round++) {
      List<Socket> clients = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), Platform.PORT);
        socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
        clients.add(socket);
      }
      for (Socket client : clients) {
        client.close();
      }
    }
    assertTrue(cancelled() > 0, "no request was seen to be cancelled");
    OutageIT.await(() -> OutageIT.metric("decoder", "tutti_decoder_sessions_running") == 0);
    assertEquals(200, Http.complete("adders-gac", "123+456=").status());
  }

  private static long cancelled() {
    return Http.get(Platform.operators("router") + "/metrics")
        .body()
        .lines()
        .filter(l -> l.startsWith("tutti_router_requests_total") && l.contains("cancelled"))
        .count();
  }
}
