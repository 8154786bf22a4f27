package dev.tutti.router.api.openai;

import dev.tutti.kit.connection.KeyRing;
import java.util.Set;

/** Carries an {@link ApiError} out of a resource. */
final class ApiException extends RuntimeException {

  private static final Set<String> UNSERVED =
      Set.of("unsupported_parameter", "unsupported_value", "unknown_parameter");

  private final transient ApiError error;

  ApiException(ApiError error) {
    super(KeyRing.masked(error.message()), null, false, false);
    this.error = error;
  }

  /** A request that can never succeed as it stands: status 400. */
  static ApiException invalid(String code, String param, String message) {
    return new ApiException(ApiError.invalid(400, code, param, message));
  }

  ApiError error() {
    return error;
  }

  /**
   * Whether the request asks for something that Tutti itself does not do, though nothing is wrong
   * with it.
   */
  boolean isUnserved() {
    return UNSERVED.contains(error.code());
  }
}
