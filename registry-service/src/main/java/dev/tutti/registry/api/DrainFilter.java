package dev.tutti.registry.api;

import dev.tutti.kit.grpc.Drain;
import dev.tutti.registry.Refusal;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Optional;

/** The {@link Drain} of REST. */
@ApplicationScoped
class DrainFilter {

  /** Before anything else looks at a request. */
  private static final int PRIORITY = 1_500;

  private final Drain drain;
  private final Problems problems;

  DrainFilter(Drain drain, Problems problems) {
    this.drain = drain;
    this.problems = problems;
  }

  void register(@Observes Filters filters) {
    filters.register(this::admit, PRIORITY);
  }

  private void admit(RoutingContext http) {
    Optional<Drain.Live> live = drain.begin();
    if (live.isPresent()) {
      http.addEndHandler(_ -> live.get().close());
      http.next();
      return;
    }
    Problem problem = Problem.of(new Refusal.Unavailable(drain.refusal().message()));
    http.response()
        .setStatusCode(problem.status())
        .putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
        .putHeader(HttpHeaders.RETRY_AFTER, Integer.toString(Problems.RETRY_SECONDS))
        .putHeader("connection", "close")
        .end(Buffer.buffer(problems.bytes(problem)));
  }
}
