package dev.tutti.router.api.openai;

import dev.tutti.router.access.Caller;
import dev.tutti.router.access.FrontDoor;
import dev.tutti.router.access.Needs;
import dev.tutti.router.limit.Limits;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.Priority;
import jakarta.interceptor.AroundInvoke;
import jakarta.interceptor.Interceptor;
import jakarta.interceptor.InvocationContext;

/**
 * Asks for a key before a resource's method runs, and lets it run for whose key that is. By then
 * the path was read and has led somewhere: how it was spelt changes nothing.
 */
@Needs
@Interceptor
@Priority(Interceptor.Priority.APPLICATION)
class KeyCheck {

  /** That a key has spent as much as somebody wants to hear of. */
  static final String WARNING = "x-tutti-budget-warning";

  private final FrontDoor door;
  private final Limits limits;
  private final CurrentVertxRequest current;

  KeyCheck(FrontDoor door, Limits limits, CurrentVertxRequest current) {
    this.limits = limits;
    this.door = door;
    this.current = current;
  }

  @AroundInvoke
  Object check(InvocationContext method) throws Exception {
    HttpServerRequest request = current.getCurrent().request();
    Caller caller =
        door.admit(
            request.getHeader("authorization"),
            request.getHeader("x-api-key"),
            method.getMethod().getAnnotation(Needs.class).value());
    return caller.call(
        () -> {
          limits
              .warning()
              .ifPresent(its -> current.getCurrent().response().putHeader(WARNING, its));
          return method.proceed();
        });
  }
}
