package dev.tutti.registry.neighbour;

import io.grpc.Channel;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** A service that the registry asks. All it is asked may be asked twice. */
final class Neighbour {

  private static final Duration RECONNECT = Duration.ofSeconds(1);

  private final String service;
  private final Channel channel;

  /**
   * A service.
   *
   * @param service for messages, e.g. "decoder-service"
   * @param channel to it
   */
  Neighbour(String service, Channel channel) {
    this.service = service;
    this.channel = channel;
  }

  String service() {
    return service;
  }

  /**
   * Asks it. A channel that failed waits up to two minutes before it tries to connect again, and
   * refuses calls meanwhile; a service that is back must not be taken for lost that long.
   *
   * @throws StatusRuntimeException as the call does
   */
  <T> T ask(Function<Channel, T> call) {
    try {
      return call.apply(channel);
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() != Status.Code.UNAVAILABLE || !reconnects()) {
        throw e;
      }
      return call.apply(channel);
    }
  }

  private boolean reconnects() {
    if (!(channel instanceof ManagedChannel managed)) {
      return false;
    }
    managed.resetConnectBackoff();
    long end = System.nanoTime() + RECONNECT.toNanos();
    ConnectivityState state = managed.getState(true);
    while (state != ConnectivityState.READY && System.nanoTime() < end) {
      var changed = new CompletableFuture<Void>();
      managed.notifyWhenStateChanged(state, () -> changed.complete(null));
      try {
        changed.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      } catch (ExecutionException | TimeoutException e) {
        return false;
      }
      ConnectivityState before = state;
      state = managed.getState(true);
      if (before == ConnectivityState.CONNECTING && state == ConnectivityState.TRANSIENT_FAILURE) {
        return false;
      }
    }
    return state == ConnectivityState.READY;
  }
}
