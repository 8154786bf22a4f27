package dev.tutti.registry.api;

import dev.tutti.kit.connection.KeyRing;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.key.KeyUses;
import dev.tutti.registry.signin.AdminRule;
import dev.tutti.registry.signin.Caller;
import dev.tutti.registry.signin.OidcSignIn;
import dev.tutti.registry.signin.Role;
import dev.tutti.registry.signin.RoleNeeded;
import dev.tutti.registry.signin.Session;
import dev.tutti.registry.signin.Sessions;
import dev.tutti.registry.signin.Unguarded;
import dev.tutti.registry.v1.ApiKey;
import dev.tutti.registry.v1.KeyScope;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.registry.watch.SnapshotFeed;
import io.quarkus.runtime.StartupEvent;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.ext.Provider;
import java.lang.annotation.Annotation;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Everything in this REST, and every page of the console, is for whoever may: a session, or a key
 * of scope admin, which may what an administrator may. Either is asked for once somebody made a key
 * or signed in, and from the first moment where {@code TUTTI_KEYS} says so, another machine reaches
 * it, or an OpenID provider is configured. What a resource needs its annotations say ({@link
 * RoleNeeded}, {@link Unguarded}); no path is looked at. The audit log gets whoever it is in the
 * place of what {@code X-Tutti-User} says.
 */
@Provider
@Singleton
@Priority(Priorities.AUTHENTICATION)
public class AdminDoor implements ContainerRequestFilter {

  /** With what a change in a session is told from what another site has a browser send. */
  static final String CSRF = "X-CSRF";

  private static final String USER = "X-Tutti-User";
  private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");
  private static final Set<String> FROM_HERE = Set.of("same-origin", "none");

  /** As browsers send them; the one with a file is read up to its token first. */
  private static final List<MediaType> FORMS =
      List.of(MediaType.APPLICATION_FORM_URLENCODED_TYPE, MediaType.MULTIPART_FORM_DATA_TYPE);

  private final SnapshotFeed feed;
  private final KeyUses uses;
  private final Sessions sessions;
  private final RoutingContext http;
  private final boolean required;
  private final boolean hasWay;
  @Context ResourceInfo resource;
  private volatile Ring ring = new Ring(Snapshot.getDefaultInstance(), new KeyRing(List.of()));

  private record Ring(Snapshot of, KeyRing keys) {}

  AdminDoor(
      SnapshotFeed feed,
      KeyUses uses,
      Sessions sessions,
      RoutingContext http,
      AdminRule rule,
      @ConfigProperty(name = "tutti.registry.admin-key-file") Optional<String> file,
      OidcSignIn oidc) {
    this.feed = feed;
    this.uses = uses;
    this.sessions = sessions;
    this.http = http;
    this.hasWay = file.isPresent() || oidc.isOffered();
    this.required = rule.isRequired();
  }

  /** Where nobody could ever make a key, it does not start. */
  void start(@Observes StartupEvent event) {
    if (required && !hasWay) {
      throw new IllegalStateException(
          "Keys are required, by TUTTI_KEYS or since other machines reach the registry, and there is no first one: "
              + "name a file that holds it in TUTTI_ADMIN_KEY_FILE.");
    }
  }

  /** Whether everybody is asked who they are; so it is as long as nobody knows. */
  boolean isLocked() {
    return required || !feed.hasRead() || feed.now().getAdminLocked();
  }

  @Override
  public void filter(ContainerRequestContext request) {
    if (annotation(Unguarded.class) != null) {
      return;
    }
    Caller caller = caller(request);
    if (caller == null) {
      Refusal.Unauthorized refusal =
          new Refusal.Unauthorized(
              isPage()
                  ? "Nobody is signed in here any more, and nothing was done. Sign in at /console."
                  : "Sign in at /console, or bring a key of scope admin: Authorization: Bearer tk-...");
      if (!isPage() || !Doorway.leads(request, http, Doorway.SIGN_IN)) {
        throw refusal.exception();
      }
      return;
    }
    http.put(Caller.ATTRIBUTE, caller);
    require(request, caller);
  }

