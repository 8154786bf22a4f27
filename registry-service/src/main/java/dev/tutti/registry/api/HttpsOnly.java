package dev.tutti.registry.api;

import io.quarkus.vertx.http.runtime.filters.Filters;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/** Has browsers that came over TLS come over nothing else from then on (RFC 6797). */
@ApplicationScoped
class HttpsOnly {

  private static final int PRIORITY = 1_400;
  private static final String A_YEAR = "max-age=31536000";

  void register(@Observes Filters filters) {
    filters.register(
        http -> {
          if (http.request().isSSL()) {
            http.response().putHeader("Strict-Transport-Security", A_YEAR);
          }
          http.next();
        },
        PRIORITY);
  }
}
