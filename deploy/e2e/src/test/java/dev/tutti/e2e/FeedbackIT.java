package dev.tutti.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.e2e.Http.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Feedback while the router, and PostgreSQL, are killed: what is acknowledged stays, and counts
 * once.
 */
@ExtendWith(Platform.class)
class FeedbackIT {

  private static final int POSTS = 5_000;
  private static final int WRITERS = 8;
  private static final String ENSEMBLE = "adders-elo";

  @BeforeAll
  static void register() {
    String ensemble =
        """
        {"name": "%s", "method": "eagle", "settings": {}, "lifecycle": "active", "members":
         [{"model": "adder-weak-1"}, {"model": "adder-weak-2"}, {"model": "adder-strong"}]}"""
            .formatted(ENSEMBLE);
    Answer registered = Http.post(Platform.rest("registry") + "/api/v1/ensembles", ensemble);
    assertEquals(201, registered.status(), registered.body());
    OutageIT.await(() -> Http.complete(ENSEMBLE, "1+1=").status() == 200);
  }

  @Test
  void nothingAcknowledgedIsLostAndNothingCountsTwice() throws Exception {
    List<String> decisions = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      Answer answer = Http.complete(ENSEMBLE, i + "+" + (i + 7) + "=");
      decisions.add(answer.headers().firstValue("x-tutti-decision-id").orElseThrow());
    }
    OutageIT.await(() -> OutageIT.metric("router", "tutti_router_decisions_pending") == 0);

    Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    AtomicInteger next = new AtomicInteger();
    AtomicInteger failed = new AtomicInteger();
    int kills = 0;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Void>> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        writers.add(
            threads.submit(
                (Callable<Void>)
                    () -> {
                      for (int n = next.getAndIncrement(); n < POSTS; n = next.getAndIncrement()) {
                        give(n, decisions.get(n % decisions.size()), acknowledged, failed);
                      }
                      return null;
                    }));
      }
      for (int at : new int[] {700, 1_600, 2_600, 3_600}) {
        OutageIT.await(() -> acknowledged.size() >= at);
        if (kills++ % 2 == 0) {
          kill(Platform.process("router"));
        } else {
          killPostgres();
        }
        Platform.Run up = Platform.up(Map.of());
        assertEquals(0, up.status(), up.output());
      }
      for (Future<Void> writer : writers) {
        writer.get();
      }
    }
    System.out.printf(
        "%d posts, %d kills: %d attempts failed, %d pieces acknowledged%n",
        POSTS, kills, failed.get(), acknowledged.size());
    assertTrue(failed.get() > 0, "nobody noticed the kills");

    Set<String> kept = kept();
    assertTrue(kept.containsAll(acknowledged), "an acknowledged piece is lost");
    assertTrue(acknowledged.size() >= POSTS / 2);
    OutageIT.await(
        () -> {
          // The registry has to find the router again too.
          Answer answer = Http.get(learnerUrl());
          return answer.status() == 200 && answer.json().at("/backlog").asLong(-1) == 0;
        });
    JsonNode learner = learner("");
    assertEquals(kept.size(), learner.at("/observed").asLong(), learner.toString());
    long observations = 0;
    for (JsonNode arm : learner.at("/arms")) {
      observations += arm.at("/observations").asLong();
    }
    assertEquals(kept.size(), observations);
    JsonNode rebuilt = learner("/rebuild");
    assertTrue(rebuilt.at("/same").asBoolean(), rebuilt.toString());
    assertEquals(learner.at("/arms"), rebuilt.at("/arms"));
  }

  /** Every other client tries until it is heard; the rest give up at once. */
  private static void give(int n, String decision, Set<String> acknowledged, AtomicInteger failed) {
    String key = "kill-" + n;
    ObjectNode body =
        Http.JSON
            .createObjectNode()
            .put("decision", decision)
            .put("key", key)
            .put("rating", n % 11 / 10.0);
    boolean patient = n % 2 == 0;
    do {
      try {
        Answer answer = Http.post(Platform.rest("router") + "/v1/feedback", body.toString());
        if (answer.status() == 200) {
          assertEquals(key, answer.json().at("/key").asText());
          acknowledged.add(key);
          return;
        }
        assertEquals(503, answer.status(), answer.body());
      } catch (AssertionError e) {
        if (!(e.getCause() instanceof IOException)) {
          throw e;
        }
      }
      failed.incrementAndGet();
      pause(patient ? 50 : 5);
    } while (patient);
  }

  /** All keys that the service tells, each once. */
  private static Set<String> kept() {
    Set<String> keys = new HashSet<>();
    String after = "";
    do {
      JsonNode page =
          Http.get(Platform.rest("router") + "/v1/feedback?limit=1000&ensemble=" + ENSEMBLE + after)
              .json();
      for (JsonNode piece : page.at("/data")) {
        assertTrue(keys.add(piece.at("/key").asText()), "twice: " + piece);
      }
      after = page.has("next") ? "&after=" + page.at("/next").asText() : "";
    } while (!after.isEmpty());
    return keys;
  }

  private static String learnerUrl() {
    return Platform.rest("registry") + "/api/v1/learners/" + ENSEMBLE;
  }

  private static JsonNode learner(String verb) {
    String url = learnerUrl() + verb;
    Answer answer = verb.isEmpty() ? Http.get(url) : Http.post(url, "");
    assertEquals(200, answer.status(), answer.body());
    return answer.json();
  }

  private static void kill(ProcessHandle process) {
    process.destroyForcibly();
    process.onExit().join();
  }

  /** The server itself, which is no child of the process that keeps it. */
  private static void killPostgres() throws IOException {
    long pid =
        Long.parseLong(
            Files.readAllLines(Platform.HOME.resolve("postgres/data/postmaster.pid"))
                .getFirst()
                .strip());
    ProcessHandle server = ProcessHandle.of(pid).orElseThrow();
    List<ProcessHandle> all = new ArrayList<>(server.descendants().toList());
    all.addFirst(server);
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(process -> process.onExit().join());
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
