package dev.tutti.registry.watch;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.ScriptedProvider;
import dev.tutti.registry.testing.WithKeys;
import dev.tutti.registry.v1.Snapshot;
import io.grpc.Status;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A registry that requires keys: its gRPC is for services of the platform. */
@QuarkusTest
@TestProfile(ServicesOnlyTest.Required.class)
@ExtendWith(OfRegistry.class)
public class ServicesOnlyTest {

  private static final String TOKEN = "0123456789abcdef0123456789abcdef";

  /** As where another machine reaches it. */
  public static final class Required implements QuarkusTestProfile {

    private final WithKeys keys = new WithKeys();

    @Override
    public Map<String, String> getConfigOverrides() {
      var settings = new HashMap<>(keys.getConfigOverrides());
      settings.put("tutti.keys", "required");
      settings.put("tutti.service-token", TOKEN);
      settings.put("tutti.registry.admin-password-file", password().toString());
      return settings;
    }

    private static Path password() {
      try {
        Path folder = Files.createTempDirectory("sign-in");
        Path file = folder.resolve("admin.password");
        // The last one named is the first to go.
        folder.toFile().deleteOnExit();
        file.toFile().deleteOnExit();
        return file;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public List<TestResourceEntry> testResources() {
      var resources = new ArrayList<>(keys.testResources());
      resources.add(new TestResourceEntry(ScriptedProvider.class));
      return resources;
    }
  }

  @Test
  void nobodyElseIsToldWhichKeysThereAre() throws Exception {
    try (var stranger = new Watching(0, true)) {
      await().atMost(Duration.ofSeconds(10)).until(() -> stranger.error() != null);
      assertEquals(Status.Code.UNAUTHENTICATED, Status.fromThrowable(stranger.error()).getCode());
      assertNull(stranger.peek());
    }
    try (var service = new Watching(0, true, TOKEN)) {
      Snapshot told = service.next();
      assertEquals(1, told.getKeysCount());
      assertTrue(told.getAdminLocked(), "the router asks too");
      assertFalse(told.getFrontDoorLocked());
    }
    Rest.get("models").expect(401);
    Rest.get("models", "Authorization", "Bearer " + WithKeys.ADMIN).expect(200);
  }
}
