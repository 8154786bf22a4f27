package dev.tutti.router.api.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.Deadlines;
import dev.tutti.kit.grpc.Drain;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.router.access.EndUser;
import io.grpc.Context;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The gRPC context of a REST call: everything that is called while it is open ends when the client
 * leaves, and at the latest after {@value Deadlines#SETTING}. To be opened and closed by the thread
 * that works.
 */
final class RestCall implements AutoCloseable {

  static final ScheduledThreadPoolExecutor CLOCK = Deadlines.clock("rest-deadlines");

  private final Context.CancellableContext context;
  private final Context before;
  private final RoutingContext http;

  private RestCall(Context.CancellableContext context, RoutingContext http) {
    this.http = http;
    this.context = context;
    this.before = context.attach();
  }

  /** The call of a request. */
  static RestCall open(RoutingContext http) {
    return open(http, Optional.empty());
  }

  /**
   * The same.
   *
   * @param fields of the request, which may say for whom it is asked: a {@code user} that is no
   *     text is nobody's name, and for the endpoint to judge where the body is handed on
   */
  static RestCall open(RoutingContext http, JsonFields fields) {
    return open(http, fields.node("user").filter(JsonNode::isTextual).map(JsonNode::textValue));
  }

  private static RestCall open(RoutingContext http, Optional<String> user) {
    Context.CancellableContext context =
        EndUser.in(Context.current(), user)
            .withDeadlineAfter(Deadlines.longest().toMillis(), TimeUnit.MILLISECONDS, CLOCK);
    http.addEndHandler(end -> context.cancel(end.succeeded() ? null : new CancelledException()));
    if (http.response().closed()) {
      context.cancel(new CancelledException());
    }
    DrainFilter.live(http)
        .ifPresent(live -> live.whenCut(() -> context.cancel(new CancelledException())));
    return new RestCall(context, http);
  }

  /** Whether the client left, or its time is over. */
  boolean isOver() {
    return context.isCancelled();
  }

  private boolean isTimedOut() {
    return context.isCancelled() && context.getDeadline().isExpired() && !http.response().closed();
  }

  /**
   * Why it ended, where it was neither the client's doing nor its answer's end.
   *
   * @param name who was to answer
   */
  Optional<Failure> ownEnd(String name) {
    Optional<Failure> cut = DrainFilter.live(http).flatMap(Drain.Live::failure);
    return cut.isEmpty() && isTimedOut() ? Optional.of(timedOut(name)) : cut;
  }

  private static Failure timedOut(String name) {
    return new Failure.DeadlineExceeded(
        "DEADLINE_EXCEEDED",
        "'%s' gave no whole answer within the %s that this service allows (%s)."
            .formatted(name, Deadlines.shown(Deadlines.longest()), Deadlines.SETTING));
  }

  /** Runs something once the call is over, on whatever thread ends it. */
  void whenOver(Runnable action) {
    context.addListener(_ -> action.run(), Runnable::run);
  }

  @Override
  public void close() {
    context.detach(before);
    context.cancel(null);
  }
}
