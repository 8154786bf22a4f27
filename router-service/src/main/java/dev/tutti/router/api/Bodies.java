package dev.tutti.router.api;

import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.InputStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Request bodies, neither compressed nor too long: up to {@code tutti.router.max-body}; a longer
 * one gets 413 in the usual form.
 */
@ApplicationScoped
class Bodies {

  /** Before Quarkus looks at the length, whose answer has no body. */
  private static final int FIRST = 1_000;

  private static final ApiError ENCODED =
      ApiError.invalid(
          415,
          "unsupported_content_encoding",
          null,
          "The body must not be compressed: no Content-Encoding is taken.");

  private final long longest;

  Bodies(@ConfigProperty(name = "tutti.router.max-body") MemorySize longest) {
    this.longest = longest.asLongValue();
  }

  void register(@Observes Filters filters) {
    filters.register(this::refuse, FIRST);
  }

  /** Reads a body whose length may not have been told. */
  byte[] read(InputStream body) {
    try {
      byte[] bytes = body.readNBytes(Math.toIntExact(longest) + 1);
      if (bytes.length > longest) {
        throw new ApiException(tooLong());
      }
      return bytes;
    } catch (IOException e) {
      throw ApiException.invalid("incomplete_body", null, "The body ended early.");
    }
  }

  private void refuse(RoutingContext http) {
    String encoding = http.request().getHeader("content-encoding");
    String length = http.request().getHeader("content-length");
    if (encoding != null && !encoding.isBlank() && !encoding.equalsIgnoreCase("identity")) {
      Errors.answer(http, ENCODED);
    } else if (length != null && length.length() <= 18 && Long.parseLong(length) > longest) {
      // A length that is no number, or too long for a long, is refused by the HTTP server itself.
      Errors.answer(http, tooLong());
    } else {
      http.next();
    }
  }

  private ApiError tooLong() {
    return ApiError.invalid(
        413, "request_too_large", null, "The body is longer than %d bytes.".formatted(longest));
  }
}
