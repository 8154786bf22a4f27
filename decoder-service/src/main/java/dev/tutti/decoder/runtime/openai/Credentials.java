package dev.tutti.decoder.runtime.openai;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Keys by reference. A reference reaches only what was set aside for keys: environment variables of
 * one prefix, files below one folder, secrets mounted below another. Keys are read when they are
 * used, at most every few seconds, so that a rotated one is found. Thread-safe.
 */
public final class Credentials {

  private static final Duration KEPT = Duration.ofSeconds(5);
  private static final int LONGEST = 4096;
  private static final Pattern KEY = Pattern.compile("[\\x21-\\x7E]{1," + LONGEST + "}");
  private static final Pattern VARIABLE = Pattern.compile("[A-Z][A-Z0-9_]{0,127}");
  private static final Pattern PATH = Pattern.compile("[A-Za-z0-9._/-]{1,512}");

  private final EndpointConfig.Keys config;
  private final UnaryOperator<String> environment;
  private final LongSupplier nanoTime;
  private final Map<String, Read> read = new ConcurrentHashMap<>();

  private record Read(Credential key, long at) {}

  /**
   * Keys from these places.
   *
   * @param environment value of a variable, or null
   * @param nanoTime as {@link System#nanoTime}
   */
  public Credentials(
      EndpointConfig.Keys config, UnaryOperator<String> environment, LongSupplier nanoTime) {
    this.config = config;
    this.environment = environment;
    this.nanoTime = nanoTime;
  }

  /**
   * The key behind a reference; none where that is empty.
   *
   * @throws FailureException ({@link Failure.FailedPrecondition}) when it is not allowed or not
   *     there
   */
  Credential find(String reference) {
    if (reference.isEmpty()) {
      return Credential.NONE;
    }
    Read known = read.get(reference);
    long now = nanoTime.getAsLong();
    if (known != null && now - known.at() < KEPT.toNanos()) {
      return known.key();
    }
    var fresh = new Read(readNow(reference), now);
    read.put(reference, fresh);
    return fresh.key();
  }

  private Credential readNow(String reference) {
    int colon = reference.indexOf(':');
    String kind = colon < 0 ? "" : reference.substring(0, colon);
    String name = reference.substring(colon + 1);
    String text =
        switch (kind) {
          case "env" -> variable(name);
          case "file" -> file(reference, config.filesDir().orElse(null), name);
          case "secret" -> file(reference, config.secretsDir().orElse(null), name);
          default ->
              throw refused(
                  "The credential is no reference: env:NAME, file:PATH or secret:NAME/KEY.");
        };
    if (!KEY.matcher(text).matches()) {
      throw refused(
          "What the credential '%s' names is no key: 1 to %d visible ASCII characters."
              .formatted(reference, LONGEST));
    }
    return new Credential(text);
  }

  private String variable(String name) {
    if (!VARIABLE.matcher(name).matches() || !name.startsWith(config.envPrefix())) {
      throw refused(
          "A credential may name environment variables that begin with '%s' only."
              .formatted(config.envPrefix()));
    }
    String value = environment.apply(name);
    if (value == null) {
      throw refused("The environment of this service has no '%s'.".formatted(name));
    }
    return value.strip();
  }

  private static String file(String reference, Path root, String name) {
    if (root == null) {
      throw refused(
          "This service follows no credential such as '%s': its folder is not configured."
              .formatted(reference));
    }
    Path inside = root.toAbsolutePath().normalize();
    Path file = PATH.matcher(name).matches() ? inside.resolve(name).normalize() : inside;
    if (name.startsWith("/") || file.equals(inside) || !file.startsWith(inside)) {
      throw refused("The credential '%s' is no path below its folder.".formatted(reference));
    }
    try {
      // Kubernetes mounts links, but into the same folder.
      if (!file.toRealPath().startsWith(inside.toRealPath())) {
        throw refused("The credential '%s' is no path below its folder.".formatted(reference));
      }
      try (InputStream in = Files.newInputStream(file)) {
        return new String(in.readNBytes(LONGEST + 1), StandardCharsets.US_ASCII).strip();
      }
    } catch (IOException e) {
      throw refused("The credential '%s' cannot be read.".formatted(reference));
    }
  }

  private static FailureException refused(String message) {
    return new Failure.FailedPrecondition("", "CREDENTIAL_MISSING", message).exception();
  }
}
