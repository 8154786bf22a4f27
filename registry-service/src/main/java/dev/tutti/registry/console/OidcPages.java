package dev.tutti.registry.console;

import dev.tutti.registry.api.Browsed;
import dev.tutti.registry.api.Doorway;
import dev.tutti.registry.api.Problem;
import dev.tutti.registry.api.SessionCookie;
import dev.tutti.registry.signin.OidcSignIn;
import dev.tutti.registry.signin.Session;
import dev.tutti.registry.signin.SignIn;
import dev.tutti.registry.signin.Unguarded;
import io.quarkus.oidc.IdToken;
import io.quarkus.oidc.OidcSession;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import org.eclipse.microprofile.jwt.JsonWebToken;

/**
 * Where an OpenID provider sends people whom it knows. Quarkus does what OpenID Connect asks for
 * (code flow with PKCE, state and nonce; signature, issuer, audience and expiry of the ID token);
 * what comes of it is a session like any other, and nothing of the provider's is kept.
 */
@Browsed
@Path("/console/sign-in/oidc")
@RunOnVirtualThread
public class OidcPages {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @Inject @IdToken JsonWebToken token;
  private final OidcSignIn signIn;
  private final OidcSession atProvider;
  private final RoutingContext http;

  OidcPages(OidcSignIn signIn, OidcSession atProvider, RoutingContext http) {
    this.signIn = signIn;
    this.atProvider = atProvider;
    this.http = http;
  }

  /** Begins a session for whom the provider knows, and leads back to a page of the console. */
  @GET
  @Unguarded
  @Authenticated
  public Response in(@QueryParam("to") String to) throws SQLException {
    Session session;
    try {
      session =
          signIn.by(
              token,
              new SignIn.Origin(
                  http.request().remoteAddress().hostAddress(),
                  SessionCookie.id(http),
                  Problem.currentTraceId()));
    } finally {
      // Whoever is refused too: the next time the provider is asked anew.
      atProvider.logout().await().atMost(PATIENCE);
    }
    SessionCookie.set(http, session);
    return Response.seeOther(URI.create(Doorway.local(to))).build();
  }
}
