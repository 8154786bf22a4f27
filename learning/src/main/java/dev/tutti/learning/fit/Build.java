package dev.tutti.learning.fit;

import dev.tutti.learning.Artifact.Origin;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.Properties;

/** Which build of this program it is, as the build itself noted it. */
final class Build {

  private static final String NAME = read();

  private Build() {}

  /** What fits note of it, and of what embedded for them. */
  static Origin origin(Optional<Embedder.Model> model) {
    return new Origin(
        model.map(Embedder.Model::name).orElse(""),
        model.map(Embedder.Model::sha256).orElse(""),
        NAME,
        Runtime.version().toString());
  }

  private static String read() {
    try (InputStream file = Build.class.getResourceAsStream("build.properties")) {
      var properties = new Properties();
      properties.load(file);
      return properties.getProperty("build");
    } catch (IOException e) {
      throw new UncheckedIOException("The build's own name cannot be read", e);
    }
  }
}
