package dev.tutti.registry.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.kit.connection.KeyRing;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.WithKeys;
import dev.tutti.registry.v1.ApiKey;
import dev.tutti.registry.v1.KeyScope;
import dev.tutti.registry.v1.Snapshot;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the front door is told of keys. */
@QuarkusTest
@TestProfile(WithKeys.class)
@ExtendWith(OfRegistry.class)
class KeyWatchTest {

  private static final String[] ADMIN = {"Authorization", "Bearer " + WithKeys.ADMIN};

  private static Optional<ApiKey> key(Snapshot snapshot, String id) {
    return snapshot.getKeysList().stream().filter(k -> k.getId().equals(id)).findFirst();
  }

  @Test
  void keysAreToldToWhoAsksForThemUntilTheyAreRevoked() throws Exception {
    Rest.post("models", Rest.model("keyed", "full"), ADMIN).expect(201);
    Rest.post("teams", "{\"name\": \"watched\"}", ADMIN).expect(201);
    try (var door = new Watching(0, true);
        var other = new Watching(0, false)) {
      JsonNode made =
          Rest.post(
                  "keys",
                  """
                  {"team": "watched", "name": "w", "scopes": ["use", "feedback"], "models": ["keyed"],
                   "requests_per_minute": 3, "tokens_per_minute": 4, "usd_per_day": 5, "soft_usd_per_month": 6,
                   "expires_at": "2999-01-01T00:00:00Z"}""",
                  ADMIN)
              .expect(201)
              .json();
      String id = made.path("id").asText();
      Snapshot snapshot = door.next();
      while (key(snapshot, id).isEmpty()) {
        snapshot = door.next();
      }
      ApiKey key = key(snapshot, id).get();
      assertEquals("watched", key.getTeam());
      assertEquals(
          List.of(KeyScope.KEY_SCOPE_USE, KeyScope.KEY_SCOPE_FEEDBACK), key.getScopesList());
      assertEquals(List.of("keyed"), key.getModelsList());
      assertEquals(3, key.getRequestsPerMinute());
      assertEquals(4, key.getTokensPerMinute());
      assertEquals(5, key.getDay().getHardUsd());
      assertFalse(key.getDay().hasSoftUsd() || key.getMonth().hasHardUsd());
      assertEquals(6, key.getMonth().getSoftUsd());
      assertEquals(32_472_144_000L, key.getExpires().getSeconds());
      assertEquals(KeyRing.hash(made.path("key").asText()), key.getSecrets(0).getSha256());
      assertTrue(snapshot.getFrontDoorLocked() && snapshot.getAdminLocked());
      assertTrue(
          snapshot.getKeysList().stream()
              .anyMatch(k -> k.getSecrets(0).getSha256().equals(KeyRing.hash(WithKeys.ADMIN))));

      Rest.send("DELETE", "keys/" + id, null, ADMIN).expect(204);
      long revision = Rest.get("audit?limit=1", ADMIN).json().at("/items/0/revision").asLong();
      while (snapshot.getRevision() < revision) {
        snapshot = door.next();
      }
      assertTrue(key(snapshot, id).isEmpty());
      Snapshot told = other.next();
      while (told.getRevision() < revision) {
        assertEquals(0, told.getKeysCount());
        told = other.next();
      }
      assertEquals(0, told.getKeysCount());
    }
  }
}
