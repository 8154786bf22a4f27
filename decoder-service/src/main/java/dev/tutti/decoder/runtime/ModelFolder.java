package dev.tutti.decoder.runtime;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * The files of one model, as Hugging Face's optimum exports them: {@code model.onnx} (with {@code
 * model.onnx_data} where it is large), {@code tokenizer.json}, {@code config.json}, and where there
 * are {@code tokenizer_config.json}, {@code generation_config.json}, {@code chat_template.jinja}.
 *
 * @param path the folder
 */
public record ModelFolder(Path path) {

  /** The graph. */
  public static final String GRAPH = "model.onnx";

  /** The tokenizer. */
  public static final String TOKENIZER = "tokenizer.json";

  /** The model's shape and special tokens. */
  public static final String CONFIG = "config.json";

  /** The tokenizer's special tokens and the chat template. */
  public static final String TOKENIZER_CONFIG = "tokenizer_config.json";

  /** More end tokens. */
  public static final String GENERATION_CONFIG = "generation_config.json";

  /** The chat template, where it has a file of its own. */
  public static final String CHAT_TEMPLATE = "chat_template.jinja";

  private static final List<String> ALL =
      List.of(
          CHAT_TEMPLATE,
          CONFIG,
          GENERATION_CONFIG,
          GRAPH,
          GRAPH + "_data",
          TOKENIZER,
          TOKENIZER_CONFIG);

  private static final List<String> OF_TOKENS =
      List.of(CHAT_TEMPLATE, CONFIG, GENERATION_CONFIG, TOKENIZER, TOKENIZER_CONFIG);

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * The folder at a location below the models' folder.
   *
   * @param root the models' folder
   * @param location path relative to it
   * @throws ModelLoadException when it lies elsewhere, or a file that every model needs is missing
   */
  public static ModelFolder below(Path root, String location) {
    Path folder;
    try {
      Path given = Path.of(location);
      Path inside = root.resolve(given).normalize();
      if (location.isBlank() || given.isAbsolute() || !inside.startsWith(root.normalize())) {
        throw outside(location);
      }
      if (!Files.isDirectory(inside)) {
        throw new ModelLoadException(
            "There is no folder '%s' below the models folder.".formatted(location));
      }
      folder = inside.toRealPath();
      // No link on the way either: where it leads today is not where it leads tomorrow.
      if (!folder.equals(root.toRealPath().resolve(root.normalize().relativize(inside)))) {
        throw outside(location);
      }
    } catch (InvalidPathException | IOException e) {
      throw new ModelLoadException("The location '%s' cannot be read.".formatted(location), e);
    }
    for (String file : ALL) {
      requireOwn(folder.resolve(file), location);
    }
    for (String file : List.of(GRAPH, TOKENIZER, CONFIG)) {
      if (!Files.isRegularFile(folder.resolve(file))) {
        throw new ModelLoadException("%s lacks %s.".formatted(location, file));
      }
    }
    return new ModelFolder(folder);
  }

  /** A link in it could show any file of this machine, in errors and in answers. */
  private static void requireOwn(Path file, String location) {
    if (Files.isSymbolicLink(file)) {
      throw new ModelLoadException(
          "%s of %s is a symbolic link, and links are not followed."
              .formatted(file.getFileName(), location));
    }
  }

  private static ModelLoadException outside(String location) {
    return new ModelLoadException(
        "The location '%s' is no path below the models folder.".formatted(location));
  }

  /** Where one of its files is. */
  public Path file(String name) {
    return path.resolve(name);
  }

  /**
   * One of its JSON files; an empty object where it does not exist.
   *
   * @throws ModelLoadException when it is no JSON object
   */
  public JsonNode json(String name) {
    Path file = file(name);
    if (!Files.isRegularFile(file)) {
      return JsonNodeFactory.instance.objectNode();
    }
    try {
      JsonNode node = JSON.readTree(file.toFile());
      if (!node.isObject()) {
        throw new ModelLoadException(name + " holds no JSON object.");
      }
      return node;
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      String place =
          at == null ? "" : ", line %d column %d".formatted(at.getLineNr(), at.getColumnNr());
      throw new ModelLoadException("%s is not valid JSON%s.".formatted(name, place), e);
    } catch (IOException e) {
      throw new ModelLoadException(name + " cannot be read.", e);
    }
  }

  /** Bytes of all its files together. */
  public long bytes() {
    return existing()
        .mapToLong(
            file -> {
              try {
                return Files.size(file);
              } catch (IOException e) {
                throw new ModelLoadException(file.getFileName() + " cannot be read.", e);
              }
            })
        .sum();
  }

  /**
   * SHA-256 over its files in the order of their names: of each its name, a zero byte, its length
   * as eight bytes (big-endian) and its content.
   *
   * @return lower-case hexadecimal
   */
  public String sha256() {
    return sha256(existing().toList());
  }

  /**
   * The files that say how its text and its tokens belong together, in the order of their names.
   */
  public List<Path> tokenFiles() {
    return OF_TOKENS.stream().map(this::file).filter(Files::isRegularFile).toList();
  }

  /** Whether a file of this name is one of {@link #tokenFiles}. */
  public static boolean isTokenFile(String name) {
    return OF_TOKENS.contains(name);
  }

  /** SHA-256 over {@link #tokenFiles}, as {@link #sha256} is over all. */
  public String tokensSha256() {
    return sha256(tokenFiles());
  }

  private String sha256(List<Path> files) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Path file : files) {
        digest.update(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(Files.size(file)).array());
        try (var in = new DigestInputStream(Files.newInputStream(file), digest)) {
          in.transferTo(java.io.OutputStream.nullOutputStream());
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw new ModelLoadException("The files of " + path.getFileName() + " cannot be read.", e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  /**
   * About the number of parameters of the graph; weights that lie in {@code model.onnx_data} count
   * too.
   */
  public long parameters() {
    return ParameterCount.of(file(GRAPH));
  }

  private Stream<Path> existing() {
    return ALL.stream().map(this::file).filter(Files::isRegularFile);
  }
}
