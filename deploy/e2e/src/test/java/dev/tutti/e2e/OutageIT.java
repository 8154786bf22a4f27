package dev.tutti.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.e2e.Http.Answer;
import dev.tutti.e2e.Platform.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What `up` promises, and what goes on while the registry and the database are gone. */
@ExtendWith(Platform.class)
class OutageIT {

  private static final List<String> ALL =
      List.of("adder-strong", "adders-blend", "adders-gac", "adders-vote", "adders-cascade");

  @Test
  void aSecondUpKeepsEverythingAndStatusTells() {
    Run again = Platform.up(Map.of());
    assertEquals(0, again.status(), again.output());
    assertTrue(!again.output().contains("Registered"), again.output());
    Run status = Platform.script("status", Map.of());
    assertEquals(0, status.status(), status.output());
    System.out.println(status.output());
  }

  /** An `up` of another shell, whose environment lacks the port, means the platform that runs. */
  @Test
  void whatRunsIsFoundWithoutThePort() {
    long postgres = Platform.process("postgres").pid();
    Run again = Platform.up(Map.of("TUTTI_PORT", ""));
    assertEquals(0, again.status(), again.output());
    assertTrue(again.output().contains(":" + Platform.PORT), again.output());
    Run status = Platform.script("status", Map.of("TUTTI_PORT", ""));
    assertEquals(0, status.status(), status.output());
    assertTrue(status.output().contains(" " + Platform.PORT + " "), status.output());
    assertEquals(postgres, Platform.process("postgres").pid());
  }

  @Test
  void anotherPortIsRefusedWhileThePlatformRunsAndStopsNothing() {
    long postgres = Platform.process("postgres").pid();
    Run other = Platform.up(Map.of("TUTTI_PORT", Integer.toString(Platform.PORT + 100)));
    assertEquals(1, other.status(), other.output());
    assertTrue(other.output().contains("runs already on port " + Platform.PORT), other.output());
    assertEquals(postgres, Platform.process("postgres").pid());
    assertEquals(200, ready("router").status());
  }

  @Test
  void aTakenPortIsNamed() {
    // The running platform's decoder port is the other one's router port.
    Run other =
        Platform.up(
            Map.of(
                "TUTTI_HOME",
                Platform.HOME.resolveSibling("other").toString(),
                "TUTTI_PORT",
                Integer.toString(Platform.PORT + 1),
                "TUTTI_POSTGRES_URL",
                "jdbc:postgresql://127.0.0.1:1/none"));
    assertEquals(1, other.status(), other.output());
    assertTrue(other.output().contains("Port " + (Platform.PORT + 1)), other.output());
    assertTrue(other.output().contains("taken"), other.output());
    assertTrue(!other.output().contains("TUTTI_PORT=" + (Platform.PORT + 1) + " "), other.output());
  }

  @Test
  void knownOnesAnswerWithoutRegistryAndDatabaseAndChangesResume() {
    Answer before = Http.complete("adders-vote", "12+34=");
    String decision = before.headers().firstValue("x-tutti-decision-id").orElseThrow();
    ProcessHandle registry = Platform.process("registry");
    registry.destroyForcibly();
    registry.onExit().join();
    ProcessHandle postgres = Platform.process("postgres");
    postgres.destroy();
    postgres.onExit().join();

    for (String model : ALL) {
      assertEquals(200, Http.complete(model, "12+34=").status(), model);
    }
    String during =
        Http.complete("adders-gac", "12+34=")
            .headers()
            .firstValue("x-tutti-decision-id")
            .orElseThrow();
    await(() -> ready("router").body().contains("degraded"));
    assertEquals(200, ready("router").status(), ready("router").body());
    assertTrue(ready("decoder").body().contains("degraded"), ready("decoder").body());

    Run up = Platform.up(Map.of());
    assertEquals(0, up.status(), up.output());
    String ensemble =
        """
        {"name": "after-outage", "method": "majority-vote", "settings": {}, "lifecycle": "active",
         "members": [{"ensemble": "adders-gac"}, {"model": "adder-strong"}, {"ensemble": "adders-cascade"}]}\
        """;
    Answer registered = Http.post(Platform.rest("registry") + "/api/v1/ensembles", ensemble);
    assertEquals(201, registered.status(), registered.body());
    await(() -> Http.complete("after-outage", "12+34=").status() == 200);
    await(() -> !ready("router").body().contains("degraded"));
    await(() -> !ready("decoder").body().contains("degraded"));

    // Decisions made before and during the outage are in the database: the router's memory is gone.
    await(() -> decisionsWaiting() == 0);
    ProcessHandle router = Platform.process("router");
    router.destroy();
    router.onExit().join();
    assertEquals(0, Platform.up(Map.of()).status());
    for (String id : List.of(decision, during)) {
      assertEquals(200, Http.get(Platform.rest("router") + "/v1/decisions/" + id).status(), id);
    }
  }

