package dev.tutti.kit.connection;

import io.netty.handler.codec.http.HttpResponseStatus;

/**
 * The answer to a request that no service sees.
 *
 * @param status of HTTP
 * @param code for programs, in lower snake case
 * @param message for people; nothing in it needs escaping in JSON
 */
record Refusal(HttpResponseStatus status, String code, String message) {

  /** The body: in OpenAI's form below /v1, a problem (RFC 9457) elsewhere. */
  String body(String path) {
    return openAi(path)
        ? "{\"error\":{\"message\":\"%s\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"%s\"}}"
            .formatted(message, code)
        : "{\"type\":\"urn:tutti:problem:%s\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\"}"
            .formatted(code.replace('_', '-'), status.reasonPhrase(), status.code(), message);
  }

  /** Media type of {@link #body}. */
  static String contentType(String path) {
    return openAi(path) ? "application/json" : "application/problem+json";
  }

  private static boolean openAi(String path) {
    return path.startsWith("/v1/");
  }
}
