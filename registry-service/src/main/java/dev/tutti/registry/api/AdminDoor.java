package dev.tutti.registry.api;

import dev.tutti.kit.connection.KeyRing;
import dev.tutti.kit.connection.KeyRule;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.v1.ApiKey;
import dev.tutti.registry.v1.KeyScope;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.registry.watch.SnapshotFeed;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.ext.Provider;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Everything in this REST is for administrators: a key of scope admin is asked for once somebody
 * made a key, and from the first moment where {@code TUTTI_KEYS} says so or another machine reaches
 * it. It looks at no path: whatever resource a request has found is behind it, the pages of the
 * console ({@link Browsed}) among them. The audit log gets the key's name in the place of what
 * {@code X-Tutti-User} says.
 */
@Provider
@Singleton
@Priority(Priorities.AUTHENTICATION)
public class AdminDoor implements ContainerRequestFilter {

  private static final String USER = "X-Tutti-User";
  private static final String BASIC = "Basic ";

  private final SnapshotFeed feed;
  private final KeyRule rule;
  private final boolean hasKey;
  @Context ResourceInfo resource;
  private volatile Ring ring = new Ring(Snapshot.getDefaultInstance(), new KeyRing(List.of()));

  private record Ring(Snapshot of, KeyRing keys) {}

  AdminDoor(
      SnapshotFeed feed,
      @ConfigProperty(name = "tutti.keys") Optional<String> setting,
      @ConfigProperty(name = "quarkus.http.host") String http,
      @ConfigProperty(name = "quarkus.grpc.server.host") String grpc,
      @ConfigProperty(name = "tutti.registry.admin-key-file") Optional<String> file) {
    this.feed = feed;
    this.rule = KeyRule.of(setting, http, grpc);
    this.hasKey = file.isPresent();
  }

  /** Where nobody could ever make a key, it does not start. */
  void start(@Observes StartupEvent event) {
    if (rule.required() && !hasKey) {
      throw new IllegalStateException(
          "Keys are required, by TUTTI_KEYS or since other machines reach the registry, and there is no first one: "
              + "name a file that holds it in TUTTI_ADMIN_KEY_FILE.");
    }
  }

  @Override
  public void filter(ContainerRequestContext request) {
    Snapshot snapshot = feed.now();
    boolean read = feed.hasRead();
    if (!rule.required() && read && !snapshot.getAdminLocked()) {
      return;
    }
    String text = brought(request);
    if (!read) {
      throw new Refusal.Unavailable(
              "The registry's database has not been read yet, which has the keys. Try again.")
          .exception();
    }
    ApiKey key =
        switch (ring(snapshot).find(text, Instant.now())) {
          case KeyRing.Valid its -> its.key();
          case KeyRing.Expired its ->
              throw unauthorized("Key %s is over since its expiry.".formatted(its.key().getId()));
          case KeyRing.Unknown _ ->
              throw unauthorized(
                  text.isEmpty()
                      ? "A key of scope admin is required: Authorization: Bearer tk-..."
                      : "There is no such key, or it was revoked.");
        };
    if (!key.getScopesList().contains(KeyScope.KEY_SCOPE_ADMIN)) {
      throw new Refusal.Forbidden(
              "Key %s lacks the scope admin, which this REST is for.".formatted(key.getId()))
          .exception();
    }
    request.getHeaders().putSingle(USER, "%s (%s)".formatted(key.getId(), key.getTeam()));
  }

  private String brought(ContainerRequestContext request) {
    String authorization = request.getHeaderString(HttpHeaders.AUTHORIZATION);
    boolean browsed = resource.getResourceClass().isAnnotationPresent(Browsed.class);
    return browsed && isBasic(authorization)
        ? password(authorization)
        : KeyRing.brought(authorization, request.getHeaderString("x-api-key"));
  }

  private static boolean isBasic(String authorization) {
    return authorization != null && authorization.regionMatches(true, 0, BASIC, 0, BASIC.length());
  }

  private static String password(String authorization) {
    try {
      byte[] decoded = Base64.getDecoder().decode(authorization.substring(BASIC.length()).strip());
      String both = new String(decoded, StandardCharsets.UTF_8);
      return both.substring(both.indexOf(':') + 1).strip();
    } catch (IllegalArgumentException e) {
      return "no base64";
    }
  }

  private KeyRing ring(Snapshot snapshot) {
    Ring its = ring;
    if (its.of() != snapshot) {
      its = new Ring(snapshot, new KeyRing(snapshot.getKeysList()));
      ring = its;
    }
    return its.keys();
  }

  private static RuntimeException unauthorized(String detail) {
    return new Refusal.Unauthorized(detail).exception();
  }
}
