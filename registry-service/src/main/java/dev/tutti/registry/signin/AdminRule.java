package dev.tutti.registry.signin;

import dev.tutti.kit.connection.KeyRule;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Whether what is an administrator's asks everybody who they are from the first moment: where
 * {@code TUTTI_KEYS} says so, another machine reaches the registry, or an OpenID provider is
 * configured. Whoever names a provider wants to know who does what.
 */
@Singleton
public class AdminRule {

  private final boolean required;

  AdminRule(
      @ConfigProperty(name = "tutti.keys") Optional<String> setting,
      @ConfigProperty(name = "quarkus.http.host") String host,
      @ConfigProperty(name = "quarkus.grpc.server.host") String grpc,
      OidcSignIn oidc) {
    this.required = KeyRule.of(setting, host, grpc).required() || oidc.isOffered();
  }

  /** Whether it does. */
  public boolean isRequired() {
    return required;
  }
}
