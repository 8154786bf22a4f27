package dev.tutti.kit.testing;

import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.kit.grpc.EventSink;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * Tells a service under test, before it starts, on which free ports it and its gRPC neighbours will
 * be; {@link #start} then plays one of them there, {@link #service} reaches the service. The
 * neighbours are named by the argument {@code clients}, e.g. {@code decoder,router}.
 */
public final class NeighbourPorts implements QuarkusTestResourceLifecycleManager {

  // In tests Quarkus reads test-port, and without it calls the service itself; port means nothing.
  private static final String PORT = "quarkus.grpc.clients.%s.test-port";

  private static final String OWN_PORT = "quarkus.grpc.server.test-port";

  private String[] clients = {};

  @Override
  public void init(Map<String, String> arguments) {
    clients = arguments.get("clients").split(",");
  }

  @Override
  public Map<String, String> start() {
    var settings = new HashMap<String, String>();
    for (String client : clients) {
      settings.put(PORT.formatted(client), Integer.toString(FreePort.find()));
    }
    settings.put(OWN_PORT, Integer.toString(FreePort.find()));
    return settings;
  }

  @Override
  public void stop() {}

  /** Plays a neighbour, on the port that the service was told. */
  public static ScriptedGeneration start(
      String client, BiConsumer<GenerateRequest, EventSink<GenerateResponse>> script) {
    return new ScriptedGeneration(clientPort(client), script);
  }

  /** The port at which the service looks for a neighbour. */
  public static int clientPort(String client) {
    return port(PORT.formatted(client));
  }

  /** A connection to the service under test. */
  public static ManagedChannel service() {
    return ManagedChannelBuilder.forAddress("127.0.0.1", servicePort()).usePlaintext().build();
  }

  /** The gRPC port of the service under test. */
  public static int servicePort() {
    return port(OWN_PORT);
  }

  private static int port(String setting) {
    return ConfigProvider.getConfig().getValue(setting, Integer.class);
  }
}
