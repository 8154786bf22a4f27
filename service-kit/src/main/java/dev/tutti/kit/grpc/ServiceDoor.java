package dev.tutti.kit.grpc;

import dev.tutti.kit.connection.KeyRule;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GlobalInterceptor;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Lets in other services of this platform only, by their {@link ServiceToken}: at the gRPC of a
 * service for services ({@code tutti.grpc.services-only}), where another machine reaches it, or
 * {@code TUTTI_KEYS} says so. On this machine's own address whoever reaches it is let in.
 */
@GlobalInterceptor
@ApplicationScoped
class ServiceDoor implements ServerInterceptor {

  private static final String OURS = "tutti.";

  private final ServiceToken token;
  private final boolean closed;

  ServiceDoor(
      ServiceToken token,
      @ConfigProperty(name = "tutti.grpc.services-only") boolean servicesOnly,
      @ConfigProperty(name = "tutti.keys") Optional<String> setting,
      @ConfigProperty(name = "quarkus.grpc.server.host") String host) {
    this.token = token;
    this.closed = KeyRule.of(setting, host).required() && servicesOnly;
  }

  /** Where nobody could come in, it does not start. */
  void start(@Observes StartupEvent event) {
    if (closed && !token.isThere()) {
      throw new IllegalStateException(
          "This service's gRPC is for services of this platform only, by TUTTI_KEYS or since other machines reach it, "
              + "and there is nothing by which it knows them: set TUTTI_SERVICE_TOKEN, the same for all.");
    }
  }

  @Override
  public <Q, P> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, P> call, Metadata headers, ServerCallHandler<Q, P> next) {
    String service = call.getMethodDescriptor().getServiceName();
    // Health is anybody's; reflection is there on this machine's own address only.
    boolean ours = service != null && service.startsWith(OURS);
    if (!closed || !ours || token.isOurs(headers.get(ServiceToken.KEY))) {
      return next.startCall(call, headers);
    }
    StatusRuntimeException told =
        FailureStatus.toStatus(
            new Failure.Unauthenticated(
                    "SERVICE_TOKEN_REQUIRED",
                    "Services of this platform only are let in here: %s is absent or another."
                        .formatted(ServiceToken.HEADER))
                .exception());
    call.close(told.getStatus(), told.getTrailers());
    return new ServerCall.Listener<>() {};
  }
}
