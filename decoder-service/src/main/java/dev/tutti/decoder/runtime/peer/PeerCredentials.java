package dev.tutti.decoder.runtime.peer;

import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.TlsChannelCredentials;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.util.Optional;

/** How the connections to other decoders are secured. */
public final class PeerCredentials {

  private PeerCredentials() {}

  /**
   * Those of a configuration of Quarkus's TLS registry.
   *
   * @param name of the configuration; empty for plain text
   * @throws IllegalArgumentException where there is none of this name, or its files are no
   *     certificates
   */
  public static ChannelCredentials of(
      Optional<String> name, TlsConfigurationRegistry registry, Vertx vertx) {
    if (name.isEmpty()) {
      return InsecureChannelCredentials.create();
    }
    TlsConfiguration tls =
        registry
            .get(name.get())
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "tutti.decoder.peer-tls is '%s'; there is no TLS configuration of this name (quarkus.tls.%s...)."
                            .formatted(name.get(), name.get())));
    return of(
        Optional.ofNullable(tls.getKeyStoreOptions()),
        Optional.ofNullable(tls.getTrustStoreOptions()),
        vertx);
  }

  /**
   * TLS; the host's name is checked.
   *
   * @param own certificate and key that are shown to who asks for them; empty for none
   * @param trusted who signs the others' certificates; empty for those whom the JDK trusts
   */
  static ChannelCredentials of(
      Optional<KeyCertOptions> own, Optional<TrustOptions> trusted, Vertx vertx) {
    var credentials = TlsChannelCredentials.newBuilder();
    try {
      if (own.isPresent()) {
        credentials.keyManager(own.get().getKeyManagerFactory(vertx).getKeyManagers());
      }
      if (trusted.isPresent()) {
        credentials.trustManager(trusted.get().getTrustManagerFactory(vertx).getTrustManagers());
      }
    } catch (Exception e) {
      throw new IllegalArgumentException("tutti.decoder.peer-tls: " + e.getMessage(), e);
    }
    return credentials.build();
  }
}
