package dev.tutti.router.testing;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.kit.connection.KeyRing;
import dev.tutti.kit.grpc.RegistryWatch;
import dev.tutti.registry.v1.ApiKey;
import dev.tutti.registry.v1.KeyScope;
import dev.tutti.registry.v1.KeySecret;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.router.members.KnownNames;
import io.quarkus.arc.Arc;
import io.quarkus.arc.ClientProxy;
import java.lang.reflect.Field;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Keys as the registry tells them. */
public final class Keys {

  private Keys() {}

  /** The text of the key of this id. */
  public static String text(String id) {
    return "tk-" + id + "x".repeat(43 - id.length());
  }

  /** The header that brings it. */
  public static String bearer(String id) {
    return "Bearer " + text(id);
  }

  /** A key of a team, for asking and feedback. */
  public static ApiKey of(String id, String team) {
    return ApiKey.newBuilder()
        .setId(id)
        .setTeam(team)
        .setName(id)
        .addSecrets(KeySecret.newBuilder().setSha256(KeyRing.hash(text(id))))
        .addScopes(KeyScope.KEY_SCOPE_USE)
        .addScopes(KeyScope.KEY_SCOPE_FEEDBACK)
        .build();
  }

  /** The same for administrators. */
  public static ApiKey admin(String id) {
    return of(id, "administrators").toBuilder().addScopes(KeyScope.KEY_SCOPE_ADMIN).build();
  }

  /** Locks the front door; it opens to these. */
  public static void lock(ApiKey... keys) {
    Neighbourhood.registry.tell(locked(keys));
    await(() -> Http.get("/v1/models").status() == 401);
    for (ApiKey key : keys) {
      await(() -> status(key.getId()) != 401);
    }
  }

  /** The registry with these keys. */
  public static Snapshot locked(ApiKey... keys) {
    return Neighbourhood.usual().toBuilder()
        .setFrontDoorLocked(true)
        .addAllKeys(List.of(keys))
        .build();
  }

  /** Opens it to everybody again, which no snapshot does. */
  public static void unlock() {
    await(
        () -> {
          forgetTheLock();
          Neighbourhood.registry.tell(Neighbourhood.usual());
          return Http.get("/v1/models").status() == 200;
        });
  }

  private static void forgetTheLock() {
    try {
      Field watch = KnownNames.class.getDeclaredField("watch");
      Field locked = RegistryWatch.class.getDeclaredField("locked");
      watch.setAccessible(true);
      locked.setAccessible(true);
      locked.set(
          watch.get(ClientProxy.unwrap(Arc.container().instance(KnownNames.class).get())), false);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /** What a key gets. */
  public static int status(String id) {
    return get("/v1/models", id).status();
  }

  /** Reads with a key. */
  public static Http.Answer get(String path, String id) {
    return Http.send(Http.request(path).header("authorization", bearer(id)).GET());
  }

  /** Asks with a key. */
  public static Http.Answer chat(String model, String id, String... more) {
    return Http.post("/v1/chat/completions", Http.body(model, more), "authorization", bearer(id));
  }

  /** Waits until something is so, two seconds at most. */
  public static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "not within two seconds");
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }
}
