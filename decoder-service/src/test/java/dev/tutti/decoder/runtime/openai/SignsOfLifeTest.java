package dev.tutti.decoder.runtime.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.api.ScriptedEndpoint;
import dev.tutti.decoder.api.ScriptedRegistry;
import dev.tutti.kit.grpc.Failure;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What tells only that an endpoint is still at it, and what it may do for how long. */
@QuarkusTest
@QuarkusTestResource(ScriptedRegistry.class)
@Timeout(60)
class SignsOfLifeTest {

  private static final String MARK = "\uFEFF";
  private static final String ROLE =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n";
  private static final String FIRST =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Grü\"},\"finish_reason\":null}]}\n\n";
  private static final String LAST =
      "data: {\"error\":{},\"choices\":[{\"index\":0,\"delta\":{\"content\":\"ße\"},\"finish_reason\":\"stop\"}],\"detail\":[]}\n\n";
  private static final String DONE = "data: [DONE]\n\n";
  private static final String WHOLE =
      "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"Grüße\"},\"finish_reason\":\"stop\"}],\"error\":{}}";

  /** In all forms that were met. */
  private static final List<String> SIGNS =
      List.of(
          ": ping\n\n",
          "data:\n\n",
          "data: \n\n",
          "data: : keep-alive\n\n",
          "data::\n\n",
          "event: ping\ndata: {\"type\": \"ping\"}\n\n",
          "data: {\"type\": \"ping\"}\n\n",
          "data: {\"status\": \"queued\", \"message\": \"Waiting for a worker\"}\n\n",
          "retry: 3000\n\n",
          "id: 7\nevent: x\n\n");

  private static final Map<String, String> SHORT =
      Map.of("first-token-timeout", "3s", "idle-timeout", "3s", "answer-timeout", "3s");

  /** Signs for longer than any silence may last. */
  private static void signs(ScriptedEndpoint.Call call, List<String> signs)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    for (int i = 0; System.nanoTime() - start < 3_400_000_000L; i++) {
      call.raw(signs.get(i % signs.size()));
      Thread.sleep(50);
    }
  }

  @Test
  void theyKeepAStreamAliveAndAreNoPartOfIt() throws IOException {
    try (var asked =
        new AskedEndpoints(
            SHORT,
            call -> {
              call.stream();
              signs(call, SIGNS);
              call.raw(FIRST);
              signs(call, SIGNS);
              call.raw(LAST + DONE);
            })) {
      assertEquals("Grüße", asked.text());
      assertEquals(1, asked.asked());
    }
  }

  @Test
  void theyReachACallerAsComments() throws IOException {
    String others = String.join("", SIGNS.subList(1, 6));
    try (var asked =
        new AskedEndpoints(
            Map.of(),
            call -> {
              call.stream();
              call.raw(": ping\n\n" + others + ROLE + FIRST + ": ping\n\n" + others + LAST + DONE);
            })) {
      assertEquals(
          ROLE + FIRST + ": ping\n\n" + ":\n\n".repeat(5) + LAST + DONE,
          asked.relayed(AskedEndpoints.STREAM));
    }
  }

  @Test
  void withoutAWordTheyKeepItAliveForABoundedTime() throws IOException {
    for (String before : List.of("", ROLE, FIRST)) {
      try (var asked =
          new AskedEndpoints(
              Map.of("first-token-timeout", "2s", "idle-timeout", "2s", "alive-timeout", "2500ms"),
              call -> {
                call.stream();
                call.raw(before);
                for (int i = 0; ; i++) {
                  // Until the caller has left.
                  call.raw(SIGNS.get(i % SIGNS.size()));
                  Thread.sleep(50);
                }
              })) {
        Failure failure = asked.broken(AskedEndpoints.STREAM).failure();
        assertEquals("ENDPOINT_SILENT", failure.reason());
        assertEquals(1, asked.asked());
      }
    }
  }

  @Test
  void behindItsEndTheyKeepNothingAlive() throws IOException {
    try (var asked =
        new AskedEndpoints(
            Map.of(),
            call -> {
              call.stream();
              call.raw(FIRST + LAST + DONE);
              while (true) {
                // Until the caller has left.
                call.raw(":\n\n");
                Thread.sleep(50);
              }
            })) {
      assertEquals("Grüße", asked.text());
      assertTrue(asked.relayed(AskedEndpoints.STREAM).startsWith(FIRST + LAST + DONE));
    }
  }

  /** Some tell the role at once and think then. */
  @Test
  void aRoleIsNoTokenYet() throws IOException {
    try (var asked =
        new AskedEndpoints(
            Map.of("first-token-timeout", "20s", "idle-timeout", "1s"),
            call -> {
              call.stream();
              call.raw(ROLE);
              Thread.sleep(1_500);
              call.raw(FIRST + LAST + DONE);
            })) {
      assertEquals("Grüße", asked.text());
    }
  }

  @Test
  void emptyLinesKeepAWholeAnswerAliveForABoundedTime() throws IOException {
    try (var asked =
        new AskedEndpoints(
            SHORT,
            call -> {
              call.stream();
              signs(call, List.of("\n", " \r\n"));
              call.raw(WHOLE);
            })) {
      assertTrue(asked.relayed(AskedEndpoints.WHOLE).endsWith(WHOLE));
    }
    try (var asked =
        new AskedEndpoints(
            Map.of("idle-timeout", "2s", "alive-timeout", "2500ms"),
            call -> {
              call.stream();
              while (true) {
                call.raw("\n");
                Thread.sleep(50);
              }
            })) {
      assertEquals("ENDPOINT_SILENT", asked.broken(AskedEndpoints.WHOLE).failure().reason());
      assertEquals(1, asked.asked());
    }
  }

  @Test
  void aByteOrderMarkIsSkipped() throws IOException {
    byte[] mark = MARK.getBytes(StandardCharsets.UTF_8);
    try (var asked =
        new AskedEndpoints(
            Map.of(),
            call -> {
              call.stream();
              // In three pieces: none of them can be told for one alone.
              for (byte part : mark) {
                call.raw(new byte[] {part});
                Thread.sleep(20);
              }
              call.raw(FIRST + LAST + DONE);
            })) {
      assertEquals("Grüße", asked.text());
      assertEquals(FIRST + LAST + DONE, asked.relayed(AskedEndpoints.STREAM));
    }
    try (var asked = new AskedEndpoints(Map.of(), call -> call.whole(200, MARK + WHOLE))) {
      assertEquals(WHOLE, asked.relayed(AskedEndpoints.WHOLE));
      assertEquals(WHOLE, asked.relayed(MARK + AskedEndpoints.WHOLE));
      assertEquals(AskedEndpoints.WHOLE, asked.endpoints.getFirst().calls().getLast().text());
    }
  }
}
