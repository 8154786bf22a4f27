package dev.tutti.registry.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.registry.testing.Datasets;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.Surroundings;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Jobs of all services. Router has those of seconds 10, 8, 6, 5 and 1, cascade those of 9, 7 and 2.
 */
@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class JobResourceTest {

  private static List<String> walk(String query, int limit) {
    var seen = new ArrayList<String>();
    String cursor = "";
    do {
      JsonNode page =
          Rest.get("jobs?%s&limit=%d%s".formatted(query, limit, cursor)).expect(200).json();
      assertTrue(page.path("items").size() <= limit);
      page.path("items").forEach(job -> seen.add(job.path("id").asText()));
      cursor = page.has("next_cursor") ? "&cursor=" + page.path("next_cursor").asText() : null;
    } while (cursor != null);
    return seen;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 7, 8, 200})
  void jobsOfAllServicesAreOneListNewestFirst(int limit) {
    assertEquals(
        List.of("fit-10", "fit-9", "fit-8", "fit-7", "fit-6", "fit-5", "fit-2", "fit-1"),
        walk("kind=fit", limit));
    assertEquals(
        List.of("fit-10", "fit-8", "fit-6", "fit-2"), walk("kind=fit&state=succeeded", limit));
    assertEquals(List.of("fit-9", "fit-7", "fit-2"), walk("service=cascade-service", limit));
  }

  /** Whoever is asked twice may say something else the second time, or be away. */
  @Test
  void everyServiceIsAskedOnceAPage() {
    Semaphore lists = Surroundings.open().jobLists();
    lists.drainPermits();
    Rest.get("jobs?kind=fit&limit=3").expect(200);
    assertEquals(2, lists.availablePermits());
  }

  @Test
  void importsAreAmongThem() {
    String id = Datasets.start("jobs-mixed", "", Datasets.line("q", "train", 1));
    JsonNode ended = Datasets.end(id);
    assertEquals("registry-service", ended.path("service").asText());
    // It is younger than what the others have.
    JsonNode first = Rest.get("jobs?limit=1").json();
    assertEquals(id, first.at("/items/0/id").asText());
    assertTrue(walk("kind=import", 200).contains(id));
    assertFalse(walk("kind=fit", 200).contains(id));
    assertEquals(ended, Rest.get("jobs/registry-service/" + id).expect(200).json());
    assertTrue(walk("service=registry-service", 200).contains(id));
  }

  @Test
  void aJobIsToldAndStopped() {
    JsonNode job = Rest.get("jobs/router-service/fit-8").expect(200).json();
    assertEquals("router-service", job.path("service").asText());
    assertEquals("fit", job.path("kind").asText());
    assertEquals("succeeded", job.path("state").asText());
    assertEquals("bob", job.path("user").asText());
    assertEquals("1970-01-01T00:00:08Z", job.path("created_at").asText());
    assertFalse(job.path("cancel_requested").asBoolean());
    assertTrue(
        Rest.post("jobs/router-service/fit-1/cancel", null, "X-Tutti-User", "ada")
            .expect(200)
            .json()
            .path("cancel_requested")
            .asBoolean());
    JsonNode audit = Rest.get("audit?name=fit-1").json().at("/items/0");
    assertEquals("cancel", audit.path("action").asText());
    assertEquals("job", audit.path("kind").asText());
    assertEquals("router-service", audit.path("service").asText());
    assertEquals("ada", audit.path("user").asText());
    assertTrue(audit.path("after").isNull());
  }

  @Test
  void aJobThatHasEndedIsNotStoppedAndTheLogSaysNothing() {
    Rest.post("jobs/router-service/fit-8/cancel", null, "X-Tutti-User", "ada").expect(200);
    assertTrue(Rest.get("audit?name=fit-8").json().path("items").isEmpty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          jobs/router-service/fit-9        | 404 | not-found   | There is no job 'fit-9'.
          jobs/nobody-service/fit-9        | 404 | not-found   | there are: router-service, decoder-service, fusion-service, cascade-service
          jobs/fusion-service/fit-9        | 501 | not-offered | fusion-service
          jobs?service=fusion-service      | 501 | not-offered | fusion-service
          jobs?service=nobody-service      | 404 | not-found   | There is no service 'nobody-service'
          jobs?kind=dance                  | 400 | malformed   | No service has jobs of kind 'dance'.
          jobs?service=router-service&kind=dance | 400 | refused | there are: fit.
          jobs?state=dead                  | 400 | malformed   | state
          jobs?colour=red                  | 400 | malformed   | known: cursor, kind, limit, service, state
          jobs?cursor=am9icwp4             | 400 | malformed   | cursor
          """)
  void whatCannotBeToldSaysWhy(String path, int status, String type, String part) {
    Rest.get(path).expectProblem(status, type, null, part);
  }

  @Test
  void aServiceThatIsAwayIsNamedAndTheRestIsTold() {
    Surroundings surroundings = Surroundings.open();
    surroundings.stop("cascade");
    try {
      JsonNode page = Rest.get("jobs?kind=fit&limit=3").expect(200).json();
      assertEquals(List.of("fit-10", "fit-8", "fit-6"), page.path("items").findValuesAsText("id"));
      assertEquals("cascade-service", page.at("/unavailable/0/service").asText());
      Rest.Answer away = Rest.get("jobs?service=cascade-service");
      away.expectProblem(503, "unavailable", null, "cascade-service");
      assertEquals("2", away.header("Retry-After"));
      Rest.get("jobs/cascade-service/fit-9")
          .expectProblem(503, "unavailable", null, "cascade-service");
      // Nothing else is left: no cursor that leads nowhere.
      assertEquals(List.of("fit-10", "fit-8", "fit-6", "fit-5", "fit-1"), walk("kind=fit", 3));
    } finally {
      surroundings.start("cascade");
      Rest.awaitNeighbours();
    }
  }
}
