package dev.tutti.decoder.api;

import dev.tutti.deploy.PostgresTestResource;
import dev.tutti.learning.testing.Gate;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A PostgreSQL behind a gate, and a place for copies of what is active. */
public final class GatedPostgres implements QuarkusTestResourceLifecycleManager {

  static Gate gate;

  private final PostgresTestResource postgres = new PostgresTestResource();

  @Override
  public Map<String, String> start() {
    String url = postgres.start().get("quarkus.datasource.jdbc.url");
    Matcher port = Pattern.compile(":(\\d+)/").matcher(url);
    if (!port.find()) {
      throw new IllegalStateException(url);
    }
    gate = new Gate(Integer.parseInt(port.group(1)));
    gate.open();
    try {
      return Map.of(
          "quarkus.datasource.jdbc.url",
          url.replaceFirst("//[^/]*/", "//127.0.0.1:%d/".formatted(gate.port())),
          "tutti.decoder.snapshot-file",
          Files.createTempDirectory(Path.of("target"), "decoder")
              .resolve("snapshot.bin")
              .toAbsolutePath()
              .toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void stop() {
    gate.close();
    postgres.stop();
  }
}
