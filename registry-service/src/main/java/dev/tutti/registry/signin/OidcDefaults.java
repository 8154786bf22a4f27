package dev.tutti.registry.signin;

import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.spi.ConfigSource;

/** Quarkus does not start with a provider that has no address, so without one there is none. */
public final class OidcDefaults implements ConfigSourceFactory {

  /** Below every file. */
  private static final int ORDINAL = 50;

  @Override
  public Iterable<ConfigSource> getConfigSources(ConfigSourceContext settings) {
    ConfigValue url = settings.getValue("quarkus.oidc.auth-server-url");
    boolean named = url != null && url.getValue() != null && !url.getValue().isBlank();
    return List.of(
        new PropertiesConfigSource(
            Map.of("quarkus.oidc.tenant-enabled", Boolean.toString(named)),
            "whether there is an OpenID provider",
            ORDINAL));
  }
}
