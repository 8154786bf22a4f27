package dev.tutti.registry.console;

import dev.tutti.registry.Refusal;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.api.Browsed;
import dev.tutti.registry.api.Doorway;
import dev.tutti.registry.api.Problem;
import dev.tutti.registry.api.SessionCookie;
import dev.tutti.registry.signin.Caller;
import dev.tutti.registry.signin.OidcSignIn;
import dev.tutti.registry.signin.Role;
import dev.tutti.registry.signin.RoleNeeded;
import dev.tutti.registry.signin.Session;
import dev.tutti.registry.signin.SignIn;
import dev.tutti.registry.signin.Unguarded;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.sql.SQLException;

/** Where people sign in and out, and change their password. */
@Browsed
@Path("/console")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class SignInPages {

  private final SignIn signIn;
  private final OidcSignIn oidc;
  private final Visit visit;
  private final RoutingContext http;

  SignInPages(SignIn signIn, OidcSignIn oidc, Visit visit, RoutingContext http) {
    this.signIn = signIn;
    this.oidc = oidc;
    this.visit = visit;
    this.http = http;
  }

  /** The form. */
  @GET
  @Unguarded
  @Path("/sign-in")
  public Response form(@QueryParam("to") String to) {
    return signInForm(null, "", to);
  }

  /** Signs in, and leads back to a page of the console. */
  @POST
  @Unguarded
  @Path("/sign-in")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Response in(Form form) throws SQLException {
    try {
      return enter(signIn.by(form.typed("user"), form.typed("password"), origin()), form);
    } catch (RefusedException e) {
      return signInForm(e.refusal(), form.typed("user"), form.typed("to"));
    }
  }

  /** Signs out. */
  @POST
  @RoleNeeded(value = Role.VIEWER, oneTimePassword = true)
  @Path("/sign-out")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Response out(Form form) throws SQLException {
    Session session = visit.caller().session();
    if (session != null) {
      signIn.out(session);
      SessionCookie.forget(http);
      http.remove(Caller.ATTRIBUTE);
      String there =
          session.provider() == Session.Provider.OIDC
              ? oidc.signOut(visit.base() + Doorway.SIGN_IN)
              : null;
      if (there != null) {
        // A form of ours leads to no other host: the policy of the pages says so.
        return page(null, Templates.signedOut(visit.frame(null, "Signed out"), there).render());
      }
    }
    return Response.seeOther(URI.create(Doorway.SIGN_IN)).build();
  }

  /** Who one is, and how one changes one's password. */
  @GET
  @RoleNeeded(value = Role.VIEWER, oneTimePassword = true)
  @Path("/account")
  public Response account(@QueryParam("to") String to) {
    return accountForm(null, to);
  }

  /** Changes one's password; one goes on in another session, and all before end. */
  @POST
  @RoleNeeded(value = Role.VIEWER, oneTimePassword = true)
  @Path("/account")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Response change(Form form) throws SQLException {
    Caller caller = visit.caller();
    if (!caller.isSignedIn()) {
      throw new Refusal.Forbidden("Nobody is signed in, whose password it were.").exception();
    }
    if (!form.typed("password").equals(form.typed("again"))) {
      return accountForm(
          Refusal.invalid("again", "It was not typed twice the same.").refusal(), form.typed("to"));
    }
    try {
      Session session =
          signIn.changePassword(
              caller.session(), form.typed("old"), form.typed("password"), origin());
      return enter(session, form);
    } catch (RefusedException e) {
      return accountForm(e.refusal(), form.typed("to"));
    }
  }

  private Response enter(Session session, Form form) {
    SessionCookie.set(http, session);
    return Response.seeOther(URI.create(Doorway.local(form.typed("to")))).build();
  }

  private SignIn.Origin origin() {
    return new SignIn.Origin(
        http.request().remoteAddress().hostAddress(),
        SessionCookie.id(http),
        Problem.currentTraceId());
  }

  private Response signInForm(Refusal refusal, String user, String to) {
    Problem problem = refusal == null ? null : Problem.of(refusal);
    return page(
        refusal,
        Templates.signIn(
                visit.frame(null, "Sign in"), problem, user, Doorway.local(to), oidc.isOffered())
            .render());
  }

  private Response accountForm(Refusal refusal, String to) {
    Problem problem = refusal == null ? null : Problem.of(refusal);
    return page(
        refusal,
        Templates.account(visit.frame(null, "Your account"), problem, Doorway.local(to)).render());
  }

  private static Response page(Refusal refusal, String page) {
    Response.ResponseBuilder response =
        Response.status(refusal == null ? 200 : Problem.of(refusal).status())
            .type(Html.TYPE)
            .entity(page);
    if (refusal instanceof Refusal.TooManyTries its) {
      response.header(HttpHeaders.RETRY_AFTER, its.retryAfter().toSeconds());
    }
    return response.build();
  }
}
