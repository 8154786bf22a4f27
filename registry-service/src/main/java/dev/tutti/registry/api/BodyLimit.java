package dev.tutti.registry.api;

import dev.tutti.registry.Refusal;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/**
 * Says that a body is too large before Quarkus cuts the connection on it. The body is read away, up
 * to a bound, since most clients look for an answer only once they have sent everything.
 */
@ApplicationScoped
class BodyLimit {

  static final long LARGEST = 1 << 20;
  static final String DETAIL = "A body has %d bytes at most.".formatted(LARGEST);

  private static final long LARGEST_READ_AWAY = 64 << 20;
  private static final int BEFORE_QUARKUS = 1000;

  private final Problems problems;

  BodyLimit(Problems problems) {
    this.problems = problems;
  }

  void register(@Observes Filters filters) {
    filters.register(this::check, BEFORE_QUARKUS);
  }

  private void check(RoutingContext context) {
    long length = length(context);
    if (length <= LARGEST) {
      context.next();
      return;
    }
    if (length > LARGEST_READ_AWAY) {
      context.response().putHeader(HttpHeaders.CONNECTION, "close");
      refuse(context);
      return;
    }
    context.request().endHandler(end -> refuse(context));
    context.request().resume();
  }

  private void refuse(RoutingContext context) {
    Problem problem = Problem.of(new Refusal.TooLarge(DETAIL));
    context
        .response()
        .setStatusCode(problem.status())
        .putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
        .end(io.vertx.core.buffer.Buffer.buffer(problems.bytes(problem)));
  }

  private static long length(RoutingContext context) {
    String header = context.request().getHeader(HttpHeaders.CONTENT_LENGTH);
    try {
      return header == null ? 0 : Long.parseLong(header);
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
