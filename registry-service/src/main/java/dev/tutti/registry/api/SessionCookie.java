package dev.tutti.registry.api;

import dev.tutti.registry.signin.Session;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;

/**
 * The cookie that holds a session's id. No script reads it, and no request that another site makes
 * a browser send holds it, but for following a link. Over TLS its name keeps whoever answers
 * without TLS, or under a name beside this one, from setting it.
 */
public final class SessionCookie {

  private static final String PLAIN = "tutti-session";
  private static final String OVER_TLS = "__Host-tutti-session";

  private SessionCookie() {}

  /** The id that a request brings; null where it brings none. */
  public static String id(RoutingContext http) {
    Cookie cookie = http.request().getCookie(name(http.request()));
    return cookie == null ? null : cookie.getValue();
  }

  /** Has the browser bring a session from now on. */
  public static void set(RoutingContext http, Session session) {
    add(http, Cookie.cookie(name(http.request()), session.id()));
  }

  /** Has the browser forget its session. */
  public static void forget(RoutingContext http) {
    add(http, Cookie.cookie(name(http.request()), "").setMaxAge(0));
  }

  private static void add(RoutingContext http, Cookie cookie) {
    http.response()
        .addCookie(
            cookie
                .setPath("/")
                .setHttpOnly(true)
                .setSecure(http.request().isSSL())
                .setSameSite(CookieSameSite.LAX));
  }

  private static String name(HttpServerRequest request) {
    return request.isSSL() ? OVER_TLS : PLAIN;
  }
}
