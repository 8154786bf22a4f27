package dev.tutti.kit.grpc;

import io.grpc.Channel;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import java.time.Duration;
import java.util.List;

/**
 * Lets a service that is back be called at once. A gRPC channel whose connection failed waits ever
 * longer, up to two minutes, before it tries again, and refuses every call meanwhile; no setting of
 * it bounds that wait. So once a second the wait of every failed channel of this service is cut
 * short. Calls still fail at once while the neighbour is away.
 */
@ApplicationScoped
class Reconnection {

  private static final Duration EVERY = Duration.ofSeconds(1);

  private volatile Thread thread;

  void start(@Observes StartupEvent event, @Any Instance<Channel> clients) {
    List<ManagedChannel> channels =
        clients.stream()
            .filter(ManagedChannel.class::isInstance)
            .map(ManagedChannel.class::cast)
            .toList();
    thread =
        Thread.ofVirtual()
            .name("reconnection")
            .start(
                () -> {
                  try {
                    while (true) {
                      Thread.sleep(EVERY);
                      channels.forEach(Reconnection::reconnect);
                    }
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
  }

  void stop(@Observes ShutdownEvent event) {
    thread.interrupt();
  }

  static void reconnect(ManagedChannel channel) {
    if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      channel.resetConnectBackoff();
    }
  }
}
