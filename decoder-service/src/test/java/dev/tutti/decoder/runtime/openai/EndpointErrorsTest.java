package dev.tutti.decoder.runtime.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.api.ScriptedEndpoint;
import dev.tutti.decoder.api.ScriptedRegistry;
import dev.tutti.kit.grpc.Failure;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What becomes of an endpoint's errors: class, words and code reach the caller, its place never.
 */
@QuarkusTest
@QuarkusTestResource(ScriptedRegistry.class)
@Timeout(60)
class EndpointErrorsTest {

  private static final Map<String, String> QUICK =
      Map.of(
          "first-token-timeout", "1s",
          "idle-timeout", "1s",
          "answer-timeout", "1s",
          "retry-delay", "1ms");
  private static final Map<String, String> PATIENT = Map.of("retry-delay", "1ms");
  private static final String FIRST =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Grü\"},\"finish_reason\":null}]}\n\n";
  private static final String DETAIL =
      "{\"detail\":[{\"loc\":[\"body\",\"messages\"],\"msg\":\"Field required\"}]}";
  private static final String QUOTA =
      "{\"error\":{\"message\":\"No more.\",\"code\":\"insufficient_quota\"}}";

  private static Failure failure(String body, ScriptedEndpoint.Script script) throws IOException {
    try (var asked = new AskedEndpoints(PATIENT, script)) {
      return asked.broken(body).failure();
    }
  }

  private static ScriptedEndpoint.Script stream(String events) {
    return call -> {
      call.stream();
      call.raw(events);
    };
  }

  @Test
  void aRefusalKeepsItsWordsAndCode() throws IOException {
    for (String body : List.of(AskedEndpoints.WHOLE, AskedEndpoints.STREAM)) {
      assertEquals(
          new Failure.InvalidArgument(
              "messages", "ENDPOINT_REFUSED_REQUEST", "messages: Field required"),
          failure(body, call -> call.whole(422, DETAIL)));
      assertEquals(
          new Failure.InvalidArgument("", "ENDPOINT_REFUSED_REQUEST", "no such thing"),
          failure(body, call -> call.whole(400, "no such thing")));
      assertEquals(
          new Failure.InvalidArgument("", "INVALID_PROMPT", "Bad words."),
          failure(
              body,
              call ->
                  call.whole(
                      400,
                      "[{\"error\":{\"message\":\"Bad words.\",\"code\":\"InvalidPrompt\"}}]")));
      var limited =
          assertInstanceOf(
              Failure.ResourceExhausted.class,
              failure(body, call -> call.whole(429, QUOTA, "Retry-After: 70")));
      assertEquals("INSUFFICIENT_QUOTA", limited.reason());
      assertTrue(limited.message().endsWith("No more."), limited.message());
      assertEquals(Duration.ofSeconds(70), limited.retryAfter());
      var forbidden = failure(body, call -> call.whole(403, "{\"detail\":\"Not this text.\"}"));
      assertInstanceOf(Failure.FailedPrecondition.class, forbidden);
      assertTrue(forbidden.message().endsWith("Not this text."), forbidden.message());
      var failed =
          failure(
              body,
              call -> call.whole(500, "{\"error\":{\"message\":\"Lost.\",\"code\":\"gpu_lost\"}}"));
      assertEquals("ENDPOINT_FAILED", failed.reason());
      assertEquals(
          "The endpoint of 'remote' failed with status 500 (gpu_lost). Lost.", failed.message());
    }
  }

  /** It may be asked again after the time that it tells, whatever the status. */
  @Test
  void aWishToBeLeftAloneIsToldWithoutACap() throws IOException {
    for (int status : new int[] {429, 503}) {
      Failure failure =
          failure(AskedEndpoints.WHOLE, call -> call.whole(status, "{}", "Retry-After: 172800"));
      assertEquals(Duration.ofDays(2), failure.retryAfter(), "status " + status);
      failure =
          failure(
              AskedEndpoints.WHOLE,
              call -> call.whole(status, "{}", "Retry-After: 9", "Retry-After-Ms: 8500"));
      assertEquals(Duration.ofMillis(8500), failure.retryAfter(), "status " + status);
    }
  }

