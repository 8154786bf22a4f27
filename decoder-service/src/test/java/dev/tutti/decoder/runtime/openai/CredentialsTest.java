package dev.tutti.decoder.runtime.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tutti.kit.grpc.FailureException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialsTest {

  private static final String KEY = "sk-never-shown";

  @TempDir Path folder;

  private final Map<String, String> environment = new HashMap<>();
  private final AtomicLong now = new AtomicLong();
  private Credentials credentials;

  private record Keys(String envPrefix, Optional<Path> filesDir, Optional<Path> secretsDir)
      implements EndpointConfig.Keys {}

  @BeforeEach
  void keys() throws IOException {
    Path files = Files.createDirectory(folder.resolve("files"));
    Path secrets = Files.createDirectories(folder.resolve("secrets/vendor")).getParent();
    Files.writeString(files.resolve("vendor"), KEY + "\n");
    Files.writeString(secrets.resolve("vendor/api-key"), KEY);
    Files.writeString(folder.resolve("outside"), KEY);
    Files.createSymbolicLink(files.resolve("link"), folder.resolve("outside"));
    environment.put("TUTTI_CREDENTIAL_A", " " + KEY + " ");
    environment.put("TUTTI_CREDENTIAL_BROKEN", "two\nlines");
    environment.put("DATABASE_PASSWORD", KEY);
    credentials =
        new Credentials(
            new Keys("TUTTI_CREDENTIAL_", Optional.of(files), Optional.of(secrets)),
            environment::get,
            now::get);
  }

  @ParameterizedTest
  @ValueSource(strings = {"env:TUTTI_CREDENTIAL_A", "file:vendor", "secret:vendor/api-key"})
  void aReferenceLeadsToTheKey(String reference) {
    assertEquals("Bearer " + KEY, credentials.find(reference).bearer());
    assertFalse(credentials.find(reference).toString().contains(KEY));
  }

  @Test
  void aRotatedKeyIsFoundSoon() throws IOException {
    credentials.find("file:vendor");
    Files.writeString(folder.resolve("files/vendor"), "sk-new");
    assertEquals("Bearer " + KEY, credentials.find("file:vendor").bearer());
    now.addAndGet(6_000_000_000L);
    assertEquals("Bearer sk-new", credentials.find("file:vendor").bearer());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        KEY,
        "env:DATABASE_PASSWORD",
        "env:TUTTI_CREDENTIAL_MISSING",
        "env:TUTTI_CREDENTIAL_BROKEN",
        "file:../outside",
        "file:link",
        "file:/etc/hostname",
        "file:.",
        "file:",
        "file:missing",
        "secret:../files/vendor",
        "secret:vendor",
        "vault:x"
      })
  void everythingElseIsRefusedWithoutBeingShown(String reference) {
    var refused = assertThrows(FailureException.class, () -> credentials.find(reference));
    assertEquals("CREDENTIAL_MISSING", refused.failure().reason());
    assertFalse(refused.getMessage().contains(KEY), refused.getMessage());
    assertFalse(refused.getMessage().contains(folder.toString()), refused.getMessage());
  }
}
