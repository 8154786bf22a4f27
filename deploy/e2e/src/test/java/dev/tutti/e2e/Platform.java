package dev.tutti.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The five real processes, started once for all tests by {@code deploy/local/up} on free ports and
 * with data of their own, and stopped at the end by {@code deploy/local/down}.
 */
public final class Platform implements BeforeAllCallback, AutoCloseable {

  static final List<String> SERVICES =
      List.of("router", "decoder", "fusion", "cascade", "registry");

  /** A second decoder, where a test has {@code up} start one. */
  static final String SECOND_DECODER = "decoder-2";

  static final Path ROOT =
      Path.of(System.getProperty("tutti.root", "../..")).toAbsolutePath().normalize();
  static final Path HOME = ROOT.resolve("deploy/e2e/target/tutti");

  /** A copy of the starter models, so that tests can put broken ones beside them. */
  static final Path MODELS = HOME.resolve("models");

  static final int PORT = freeBase();

  private static ManagedChannel router;

  @Override
  public void beforeAll(ExtensionContext context) {
    context
        .getRoot()
        .getStore(ExtensionContext.Namespace.GLOBAL)
        .computeIfAbsent(Platform.class.getName(), key -> start());
  }

  private Platform start() {
    deleteHome();
    copyModels();
    Run run = up(Map.of());
    System.out.println(run.output());
    assertEquals(0, run.status(), run.output());
    return this;
  }

  @Override
  public void close() {
    if (router != null) {
      router.shutdownNow();
    }
    Run run = script("down", Map.of());
    System.out.println(run.output());
  }

  /** What a script printed, how it ended, and how long it took. */
  record Run(int status, String output, double seconds) {}

  static Run up(Map<String, String> environment) {
    return script("up", environment);
  }

  static Run script(String name, Map<String, String> environment) {
    try {
      ProcessBuilder builder = new ProcessBuilder(ROOT.resolve("deploy/local/" + name).toString());
      // The platform under test is not the one that the developer runs.
      builder
          .environment()
          .keySet()
          .removeIf(k -> k.startsWith("TUTTI_") || k.startsWith("QUARKUS_"));
      builder.environment().put("TUTTI_HOME", HOME.toString());
      builder.environment().put("TUTTI_PORT", Integer.toString(PORT));
      builder.environment().put("TUTTI_DECODER_MODELS_DIR", MODELS.toString());
      builder
          .environment()
          .put("QUARKUS_OTEL_EXPORTER_OTLP_ENDPOINT", TraceCollector.INSTANCE.url());
      builder.environment().put("QUARKUS_OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
      // The endpoint of the tests listens here, and wants a key.
      builder.environment().put("TUTTI_DECODER_ENDPOINTS_ALLOWED_HOSTS", "127.0.0.1");
      builder.environment().put("TUTTI_CREDENTIAL_E2E", MockEndpoint.KEY);
      // Maven has built everything before this module.
      builder.environment().put("TUTTI_SKIP_BUILD", "1");
      builder.environment().putAll(environment);
      Path output = Files.createTempFile("tutti-" + name, ".out");
      builder.redirectErrorStream(true).redirectOutput(output.toFile());
      long start = System.nanoTime();
      Process process = builder.start();
      if (!process.waitFor(4, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new AssertionError(
            name + " did not end within 4 minutes: " + Files.readString(output));
      }
      String printed = Files.readString(output);
      Files.delete(output);
      return new Run(process.exitValue(), printed, (System.nanoTime() - start) / 1e9);
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  static String rest(String service) {
    return "http://127.0.0.1:" + (PORT + place(service));
  }

  /** Where a service's health and metrics are. */
  static String operators(String service) {
    return "http://127.0.0.1:" + (PORT + 2000 + place(service)) + "/q";
  }

  private static int place(String service) {
    return service.equals(SECOND_DECODER) ? SERVICES.size() : SERVICES.indexOf(service);
  }

  /** The channel to the router's gRPC. */
  static synchronized ManagedChannel grpc() {
    if (router == null) {
      router = ManagedChannelBuilder.forAddress("127.0.0.1", PORT + 1000).usePlaintext().build();
    }
    return router;
  }

  /** The process that `up` started as this service, or {@code postgres}. */
  static ProcessHandle process(String service) {
    try {
      long pid =
          Long.parseLong(Files.readAllLines(HOME.resolve("run/" + service + ".pid")).getFirst());
      return ProcessHandle.of(pid).orElseThrow(() -> new AssertionError(service + " does not run"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static int freeBase() {
    for (int base = 18080; base < 60000; base += 3000) {
      List<ServerSocket> sockets = new ArrayList<>();
      try {
        for (int i = 0; i <= SERVICES.size(); i++) {
          for (int above : new int[] {0, 1000, 2000}) {
            sockets.add(new ServerSocket(base + above + i, 1, InetAddress.getLoopbackAddress()));
          }
        }
        sockets.add(new ServerSocket(base + 352, 1, InetAddress.getLoopbackAddress()));
        return base;
      } catch (IOException e) {
        // Taken: the next block.
      } finally {
        for (ServerSocket socket : sockets) {
          try {
            socket.close();
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        }
      }
    }
    throw new AssertionError("no block of free ports");
  }

  private static void copyModels() {
    Path source = ROOT.resolve("starter-models/src/main/resources/tutti/starter");
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : files.toList()) {
        Path target = MODELS.resolve(source.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void deleteHome() {
    if (!Files.exists(HOME)) {
      return;
    }
    script("down", Map.of());
    try (Stream<Path> files = Files.walk(HOME)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
