package dev.tutti.registry.api;

import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Leads people who look at pages to where they have to go first, and back. */
public final class Doorway {

  /** Where people sign in. */
  public static final String SIGN_IN = "/console/sign-in";

  /** Where they change their password. */
  public static final String ACCOUNT = "/console/account";

  /** Where those go who come from nowhere. */
  public static final String HOME = "/console";

  /** A page of the console and nothing else: no other host, no other scheme. */
  private static final Pattern LOCAL =
      Pattern.compile(
          "(?!.*%(?!\\p{XDigit}{2}))(?![^?]*/(\\.|%2[eE]){1,2}([/?]|$))/console(/[A-Za-z0-9._~%!$'()*+,;=:@/-]*)?(\\?[A-Za-z0-9._~%!$&'()*+,;=:@/?-]*)?");

  private static final int LONGEST = 2_000;

  private Doorway() {}

  /** A page to go to; {@link #HOME} where that is none of the console's. */
  public static String local(String to) {
    return to != null && to.length() <= LONGEST && LOCAL.matcher(to).matches() ? to : HOME;
  }

  /** Leads whoever reads a page elsewhere first; returns false where they do something else. */
  static boolean leads(ContainerRequestContext request, RoutingContext http, String where) {
    if (!request.getMethod().equals("GET")) {
      return false;
    }
    boolean part = request.getHeaderString("HX-Request") != null;
    String page = part ? shown(request.getHeaderString("HX-Current-URL")) : http.request().uri();
    String to = local(page);
    String address =
        to.equals(HOME) ? where : where + "?to=" + URLEncoder.encode(to, StandardCharsets.UTF_8);
    request.abortWith(
        part
            // A part of a page is no place to sign in.
            ? Response.status(Response.Status.UNAUTHORIZED).header("HX-Redirect", address).build()
            : Response.seeOther(URI.create(address)).build());
    return true;
  }

  /** The page that a browser shows, without its host. */
  private static String shown(String url) {
    try {
      URI its = URI.create(url == null ? "" : url);
      return its.getRawQuery() == null
          ? its.getRawPath()
          : its.getRawPath() + "?" + its.getRawQuery();
    } catch (IllegalArgumentException e) {
      return HOME;
    }
  }
}
