package dev.tutti.kit.testing;

import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.kit.grpc.EventSink;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * Tells a service under test, before it starts, on which free ports its gRPC neighbours will be;
 * {@link #start} then plays one of them there. The neighbours are named by the argument {@code
 * clients}, e.g. {@code decoder,router}.
 */
public final class NeighbourPorts implements QuarkusTestResourceLifecycleManager {

  private static final String PORT = "quarkus.grpc.clients.%s.port";

  private String[] clients = {};

  @Override
  public void init(Map<String, String> arguments) {
    clients = arguments.get("clients").split(",");
  }

  @Override
  public Map<String, String> start() {
    var settings = new HashMap<String, String>();
    for (String client : clients) {
      settings.put(PORT.formatted(client), Integer.toString(freePort()));
    }
    return settings;
  }

  @Override
  public void stop() {}

  /** Plays a neighbour, on the port that the service was told. */
  public static ScriptedGeneration start(
      String client, BiConsumer<GenerateRequest, EventSink<GenerateResponse>> script) {
    int port = ConfigProvider.getConfig().getValue(PORT.formatted(client), Integer.class);
    return new ScriptedGeneration(port, script);
  }

  private static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