  /** It still takes connections: only who asks it something, and not for ever, finds out. */
  @Test
  void aDatabaseThatHangsIsNoticedWithinSecondsAndSaidOnce() throws IOException {
    Map<String, Double> outages = new HashMap<>();
    Map<String, Long> said = new HashMap<>();
    for (String service : List.of("router", "registry")) {
      outages.put(service, metric(service, "tutti_database_outages_total"));
      said.put(service, lossesLogged(service));
    }
    List<ProcessHandle> postgres = postgresProcesses();
    signal("STOP", postgres);
    try {
      Instant asked = Instant.now();
      Answer write =
          Http.post(
              Platform.rest("registry") + "/api/v1/ensembles",
              """
              {"name": "while-it-hangs", "method": "blending", "settings": {}, "lifecycle": "draft",
               "members": [{"model": "adder-strong"}]}\
              """);
      assertEquals(503, write.status(), write.body());
      assertTrue(write.headers().firstValue("retry-after").isPresent());
      Duration took = Duration.between(asked, Instant.now());
      // For ever otherwise.
      assertTrue(took.toSeconds() < 60, took.toString());
      await(() -> ready("registry").status() == 503);
      await(() -> ready("router").body().contains("the database does not answer"));
      assertEquals(1, Platform.script("status", Map.of()).status());
      assertEquals(200, Http.complete("adders-gac", "12+34=").status());
    } finally {
      signal("CONT", postgres);
    }
    await(() -> ready("registry").status() == 200);
    await(() -> !ready("router").body().contains("degraded"));
    await(() -> decisionsWaiting() == 0);
    for (String service : List.of("router", "registry")) {
      // A machine that is slow enough loses it once more.
      double lost = metric(service, "tutti_database_outages_total") - outages.get(service);
      assertTrue(lost >= 1, service);
      assertEquals(lost, lossesLogged(service) - said.get(service), service);
    }
  }

  private static long lossesLogged(String service) throws IOException {
    try (Stream<String> log = Files.lines(Platform.HOME.resolve("logs/" + service + ".log"))) {
      return log.filter(line -> line.contains("Database lost")).count();
    }
  }

  @Test
  void aHealthyDatabaseWhoseKeeperDiedIsLeftAlone() throws IOException {
    List<ProcessHandle> postgres = postgresProcesses();
    ProcessHandle keeper = Platform.process("postgres");
    keeper.destroyForcibly();
    keeper.onExit().join();
    Run up = Platform.up(Map.of());
    assertEquals(0, up.status(), up.output());
    assertTrue(!up.output().contains("Starting"), up.output());
    assertEquals(postgres.getFirst(), postgresProcesses().getFirst());
    assertEquals(200, ready("registry").status());

    // And once more with a keeper, as the other tests know it.
    signal("INT", postgres.subList(0, 1));
    postgres.getFirst().onExit().join();
    assertEquals(0, Platform.up(Map.of()).status());
    await(() -> ready("registry").status() == 200);
  }

  /** The server, and those that serve its connections. */
  private static List<ProcessHandle> postgresProcesses() throws IOException {
    long pid =
        Long.parseLong(
            Files.readAllLines(Platform.HOME.resolve("postgres/data/postmaster.pid")).getFirst());
    ProcessHandle server = ProcessHandle.of(pid).orElseThrow();
    return Stream.concat(Stream.of(server), server.descendants()).toList();
  }

  private static void signal(String name, List<ProcessHandle> processes) throws IOException {
    List<String> command = new ArrayList<>(List.of("kill", "-" + name));
    processes.forEach(process -> command.add(Long.toString(process.pid())));
    new ProcessBuilder(command).inheritIO().start().onExit().join();
  }

  private static double decisionsWaiting() {
    return metric("router", "tutti_router_decisions_pending");
  }

  static double metric(String service, String name) {
    return Http.get(Platform.operators(service) + "/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError(service + " has no metric " + name));
  }

  private static Answer ready(String service) {
    return Http.get(Platform.operators(service) + "/health/ready");
  }

  static void await(BooleanSupplier condition) {
    Instant end = Instant.now().plus(Duration.ofSeconds(30));
    while (!condition.getAsBoolean()) {
      assertTrue(Instant.now().isBefore(end), "waited 30 s");
      try {
        TimeUnit.MILLISECONDS.sleep(100);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }
  }
}
