package dev.tutti.kit.connection;

import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * Settings that are on while only this machine can reach the service, unless somebody says
 * otherwise.
 */
public final class LoopbackDefaults implements ConfigSourceFactory {

  /** Above what Quarkus keeps from the build, below every file. */
  private static final int ORDINAL = 50;

  @Override
  public Iterable<ConfigSource> getConfigSources(ConfigSourceContext settings) {
    ConfigValue host = settings.getValue("quarkus.grpc.server.host");
    boolean alone = host != null && host.getValue() != null && HostRule.isLoopback(host.getValue());
    return List.of(
        new PropertiesConfigSource(
            Map.of("quarkus.grpc.server.enable-reflection-service", Boolean.toString(alone)),
            "where the service listens",
            ORDINAL));
  }
}
