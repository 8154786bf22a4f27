package dev.tutti.router.api.openai;

import dev.tutti.generation.v1.CacheUse;
import io.vertx.ext.web.RoutingContext;
import java.util.Locale;

/**
 * What becomes of the answers that an ensemble keeps: the caller's header {@value #HEADER} may pass
 * by them.
 */
final class CacheHeader {

  static final String HEADER = "x-tutti-cache";

  private CacheHeader() {}

  /**
   * What a request asks for; as the ensemble says, where it does not say.
   *
   * @throws ApiException where it says something else
   */
  static CacheUse of(RoutingContext http) {
    String said = http.request().getHeader(HEADER);
    if (said == null || said.isBlank()) {
      return CacheUse.CACHE_USE_UNSPECIFIED;
    }
    return switch (said.strip().toLowerCase(Locale.ROOT)) {
      case "bypass" -> CacheUse.CACHE_USE_BYPASS;
      case "refresh" -> CacheUse.CACHE_USE_REFRESH;
      default ->
          throw ApiException.invalid(
              "invalid_value",
              HEADER,
              "%s is '%s'; it must be 'bypass' or 'refresh'."
                  .formatted(HEADER, ChatRequest.cut(said.strip())));
    };
  }
}
