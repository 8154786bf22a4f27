package dev.tutti.router.access;

import dev.tutti.kit.connection.KeyRing;
import dev.tutti.kit.connection.KeyRule;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.ServiceToken;
import dev.tutti.registry.v1.ApiKey;
import dev.tutti.registry.v1.KeyScope;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.router.members.KnownNames;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Lets in who may. On this machine's own address nobody needs a key until one for this door was
 * made, anywhere, and for what is an administrator's until everybody is asked at the admin REST;
 * where another machine reaches it, and where {@code TUTTI_KEYS} says so, from the first moment.
 * What it goes by is the last snapshot of the registry, in memory: with the registry away it knows
 * what it knew, over a restart too.
 */
@ApplicationScoped
public class FrontDoor {

  private final KnownNames names;
  private final ServiceToken token;
  private final KeyReports reports;
  private final KeyRule rule;
  private volatile Ring ring = new Ring(Snapshot.getDefaultInstance(), new KeyRing(List.of()));

  private record Ring(Snapshot of, KeyRing keys) {}

  FrontDoor(
      KnownNames names,
      ServiceToken token,
      KeyReports reports,
      @ConfigProperty(name = "tutti.keys") Optional<String> setting,
      @ConfigProperty(name = "quarkus.http.host") String http,
      @ConfigProperty(name = "quarkus.grpc.server.host") String grpc) {
    this.names = names;
    this.token = token;
    this.reports = reports;
    this.rule = KeyRule.of(setting, http, grpc);
  }

  /** A wrong setting is told at the start. */
  void start(@Observes StartupEvent event) {}

  /**
   * Who it is that asks.
   *
   * @param authorization header; null where it is absent
   * @param apiKey header {@code x-api-key}; null where it is absent
   * @param needed what the key must be good for
   * @throws FailureException {@link Failure.Unauthenticated} without a key that opens, {@link
   *     Failure.PermissionDenied} for one that is for something else, {@link Failure.Unavailable}
   *     while nobody knows the keys yet
   */
  public Caller admit(String authorization, String apiKey, KeyScope needed) {
    Optional<Snapshot> snapshot = names.snapshot();
    if (!rule.required() && snapshot.isPresent() && !isLocked(snapshot.get(), needed)) {
      return Caller.NOBODY;
    }
    String text = KeyRing.brought(authorization, apiKey);
    if (snapshot.isEmpty()) {
      throw new Failure.Unavailable(
              "REGISTRY_UNREACHABLE", "The registry, which has the keys, has not been reached yet.")
          .exception();
    }
    ApiKey key =
        switch (ring(snapshot.get()).find(text, Instant.now())) {
          case KeyRing.Valid its -> its.key();
          case KeyRing.Expired its ->
              throw wrong("Key %s is over since its expiry.".formatted(its.key().getId()));
          case KeyRing.Unknown _ -> throw wrong(KeyRing.unknown(text));
        };
    if (!key.getScopesList().contains(needed)) {
      String scope = needed.name().substring("KEY_SCOPE_".length()).toLowerCase(Locale.ROOT);
      throw new Failure.PermissionDenied(
              "SCOPE_MISSING", "Key %s lacks the scope %s.".formatted(key.getId(), scope))
          .exception();
    }
    reports.used(key.getId());
    return Caller.of(key);
  }

  /**
   * The same of gRPC, where services of this platform come too.
   *
   * @param service what it says of itself as a service; null where it says nothing
   */
  public Caller admit(String service, String authorization, String apiKey, KeyScope needed) {
    if (service != null) {
      if (token.isOurs(service)) {
        return Caller.PLATFORM;
      }
      throw wrong("%s is not the one of this platform.".formatted(ServiceToken.HEADER));
    }
    return admit(authorization, apiKey, needed);
  }

  /** What the admin REST refuses to whom it does not know is not done here for them. */
  private static boolean isLocked(Snapshot snapshot, KeyScope needed) {
    return snapshot.getFrontDoorLocked()
        || (needed == KeyScope.KEY_SCOPE_ADMIN && snapshot.getAdminLocked());
  }

  /** Whether keys are asked for; so they are as long as nobody knows. */
  public boolean isLocked() {
    return rule.required() || names.snapshot().map(Snapshot::getFrontDoorLocked).orElse(true);
  }

  private KeyRing ring(Snapshot snapshot) {
    Ring its = ring;
    if (its.of() != snapshot) {
      its = new Ring(snapshot, new KeyRing(snapshot.getKeysList()));
      ring = its;
    }
    return its.keys();
  }

  private static FailureException wrong(String message) {
    return new Failure.Unauthenticated("INVALID_API_KEY", message).exception();
  }
}
