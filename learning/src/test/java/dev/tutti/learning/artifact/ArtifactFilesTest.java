package dev.tutti.learning.artifact;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactFilesTest {

  @Test
  void aNameWithSlashesIsAFileInTheFolder(@TempDir Path folder) throws IOException {
    var files = new ArtifactFiles(folder);
    var slashes = new ArtifactFiles.Key("org/RouterBench:knn@v2", 3, false);
    var longest = new ArtifactFiles.Key("a/".repeat(63) + "bc", 999_999_999, true);
    files.replace(slashes, new byte[] {1});
    files.replace(longest, new byte[] {2});
    assertEquals(Set.of(slashes, longest), Set.copyOf(files.list()));
    assertArrayEquals(new byte[] {1}, files.read(slashes));
    files.retain(Set.of(slashes));
    try (var left = Files.list(folder)) {
      assertEquals(1, left.count());
    }
  }
}