  /** Who it is; null where they have to say so first. */
  private Caller caller(ContainerRequestContext request) {
    Snapshot snapshot = feed.now();
    boolean read = feed.hasRead();
    boolean open = !isLocked();
    String text =
        KeyRing.brought(
            request.getHeaderString(HttpHeaders.AUTHORIZATION),
            request.getHeaderString("x-api-key"));
    if (!text.isEmpty() && !open) {
      return ofKey(text, snapshot, read, request);
    }
    Optional<Session> session = session();
    if (session.isPresent()) {
      Caller caller = Caller.of(session.get());
      request.getHeaders().putSingle(USER, caller.name());
      return caller;
    }
    if (!read) {
      throw unread();
    }
    return open ? Caller.ANYBODY : null;
  }

  private Optional<Session> session() {
    try {
      return sessions.find(SessionCookie.id(http));
    } catch (SQLException e) {
      throw new IllegalStateException("Sessions cannot be read", e);
    }
  }

  private Caller ofKey(
      String text, Snapshot snapshot, boolean read, ContainerRequestContext request) {
    if (!read) {
      throw unread();
    }
    ApiKey key =
        switch (ring(snapshot).find(text, Instant.now())) {
          case KeyRing.Valid its -> its.key();
          case KeyRing.Expired its ->
              throw unauthorized("Key %s is over since its expiry.".formatted(its.key().getId()));
          case KeyRing.Unknown _ -> throw unauthorized(KeyRing.unknown(text));
        };
    if (!key.getScopesList().contains(KeyScope.KEY_SCOPE_ADMIN)) {
      throw new Refusal.Forbidden(
              "Key %s lacks the scope admin, which this REST is for.".formatted(key.getId()))
          .exception();
    }
    uses.note(key.getId());
    String name = "%s (%s)".formatted(key.getId(), key.getTeam());
    request.getHeaders().putSingle(USER, name);
    return new Caller(name, Role.ADMINISTRATOR, null);
  }

  private void require(ContainerRequestContext request, Caller caller) {
    RoleNeeded said = annotation(RoleNeeded.class);
    boolean reads = READING.contains(request.getMethod());
    Session session = caller.session();
    if (session != null) {
      if (!reads) {
        requireOurs(request, session);
      }
      if (session.mustChange() && (said == null || !said.oneTimePassword())) {
        if (isPage() && Doorway.leads(request, http, Doorway.ACCOUNT)) {
          return;
        }
        throw new Refusal.Forbidden(
                "The password of '%s' is a one-time password; change it first, at /console/account."
                    .formatted(caller.name()))
            .exception();
      }
    }
    Role needed = said != null ? said.value() : reads ? Role.VIEWER : Role.OPERATOR;
    if (!caller.role().covers(needed)) {
      throw new Refusal.Forbidden(
              "'%s' is %s; this needs the role %s."
                  .formatted(caller.name(), caller.role().word(), needed.word()))
          .exception();
    }
  }

  /** Refuses a change that a page of another site may have made a browser send. */
  private void requireOurs(ContainerRequestContext request, Session session) {
    String site = request.getHeaderString("Sec-Fetch-Site");
    boolean isForm =
        isPage() && FORMS.stream().anyMatch(form -> form.isCompatible(request.getMediaType()));
    // The token of a form is in its body; who reads that looks at it.
    if ((site != null && !FROM_HERE.contains(site))
        || (!isForm && !session.isCsrf(request.getHeaderString(CSRF)))) {
      throw new Refusal.Forged(
              "A change by a session brings its token in the header %s, and comes from a page of this origin."
                  .formatted(CSRF))
          .exception();
    }
  }

  private boolean isPage() {
    return resource.getResourceClass().isAnnotationPresent(Browsed.class);
  }

  private <A extends Annotation> A annotation(Class<A> type) {
    A ofMethod = resource.getResourceMethod().getAnnotation(type);
    return ofMethod != null ? ofMethod : resource.getResourceClass().getAnnotation(type);
  }

  private KeyRing ring(Snapshot snapshot) {
    Ring its = ring;
    if (its.of() != snapshot) {
      its = new Ring(snapshot, new KeyRing(snapshot.getKeysList()));
      ring = its;
    }
    return its.keys();
  }

  private static RuntimeException unread() {
    return new Refusal.Unavailable(
            "The registry's database has not been read yet, which has the keys and users. Try again.")
        .exception();
  }

  private static RuntimeException unauthorized(String detail) {
    return new Refusal.Unauthorized(detail).exception();
  }
}
