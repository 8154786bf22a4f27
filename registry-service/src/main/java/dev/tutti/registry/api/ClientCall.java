package dev.tutti.registry.api;

import dev.tutti.kit.grpc.CancelledException;
import io.grpc.Context;
import io.vertx.ext.web.RoutingContext;

/**
 * The gRPC context of a REST call that has a service do something: what is called while it is open
 * ends when the client leaves. To be opened and closed by the thread that works.
 */
public final class ClientCall implements AutoCloseable {

  private final Context.CancellableContext context = Context.current().withCancellation();
  private final Context before;

  /** Opens that of a request. */
  public ClientCall(RoutingContext http) {
    http.addEndHandler(end -> context.cancel(end.succeeded() ? null : new CancelledException()));
    if (http.response().closed()) {
      context.cancel(new CancelledException());
    }
    before = context.attach();
  }

  @Override
  public void close() {
    context.detach(before);
    context.cancel(null);
  }
}
