package dev.tutti.router.answer;

import java.util.Set;

/**
 * Fields of a request that only an endpoint's own answer can serve: it is neither text nor calls of
 * tools, or the caller expects it in another form than an ensemble's is told; or they are wrong by
 * OpenAI's API, of which some endpoints take more.
 */
public final class EndpointFields {

  private static final Set<String> NAMES =
      Set.of("prompt", "n", "functions", "function_call", "audio", "modalities", "stream_options");

  private EndpointFields() {}

  /** Whether a field is one of them. */
  public static boolean contains(String field) {
    return NAMES.contains(field);
  }
}
