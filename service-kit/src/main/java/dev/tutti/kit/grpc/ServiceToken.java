package dev.tutti.kit.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.quarkus.grpc.GlobalInterceptor;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * By what the services of a platform know each other: a text of at least 32 characters that all of
 * them have from {@code TUTTI_SERVICE_TOKEN}. Every call of one of them says it, where there is
 * one.
 */
@GlobalInterceptor
@ApplicationScoped
public class ServiceToken implements ClientInterceptor {

  /** Header that says it. */
  public static final String HEADER = "tutti-service-token";

  /** The same for gRPC. */
  public static final Metadata.Key<String> KEY =
      Metadata.Key.of(HEADER, Metadata.ASCII_STRING_MARSHALLER);

  private static final int SHORTEST = 32;

  private final Optional<String> token;

  ServiceToken(@ConfigProperty(name = "tutti.service-token") Optional<String> setting) {
    token = setting.map(String::strip).filter(its -> !its.isEmpty());
    if (token.isPresent()
        && (token.get().length() < SHORTEST
            || token.get().chars().anyMatch(c -> c <= ' ' || c > '~'))) {
      throw new IllegalArgumentException(
          "TUTTI_SERVICE_TOKEN must have at least %d printable ASCII characters without spaces."
              .formatted(SHORTEST));
    }
  }

  /** Whether there is one. */
  public boolean isThere() {
    return token.isPresent();
  }

  /**
   * Whether this is what services of this platform say; how long that takes tells nothing.
   *
   * @param said null where nothing was
   */
  public boolean isOurs(String said) {
    return token.isPresent()
        && said != null
        && MessageDigest.isEqual(
            token.get().getBytes(StandardCharsets.UTF_8), said.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public <Q, P> ClientCall<Q, P> interceptCall(
      MethodDescriptor<Q, P> method, CallOptions options, Channel next) {
    ClientCall<Q, P> call = next.newCall(method, options);
    if (token.isEmpty()) {
      return call;
    }
    return new SimpleForwardingClientCall<>(call) {
      @Override
      public void start(Listener<P> listener, Metadata headers) {
        headers.put(KEY, token.get());
        super.start(listener, headers);
      }
    };
  }
}
