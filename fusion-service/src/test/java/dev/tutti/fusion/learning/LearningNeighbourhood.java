package dev.tutti.fusion.learning;

import dev.tutti.deploy.PostgresTestResource;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.testing.ScriptedGeneration;
import dev.tutti.learning.testing.Gate;
import dev.tutti.learning.testing.ScriptedDatasets;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whom fusion-service learns from, by script, and a PostgreSQL behind a gate. */
public final class LearningNeighbourhood implements QuarkusTestResourceLifecycleManager {

  static final ScriptedDatasets DATASETS = new ScriptedDatasets();

  /** What each model says. */
  static final Map<String, String> SAYS = new ConcurrentHashMap<>();

  static Gate database;

  private PostgresTestResource postgres;
  private Server registry;

  @Override
  public Map<String, String> start() {
    postgres = new PostgresTestResource();
    String url = postgres.start().get("quarkus.datasource.jdbc.url");
    Matcher port = Pattern.compile(":(\\d+)/").matcher(url);
    if (!port.find()) {
      throw new IllegalStateException(url);
    }
    database = new Gate(Integer.parseInt(port.group(1)));
    database.open();
    try {
      registry =
          NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
              .addService(DATASETS)
              .build()
              .start();
      return Map.of(
          "quarkus.datasource.jdbc.url",
          url.replaceFirst("//[^/]*/", "//127.0.0.1:%d/".formatted(database.port())),
          "quarkus.grpc.clients.registry.test-port",
          Integer.toString(registry.getPort()),
          "tutti.fusion.snapshot",
          Files.createTempDirectory(Path.of("target"), "fusion")
              .resolve("snapshot.bin")
              .toAbsolutePath()
              .toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The decoder. */
  static void answer(GenerateRequest request, EventSink<GenerateResponse> sink) {
    String name = request.getMember().getModel();
    String text = SAYS.get(name);
    sink.emit(ScriptedGeneration.delta(text));
    sink.emit(ScriptedGeneration.completion(name, text).build());
  }

  @Override
  public void stop() {
    registry.shutdownNow();
    database.close();
    postgres.stop();
  }
}
