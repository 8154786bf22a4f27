package dev.tutti.registry.console;

import dev.tutti.registry.Refusal;
import dev.tutti.registry.signin.Caller;
import dev.tutti.registry.signin.Session;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.RequestScoped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The request that a page answers. Its forms send back, as a field, the token of the visitor's
 * session, or while nobody is signed in the random one that the visitor's cookie holds: whoever
 * makes a browser send a form from another site can read neither.
 */
@RequestScoped
class Visit {

  /** Name of the field with the token. */
  static final String FIELD = "csrf";

  static final String COOKIE = "tutti-console";
  private static final int TOKEN_BYTES = 32;
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]{43}");
  private static final SecureRandom RANDOM = new SecureRandom();

  /** What a browser says of a form of a page of ours, and of one sent again by hand. */
  private static final Set<String> FROM_HERE = Set.of("same-origin", "none");

  private final RoutingContext http;

  Visit(RoutingContext http) {
    this.http = http;
  }

  /** What is around a page. */
  Frame frame(Section section, String title, Curl... calls) {
    return frame(section, title, List.of(calls));
  }

  /** The same with as many calls as there are. */
  Frame frame(Section section, String title, List<Curl> calls) {
    return new Frame(section, title, token(), caller(), calls);
  }

  /** Scheme, host and port under which the visitor knows the registry. */
  String base() {
    return http.request().scheme() + "://" + http.request().authority();
  }

  /** Who looks at the page; null for somebody who has to say so first. */
  Caller caller() {
    return http.get(Caller.ATTRIBUTE);
  }

  /** The visitor's token; one who has none gets one. */
  String token() {
    if (session() != null) {
      return session().csrf();
    }
    String known = known();
    if (known != null) {
      return known;
    }
    byte[] bytes = new byte[TOKEN_BYTES];
    RANDOM.nextBytes(bytes);
    String fresh = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    http.response()
        .addCookie(
            Cookie.cookie(COOKIE, fresh)
                .setPath("/console")
                .setHttpOnly(true)
                .setSecure(http.request().isSSL())
                .setSameSite(CookieSameSite.STRICT));
    return fresh;
  }

  /**
   * Refuses a form that does not come from a page of ours.
   *
   * @param sent the token that it brought; null for none
   * @throws dev.tutti.registry.RefusedException {@link Refusal.Forged}
   */
  void require(String sent) {
    String site = http.request().getHeader("Sec-Fetch-Site");
    boolean isOurs = session() != null ? session().isCsrf(sent) : isKnown(sent);
    if (!isOurs || (site != null && !FROM_HERE.contains(site))) {
      throw new Refusal.Forged(
              "The form lacks the token of this visit, or comes from elsewhere. Load the page again, and send it from there.")
          .exception();
    }
  }

  private Session session() {
    return caller() == null ? null : caller().session();
  }

  private boolean isKnown(String sent) {
    String known = known();
    return sent != null
        && known != null
        && MessageDigest.isEqual(
            known.getBytes(StandardCharsets.UTF_8), sent.getBytes(StandardCharsets.UTF_8));
  }

  private String known() {
    Cookie cookie = http.request().getCookie(COOKIE);
    return cookie == null || !TOKEN.matcher(cookie.getValue()).matches() ? null : cookie.getValue();
  }
}
