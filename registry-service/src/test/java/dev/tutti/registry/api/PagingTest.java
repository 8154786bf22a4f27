package dev.tutti.registry.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class PagingTest {

  @Test
  void pagesTogetherAreTheListWhateverTheirSizeAndWhateverIsInserted() {
    var random = new Random(7);
    for (int i = 0; i < 20; i++) {
      Rest.createModel("page-%08x".formatted(random.nextInt()), "full");
    }
    for (int limit : new int[] {1, 3, 7, 200}) {
      Set<String> before = new TreeSet<>(names(Rest.get("models?limit=200").json()));
      var seen = new ArrayList<String>();
      String cursor = "";
      do {
        JsonNode page = Rest.get("models?limit=" + limit + cursor).expect(200).json();
        assertTrue(page.path("items").size() <= limit);
        seen.addAll(names(page));
        cursor = page.has("next_cursor") ? "&cursor=" + page.path("next_cursor").asText() : null;
        if (random.nextInt(4) == 0) {
          Rest.createModel("page-%08x".formatted(random.nextInt()), "full");
        }
      } while (cursor != null);
      assertEquals(seen.size(), new HashSet<>(seen).size(), "twice in " + seen);
      assertEquals(new ArrayList<>(new TreeSet<>(seen)), seen, "sorted");
      assertTrue(seen.containsAll(before), "lost in " + seen);
    }
  }

  @Test
  void listsAreByKindAndByLifecycle() {
    Rest.createModel("kind-active", "full");
    Rest.post("models", Rest.model("kind-draft", "full").replace("\"active\"", "\"draft\""))
        .expect(201);
    Rest.createEnsemble("kind-ensemble", "coin", "m:kind-active");
    List<String> drafts = names(Rest.get("models?limit=200&lifecycle=draft").json());
    assertTrue(drafts.contains("kind-draft"));
    assertFalse(drafts.contains("kind-active"));
    List<String> active = names(Rest.get("models?limit=200&lifecycle=active").json());
    assertTrue(active.contains("kind-active"));
    assertFalse(active.contains("kind-draft"));
    assertFalse(active.contains("kind-ensemble"));
    List<String> ensembles = names(Rest.get("ensembles?limit=200").json());
    assertTrue(ensembles.contains("kind-ensemble"));
    assertFalse(ensembles.contains("kind-active"));
  }

  private static List<String> names(JsonNode page) {
    return StreamSupport.stream(page.path("items").spliterator(), false)
        .map(item -> item.path("name").asText())
        .toList();
  }
}
