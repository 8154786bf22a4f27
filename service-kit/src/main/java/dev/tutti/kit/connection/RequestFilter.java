package dev.tutti.kit.connection;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.quarkus.vertx.http.ManagementInterface;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * What is refused before a service looks at it: what holds a character that no name has, and what
 * keeps web pages of others from using a browser to reach a service that its user can reach: a
 * {@code Host} that is not ours (a name that was made to point here, DNS rebinding), and requests
 * that a browser sends to another origin without asking whether it may (CSRF).
 */
@ApplicationScoped
public class RequestFilter {

  /** Before everything that looks at a body. */
  private static final int FIRST = 2_000;

  /** What a browser sends to another origin without asking. */
  private static final Set<String> UNASKED =
      Set.of("", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data");

  private static final Set<HttpMethod> WRITING =
      Set.of(HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH);

  /** PostgreSQL has no such character, and whoever looks for it gets an error of the database. */
  private static final String NUL = "%00";

  private static final String LISTED =
      "This Host is not served here; tutti.http.hosts lists those that are.";

  private static final String LISTENING =
      "This Host is not served here; quarkus.management.host says where it listens.";

  private final HostRule hosts;
  private final HostRule managementHosts;

  RequestFilter(
      @ConfigProperty(name = "tutti.http.hosts") Optional<List<String>> allowed,
      @ConfigProperty(name = "quarkus.http.host") String listening,
      @ConfigProperty(name = "quarkus.management.host") String managementListening) {
    hosts = HostRule.of(allowed.orElse(List.of()), listening);
    // Probes and scrapes come by addresses that nobody lists.
    managementHosts = HostRule.of(List.of(), managementListening);
  }

  void register(@Observes Filters filters) {
    filters.register(http -> check(http, hosts, LISTED), FIRST);
  }

  void register(@Observes ManagementInterface management) {
    management
        .router()
        .route()
        .order(Integer.MIN_VALUE)
        .handler(http -> check(http, managementHosts, LISTENING));
  }

  private static void check(RoutingContext http, HostRule hosts, String misdirected) {
    HttpServerRequest request = http.request();
    if (!hosts.allows(request.getHeader("host"))) {
      answer(
          http,
          new Refusal(HttpResponseStatus.MISDIRECTED_REQUEST, "host_not_allowed", misdirected));
    } else if (request.path().contains(NUL)) {
      answer(
          http,
          new Refusal(
              HttpResponseStatus.BAD_REQUEST, "invalid_path", "A path holds no U+0000 (%00)."));
    } else if (WRITING.contains(request.method()) && unasked(request)) {
      answer(
          http,
          new Refusal(
              HttpResponseStatus.UNSUPPORTED_MEDIA_TYPE,
              "unsupported_media_type",
              "The body must be application/json, and Content-Type must say so."));
    } else {
      http.next();
    }
  }

  /** Whether a page of another origin could have sent it without being asked. */
  private static boolean unasked(HttpServerRequest request) {
    String type = request.getHeader("content-type");
    String plain = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    if (!UNASKED.contains(plain)) {
      return false;
    }
    // A browser tells where it comes from. What has no body needs no type, and a wrong type from
    // anybody else is for the service to refuse in its own words.
    return fromElsewhere(request) || plain.isEmpty() && hasBody(request);
  }

  private static boolean hasBody(HttpServerRequest request) {
    String length = request.getHeader("content-length");
    return request.getHeader("transfer-encoding") != null || length != null && !length.equals("0");
  }

  private static boolean fromElsewhere(HttpServerRequest request) {
    String origin = request.getHeader("origin");
    return origin != null && !origin.endsWith("://" + request.getHeader("host"));
  }

  private static void answer(RoutingContext http, Refusal refusal) {
    String path = http.request().path();
    http.response()
        .setStatusCode(refusal.status().code())
        .putHeader("content-type", Refusal.contentType(path))
        .putHeader("connection", "close")
        .end(refusal.body(path));
  }
}
