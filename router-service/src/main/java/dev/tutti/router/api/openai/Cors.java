package dev.tutti.router.api.openai;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Pages of other origins may call what lies below /v1, where {@code tutti.router.cors-origins}
 * names theirs: {@code https://app.example.com}, several with commas between, or {@code *} for all.
 * Nobody's may by default. An origin that is not named gets the answer that it would get without
 * this, of which its browser shows the page nothing. Cookies are never asked for.
 */
@ApplicationScoped
class Cors {

  /** Before anything that may refuse the request, whose reason the page is to read. */
  private static final int FIRST = 3_000;

  private static final String ANY = "*";
  private static final String EXPOSED =
      String.join(
          ", ",
          "x-request-id",
          "x-tutti-decision-id",
          "x-tutti-cost-usd",
          "x-tutti-member",
          "x-tutti-usage",
          "x-tutti-dropped",
          "x-tutti-left-out",
          KeyCheck.WARNING,
          "retry-after");

  private final List<String> origins;

  Cors(@ConfigProperty(name = "tutti.router.cors-origins") Optional<List<String>> origins) {
    this.origins = origins.orElse(List.of()).stream().map(String::strip).toList();
  }

  void register(@Observes Filters filters) {
    if (!origins.isEmpty()) {
      filters.register(this::allow, FIRST);
    }
  }

  private void allow(RoutingContext http) {
    String origin = http.request().getHeader("origin");
    boolean any = origins.contains(ANY);
    if (origin == null
        || !Errors.isOpenAi(http.normalizedPath())
        || !(any || origins.contains(origin))) {
      http.next();
      return;
    }
    HttpServerResponse response = http.response();
    response.putHeader("access-control-allow-origin", any ? ANY : origin);
    if (!any) {
      response.putHeader("vary", "origin");
    }
    String method = http.request().getHeader("access-control-request-method");
    if (http.request().method() == HttpMethod.OPTIONS && method != null) {
      String headers = http.request().getHeader("access-control-request-headers");
      if (headers != null) {
        response.putHeader("access-control-allow-headers", headers);
      }
      response
          .putHeader("access-control-allow-methods", "GET, POST, PUT, DELETE")
          .putHeader("access-control-max-age", "600")
          .setStatusCode(204)
          .end();
    } else {
      response.putHeader("access-control-expose-headers", EXPOSED);
      http.next();
    }
  }
}