  @Test
  void whereAllRestTheSoonestIsTold() throws IOException {
    try (var asked =
        new AskedEndpoints(
            PATIENT,
            call -> call.whole(429, "{}", "Retry-After: 500"),
            call -> call.whole(429, "{}", "Retry-After: 50"))) {
      asked.broken(AskedEndpoints.WHOLE);
      asked.broken(AskedEndpoints.WHOLE);
      assertEquals(2, asked.asked());
      Duration soonest = asked.broken(AskedEndpoints.WHOLE).failure().retryAfter();
      assertTrue(
          soonest.compareTo(Duration.ofSeconds(50)) <= 0
              && soonest.compareTo(Duration.ofSeconds(1)) > 0,
          soonest.toString());
      assertEquals(2, asked.asked());
    }
  }

  @Test
  void anErrorInPlaceOfAnAnswerIsOne() throws IOException {
    var told = new LinkedHashMap<String, Class<? extends Failure>>();
    told.put(QUOTA, Failure.ResourceExhausted.class);
    told.put("[" + QUOTA + "]", Failure.ResourceExhausted.class);
    told.put(
        "{\"object\":\"error\",\"message\":\"No more.\",\"code\":400}",
        Failure.InvalidArgument.class);
    told.put("{\"detail\":\"No more.\"}", Failure.Unavailable.class);
    told.put("{\"error\":\"No more.\"}", Failure.Unavailable.class);
    for (var each : told.entrySet()) {
      String error = each.getKey();
      var failures = new ArrayList<Failure>();
      for (String body : List.of(AskedEndpoints.WHOLE, AskedEndpoints.STREAM)) {
        // A stream is asked for, and no stream comes.
        failures.add(once(body, call -> call.whole(200, error)));
      }
      failures.add(once(AskedEndpoints.STREAM, stream("data: " + error + "\n\n")));
      failures.add(once(AskedEndpoints.STREAM, stream("event: error\ndata: " + error + "\n\n")));
      failures.add(once(AskedEndpoints.STREAM, stream(FIRST + "data: " + error + "\n\n")));
      for (Failure failure : failures) {
        assertInstanceOf(each.getValue(), failure, error);
        assertTrue(failure.message().endsWith("No more."), failure.message());
      }
    }
    assertTrue(
        once(AskedEndpoints.STREAM, stream("event: error\ndata: out of memory\n\n"))
            .message()
            .endsWith("out of memory"));
  }

  @Test
  void anErrorInPlaceOfEmbeddingsIsOne() throws IOException {
    for (String error : List.of(QUOTA, "[" + QUOTA + "]")) {
      try (var asked = new AskedEndpoints(PATIENT, call -> call.whole(200, error))) {
        Failure failure = asked.failureToEmbed();
        assertEquals("INSUFFICIENT_QUOTA", failure.reason());
        assertTrue(failure.message().endsWith("No more."), failure.message());
        assertEquals(1, asked.asked());
      }
    }
  }

  /** Whatever goes wrong once it has answered 200, or may be at work: it is not sent again. */
  @Test
  void nothingIsSentTwice() throws IOException {
    String whole = AskedEndpoints.WHOLE;
    String stream = AskedEndpoints.STREAM;
    for (String body : List.of(whole, stream)) {
      assertEquals(
          "ENDPOINT_SILENT", once(QUICK, body, ScriptedEndpoint.Call::fallSilent).reason());
      assertEquals(
          "ENDPOINT_SILENT",
          once(
                  QUICK,
                  body,
                  call -> {
                    call.stream();
                    call.fallSilent();
                  })
              .reason());
      assertEquals(
          "ENDPOINT_CUT",
          once(
                  body,
                  call -> {
                    call.stream();
                    call.raw("{");
                    call.awaitArrival();
                    call.cut();
                  })
              .reason());
      assertEquals("ENDPOINT_MALFORMED", once(body, stream("nonsense")).reason());
      assertEquals("ENDPOINT_MALFORMED", once(body, stream("")).reason());
    }
    assertEquals("ENDPOINT_MALFORMED", once(stream, stream(FIRST + "data: {]\n\n")).reason());
    assertEquals("ENDPOINT_CUT", once(stream, stream(FIRST)).reason());
  }

