package dev.tutti.router.api.openai;

import dev.tutti.kit.grpc.Drain;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Optional;

/** The {@link Drain} of REST. */
@ApplicationScoped
class DrainFilter {

  /** After whatever every answer carries, before what looks at the request. */
  private static final int PRIORITY = 1_500;

  private static final String LIVE = "tutti-live";

  private final Drain drain;

  DrainFilter(Drain drain) {
    this.drain = drain;
  }

  void register(@Observes Filters filters) {
    filters.register(this::admit, PRIORITY);
  }

  /** A request that was admitted. */
  static Optional<Drain.Live> live(RoutingContext http) {
    return Optional.ofNullable(http.get(LIVE));
  }

  private void admit(RoutingContext http) {
    Optional<Drain.Live> live = drain.begin();
    if (live.isEmpty()) {
      Errors.answer(http, ApiError.of(drain.refusal()));
      return;
    }
    http.put(LIVE, live.get());
    http.addEndHandler(_ -> live.get().close());
    http.next();
  }
}
