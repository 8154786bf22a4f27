package dev.tutti.learning.artifact;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Copies of what is active and in shadow, a file each, for a start without the database. They are a
 * cache: one that cannot be read is left aside, one that cannot be written is told in the log.
 */
final class ArtifactFiles {

  private static final Logger LOG = Logger.getLogger(ArtifactFiles.class);
  private static final Pattern FILE = Pattern.compile("(.+)@([0-9]{1,9})\\.(active|shadow)");

  private final Path folder;

  /** Files in this folder, which is made when the first is written. */
  ArtifactFiles(Path folder) {
    this.folder = folder;
  }

  /**
   * What a file is of.
   *
   * @param shadow whether it is in shadow; it is active otherwise
   */
  record Key(String name, int version, boolean shadow) {

    /** A plus is in no name, and a slash in none of a file. */
    private String file() {
      return "%s@%d.%s".formatted(name.replace('/', '+'), version, shadow ? "shadow" : "active");
    }
  }

  /** What files there are. */
  List<Key> list() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      var keys = new ArrayList<Key>();
      for (Path file : files.sorted().toList()) {
        Matcher name = FILE.matcher(file.getFileName().toString());
        if (name.matches()) {
          keys.add(
              new Key(
                  name.group(1).replace('+', '/'),
                  Integer.parseInt(name.group(2)),
                  name.group(3).equals("shadow")));
        }
      }
      return keys;
    } catch (IOException | UncheckedIOException e) {
      LOG.warnf("The kept artifacts in %s are unreadable: %s", folder, e.getMessage());
      return List.of();
    }
  }

  /** The content of a file. */
  byte[] read(Key key) throws IOException {
    return Files.readAllBytes(folder.resolve(key.file()));
  }

  /** Writes a file that is not there yet. */
  void keep(Key key, Supplier<byte[]> document) {
    if (!Files.exists(folder.resolve(key.file()))) {
      replace(key, document.get());
    }
  }

  /** Writes a file, there or not. */
  void replace(Key key, byte[] document) {
    Path file = folder.resolve(key.file());
    try {
      Files.createDirectories(folder);
      Path fresh = Files.createTempFile(folder, "artifact", ".tmp");
      Files.write(fresh, document);
      Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | UncheckedIOException e) {
      LOG.warnf("Artifact %s could not be kept in %s: %s", key.file(), folder, e.getMessage());
    }
  }

  /** Deletes the files of what is neither active nor in shadow any more. */
  void retain(Set<Key> keys) {
    var old = new HashSet<>(list());
    old.removeAll(keys);
    for (Key key : old) {
      try {
        Files.deleteIfExists(folder.resolve(key.file()));
      } catch (IOException e) {
        LOG.warnf("Artifact %s in %s could not be deleted: %s", key.file(), folder, e.getMessage());
      }
    }
  }
}
