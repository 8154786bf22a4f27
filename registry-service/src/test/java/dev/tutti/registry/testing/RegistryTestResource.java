package dev.tutti.registry.testing;

import dev.tutti.deploy.PostgresTestResource;
import dev.tutti.kit.testing.FreePort;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Starts a database and tells the registry under test on which ports it, its neighbours and the way
 * to its database will be; {@link Surroundings} opens them.
 */
public final class RegistryTestResource implements QuarkusTestResourceLifecycleManager {

  static final String DATABASE = "tutti.test.database";
  static final String PROXY_PORT = "tutti.test.proxy-port";
  static final String HTTP_PORT = "quarkus.http.test-port";
  static final String MANAGEMENT_PORT = "quarkus.management.test-port";
  static final String GRPC_PORT = "quarkus.grpc.server.test-port";

  private static final String URL = "quarkus.datasource.jdbc.url";

  private final PostgresTestResource database = new PostgresTestResource();

  static String clientPort(String client) {
    // In tests Quarkus takes this one, and its own server where it is absent.
    return "quarkus.grpc.clients.%s.test-port".formatted(client);
  }

  @Override
  public Map<String, String> start() {
    String url = database.start().get(URL);
    int proxy = FreePort.find();
    var settings = new HashMap<String, String>();
    settings.put(DATABASE, url);
    settings.put(PROXY_PORT, Integer.toString(proxy));
    settings.put(URL, url.replaceFirst("//[^/]+/", "//127.0.0.1:" + proxy + "/"));
    settings.put(HTTP_PORT, Integer.toString(FreePort.find()));
    settings.put(MANAGEMENT_PORT, Integer.toString(FreePort.find()));
    settings.put(GRPC_PORT, Integer.toString(FreePort.find()));
    List.of("router", "decoder", "fusion", "cascade")
        .forEach(client -> settings.put(clientPort(client), Integer.toString(FreePort.find())));
    settings.put("tutti.registry.poll", "100ms");
    settings.put("tutti.registry.webhooks.look", "50ms");
    settings.put("tutti.registry.webhooks.first-pause", "100ms");
    settings.put("tutti.registry.sign-in.bcrypt-cost", "4");
    settings.put("tutti.registry.jobs.lease", "2s");
    settings.put("tutti.registry.imports.largest", Integer.toString(32 << 20));
    settings.put("tutti.registry.playground.at-once", "4");
    return settings;
  }

  @Override
  public void stop() {
    database.stop();
  }
}