  /** The failure of a call that may be made once only, though another endpoint is there. */
  private static Failure once(String body, ScriptedEndpoint.Script script) throws IOException {
    return once(PATIENT, body, script);
  }

  private static Failure once(
      Map<String, String> settings, String body, ScriptedEndpoint.Script script)
      throws IOException {
    try (var asked = new AskedEndpoints(settings, script, script)) {
      Failure failure = asked.broken(body).failure();
      assertEquals(1, asked.asked(), failure.message());
      return failure;
    }
  }

  @Test
  void anErrorThatDripsIsNotReadForLong() throws IOException {
    try (var asked =
        new AskedEndpoints(
            QUICK,
            call -> {
              call.raw(
                  "HTTP/1.1 400 Said\r\nContent-Length: 9999\r\nConnection: close\r\n\r\n{\"error\":\"No.\"}");
              while (true) {
                // Until the caller has left.
                call.raw(" ");
                Thread.sleep(50);
              }
            })) {
      assertEquals("No.", asked.broken(AskedEndpoints.WHOLE).failure().message());
    }
  }

  @Test
  void whereAnEndpointIsReachesNobody() throws IOException {
    var scripts = new LinkedHashMap<String, ScriptedEndpoint.Script>();
    scripts.put("ENDPOINT_UNREACHABLE", ScriptedEndpoint.Call::cut);
    scripts.put("ENDPOINT_SILENT", ScriptedEndpoint.Call::fallSilent);
    scripts.put("ENDPOINT_MALFORMED", call -> call.whole(200, "nonsense"));
    scripts.put("ENDPOINT_CREDENTIAL_REFUSED", call -> call.whole(401, "{}"));
    scripts.put("ENDPOINT_NOT_FOUND", call -> call.whole(404, "{}"));
    scripts.put("ENDPOINT_ANSWERS_OTHERWISE", call -> call.whole(307, "", "Location: /"));
    scripts.put("ENDPOINT_RATE_LIMITED", call -> call.whole(429, "{}", "Retry-After: 60"));
    scripts.put(
        "ENDPOINT_FAILED",
        call -> call.whole(500, "{\"error\":\"http://" + call.headers.get("host") + "/x broke\"}"));
    for (var script : scripts.entrySet()) {
      boolean silent = script.getKey().equals("ENDPOINT_SILENT");
      try (var asked = new AskedEndpoints(silent ? QUICK : PATIENT, script.getValue())) {
        // The second time it may be left alone.
        for (int i = 0; i < 2; i++) {
          Failure failure = asked.broken(AskedEndpoints.WHOLE).failure();
          assertEquals(script.getKey(), failure.reason());
          assertFalse(failure.message().contains("127.0.0.1"), failure.message());
          assertTrue(failure.message().startsWith("The endpoint of 'remote' "), failure.message());
        }
      }
    }
  }

  @Test
  void aHostThatMayNotBeCalledIsNotNamedToCallers() throws IOException {
    var refused = new HostRules(List.of(), false);
    try (var client =
        new EndpointClient(Vertx.vertx(), EndpointClientTest.config(), refused, Optional.empty())) {
      var e =
          assertThrows(
              EndpointException.class,
              () ->
                  client.send(
                      "The endpoint of 'remote'",
                      URI.create("http://inside.example:8000/v1"),
                      null,
                      Credential.NONE,
                      false));
      assertEquals(
          "The endpoint of 'remote' may not be called as this service is set up.",
          e.failure().message());
      assertTrue(e.registrants().message().contains("inside.example"));
    }
  }
}
