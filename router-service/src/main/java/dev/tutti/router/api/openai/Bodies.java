package dev.tutti.router.api.openai;

import dev.tutti.kit.grpc.CancelledException;
import io.airlift.compress.MalformedInputException;
import io.airlift.compress.zstd.ZstdInputStream;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.GZIPInputStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Request bodies: plain, or compressed by gzip or zstd. What they are, or expand to, is bounded:
 * {@code tutti.router.max-endpoint-body} where an endpoint may get them, which may be images, and
 * {@code tutti.router.max-body} elsewhere. A longer one gets 413 in the usual form.
 *
 * <p>An eighth of the heap is for those that are longer than the latter, from their arrival to the
 * end of their answer, since they are in memory several times while they are read and sent on. Who
 * finds no room within {@value #PATIENCE_SECONDS} s gets 503.
 */
@ApplicationScoped
class Bodies {

  /** Before Quarkus looks at the length, whose answer has no body. */
  private static final int FIRST = 1_000;

  private static final Set<String> FOR_ENDPOINTS =
      Set.of("/v1/chat/completions", "/v1/completions", "/v1/embeddings");

  private static final ApiError ENCODED =
      ApiError.invalid(
          415,
          "unsupported_content_encoding",
          null,
          "The body has a Content-Encoding that is not known here; gzip and zstd are, one of them.");

  private static final int PATIENCE_SECONDS = 10;
  private static final int HEAPS_SHARE = 8;

  private static final ApiError FULL =
      new ApiError(
          503,
          "There is no room for another long body just now.",
          "server_error",
          null,
          "too_many_long_bodies",
          Optional.of(Duration.ofSeconds(PATIENCE_SECONDS)));

  private final long longest;
  private final long longestForEndpoints;
  private final CurrentVertxRequest current;
  private final Semaphore room;

  Bodies(
      @ConfigProperty(name = "tutti.router.max-body") MemorySize longest,
      @ConfigProperty(name = "tutti.router.max-endpoint-body") MemorySize longestForEndpoints,
      CurrentVertxRequest current) {
    this.longest = longest.asLongValue();
    this.longestForEndpoints = longestForEndpoints.asLongValue();
    this.current = current;
    long most = Math.max(Runtime.getRuntime().maxMemory() / HEAPS_SHARE, this.longestForEndpoints);
    this.room = new Semaphore((int) Math.min(most, Integer.MAX_VALUE));
  }

  /** How a body is written. */
  private enum Encoding {
    PLAIN,
    GZIP,
    ZSTD;

    /** Empty where it is another one. */
    static Optional<Encoding> of(RoutingContext http) {
      String header = http.request().getHeader("content-encoding");
      return switch (header == null ? "" : header.strip().toLowerCase(Locale.ROOT)) {
        case "", "identity" -> Optional.of(PLAIN);
        case "gzip", "x-gzip" -> Optional.of(GZIP);
        case "zstd" -> Optional.of(ZSTD);
        default -> Optional.empty();
      };
    }

    InputStream plain(InputStream body) throws IOException {
      return switch (this) {
        case PLAIN -> body;
        case GZIP -> new GZIPInputStream(body);
        case ZSTD -> new ZstdInputStream(body);
      };
    }
  }

  void register(@Observes Filters filters) {
    filters.register(this::refuse, FIRST);
  }

  /** Reads a body whose length may not have been told, as it was before it was compressed. */
  byte[] read(InputStream body) {
    RoutingContext http = current.getCurrent();
    Encoding encoding = Encoding.of(http).orElse(Encoding.PLAIN);
    long most = longest(http);
    try {
      InputStream plain = encoding.plain(body);
      byte[] bytes = plain.readNBytes((int) Math.min(longest, most) + 1);
      if (bytes.length > longest && most > longest) {
        reserve(http, encoding, (int) most);
        bytes = concat(bytes, plain.readNBytes((int) most + 1 - bytes.length));
      }
      requireAtMost(most, bytes.length);
      return bytes;
    } catch (IOException | MalformedInputException e) {
      throw encoding == Encoding.PLAIN ? endedEarly() : notEncoded(encoding);
    }
  }

  /**
   * Takes room for a long body until its answer has ended; all that it may need where it says
   * nothing.
   */
  private void reserve(RoutingContext http, Encoding encoding, int most) {
    String length = http.request().getHeader("content-length");
    int bytes =
        encoding == Encoding.PLAIN && length != null
            ? (int) Math.min(Long.parseLong(length), most)
            : most;
    try {
      if (!room.tryAcquire(bytes, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new ApiException(FULL);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException();
    }
    var held = new AtomicBoolean(true);
    Runnable release =
        () -> {
          if (held.getAndSet(false)) {
            room.release(bytes);
          }
        };
    http.addEndHandler(_ -> release.run());
    if (http.response().closed()) {
      // Whoever had left by then is not heard of any more.
      release.run();
    }
  }

  private static byte[] concat(byte[] head, byte[] rest) {
    byte[] all = Arrays.copyOf(head, head.length + rest.length);
    System.arraycopy(rest, 0, all, head.length, rest.length);
    return all;
  }

  /**
   * Refuses a body that is too long for whoever is no endpoint.
   *
   * @throws ApiException with status 413
   */
  void requireForUs(byte[] body) {
    requireAtMost(longest, body.length);
  }

  private long longest(RoutingContext http) {
    return FOR_ENDPOINTS.contains(http.normalizedPath()) ? longestForEndpoints : longest;
  }

  private static ApiException endedEarly() {
    return ApiException.invalid("incomplete_body", null, "The body ended early.");
  }

  private static ApiException notEncoded(Encoding encoding) {
    return ApiException.invalid(
        "invalid_encoding",
        null,
        "The body is not whole %s, as its Content-Encoding says."
            .formatted(encoding.name().toLowerCase(Locale.ROOT)));
  }

  private void refuse(RoutingContext http) {
    String length = http.request().getHeader("content-length");
    if (Encoding.of(http).isEmpty()) {
      Errors.answer(http, ENCODED);
    } else if (length != null && length.length() <= 18 && Long.parseLong(length) > longest(http)) {
      // A length that is no number, or too long for a long, is refused by the HTTP server itself.
      Errors.answer(http, tooLong(longest(http)));
    } else {
      http.next();
    }
  }

  private static void requireAtMost(long most, int length) {
    if (length > most) {
      throw new ApiException(tooLong(most));
    }
  }

  private static ApiError tooLong(long most) {
    return ApiError.invalid(
        413, "request_too_large", null, "The body is longer than %d bytes.".formatted(most));
  }
}
