package dev.tutti.router.api.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.method.v1.Family;
import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Neighbourhood;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/**
 * The router starts alone, with what it knew before, and takes part again once the others are back.
 */
@QuarkusTest
@WithTestResource(
    value = Neighbourhood.class,
    initArgs = @ResourceArg(name = Neighbourhood.ALONE, value = "true"))
class OutageTest {

  @Inject AgroalDataSource database;

  @Test
  void knownNamesAnswerWithoutRegistryAndDatabaseAndChangesResume() {
    assertEquals(200, Http.chat("anna").status());
    Http.Answer blend = Http.chat("blend", "\"stream\": true");
    assertTrue(blend.body().endsWith("data: [DONE]\n\n"), blend.body());
    String early = blend.header("x-tutti-decision-id");
    assertEquals(200, Http.get("/v1/decisions/" + early).status(), "from memory");
    assertEquals(200, Http.get("/v1/models").status());
    assertTrue(Http.get("/v1/models").body().contains("blend"));

    // Until it is known that the database cannot tell which artifacts are active.
    await(() -> Http.operators("/health/ready").status() == 200);
    assertDegraded("registry", true);
    assertDegraded("database", true);
    assertEquals(7, check("registry").at("/data/revision").asInt(), "the kept snapshot");

    // What only those who are away could tell is no fault of the caller.
    assertEquals(503, Http.chat("later").status());
    assertEquals("registry_unreachable", Http.chat("later").error().at("/code").asText());
    assertEquals(503, Http.get("/v1/decisions/other").status());
    assertTrue(waiting() >= 2, check("database").toString());

    Neighbourhood.database.open();
    // What waited is written a moment before the writer says that it is connected.
    await(() -> waiting() == 0 && check("database").at("/data/state").asText().equals("connected"));
    assertDegraded("database", false);
    assertTrue(isStored(early));
    assertEquals(404, Http.get("/v1/decisions/other").status());

    Neighbourhood.registry.tell(
        Neighbourhood.usual().toBuilder()
            .addEnsembles(Neighbourhood.ensemble("later", Family.FAMILY_ROUTER, "blending", "anna"))
            .build());
    Neighbourhood.registry.start();
    await(() -> Http.chat("later").status() == 200);
    assertDegraded("registry", false);
    assertEquals(404, Http.chat("nobody").status());

    // And once more, in full run.
    Neighbourhood.registry.stop();
    Neighbourhood.database.shut();
    await(() -> !"connected".equals(check("registry").at("/data/state").asText()));
    String late = Http.chat("later").header("x-tutti-decision-id");
    assertEquals(200, Http.get("/v1/decisions/" + late).status());
    await(() -> !"connected".equals(check("database").at("/data/state").asText()));
    Neighbourhood.database.open();
    Neighbourhood.registry.start();
    await(() -> waiting() == 0);
    assertTrue(isStored(late));
    await(() -> "connected".equals(check("registry").at("/data/state").asText()));
  }

  private boolean isStored(String id) {
    try (var connection = database.getConnection();
        var select =
            connection.prepareStatement("select ensemble from router.decision where id = ?")) {
      select.setString(1, id);
      return select.executeQuery().next();
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertDegraded(String name, boolean degraded) {
    JsonNode check = check(name);
    assertEquals("UP", check.at("/status").asText());
    assertEquals(degraded ? "degraded" : "connected", check.at("/data/state").asText());
    assertEquals(degraded, check.at("/data").has("reason"), check.toString());
    assertFalse(check.at("/data/since").asText().isEmpty());
  }

  private static JsonNode check(String name) {
    Http.Answer ready = Http.operators("/health/ready");
    assertEquals(200, ready.status(), ready.body());
    for (JsonNode check : ready.json().at("/checks")) {
      if (check.at("/name").asText().equals(name)) {
        return check;
      }
    }
    throw new AssertionError("no check " + name + " in " + ready.body());
  }

  private static int waiting() {
    return check("database").at("/data/decisions_waiting").asInt(-1);
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "waited 30 s");
      try {
        TimeUnit.MILLISECONDS.sleep(50);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
