package dev.tutti.registry.testing;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A registry of its own that came with a key. */
public final class WithKeys implements QuarkusTestProfile {

  /** The key. */
  public static final String ADMIN = "tk-0123456789abcdefghijABCDEFGHIJ-_0123456789a";

  @Override
  public Map<String, String> getConfigOverrides() {
    try {
      Path file = Files.createTempFile("admin", ".key");
      file.toFile().deleteOnExit();
      Files.writeString(file, ADMIN + "\n");
      return Map.of("tutti.registry.admin-key-file", file.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public List<TestResourceEntry> testResources() {
    return List.of(new TestResourceEntry(RegistryTestResource.class));
  }
}
