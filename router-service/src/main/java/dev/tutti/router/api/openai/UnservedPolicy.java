package dev.tutti.router.api.openai;

import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What becomes of fields that would change the answer and cannot be served: the request is refused,
 * or they are dropped and named in the header {@value #DROPPED}. The caller's header {@value
 * #HEADER} decides, else the ensemble's own setting.
 */
enum UnservedPolicy {
  REFUSE,
  DROP;

  static final String HEADER = "x-tutti-unserved";
  static final String DROPPED = "x-tutti-dropped";

  /** Members that have no part in the answer, as they do not take all of the request. */
  static final String LEFT_OUT = "x-tutti-left-out";

  /** Names of fields are their caller's, and a header has an end. */
  private static final int LONGEST_HEADER = 2_000;

  /**
   * What a request asks for.
   *
   * @param usual where it does not say
   * @throws ApiException where it says something else
   */
  static UnservedPolicy of(RoutingContext http, UnservedPolicy usual) {
    String said = http.request().getHeader(HEADER);
    if (said == null || said.isBlank()) {
      return usual;
    }
    return switch (said.strip().toLowerCase(Locale.ROOT)) {
      case "drop" -> DROP;
      case "refuse" -> REFUSE;
      default ->
          throw ApiException.invalid(
              "invalid_value",
              HEADER,
              "%s is '%s'; it must be 'drop' or 'refuse'."
                  .formatted(HEADER, ChatRequest.cut(said.strip())));
    };
  }

  /**
   * Drops what cannot be served, and tells so. What is wrong is refused all the same.
   *
   * @param unserved refusals, each with the name of what it is about
   * @throws ApiException the first of them, where nothing is to be dropped
   */
  void apply(List<ApiException> unserved, RoutingContext http) {
    if (unserved.isEmpty()) {
      return;
    }
    if (this == REFUSE) {
      throw unserved.getFirst();
    }
    unserved.stream()
        .filter(e -> !e.isUnserved())
        .findFirst()
        .ifPresent(
            e -> {
              throw e;
            });
    http.response().putHeader(DROPPED, names(unserved));
  }

  static String names(List<ApiException> unserved) {
    String names =
        unserved.stream()
            .map(e -> e.error().param().replaceAll("[^!-+\\--~]", "?"))
            .distinct()
            .collect(Collectors.joining(", "));
    return bounded(names);
  }

  /** Tells who does not take what is handed on, if there is anybody. */
  static void tellLeftOut(List<String> members, RoutingContext http) {
    if (!members.isEmpty()) {
      http.response().putHeader(LEFT_OUT, bounded(String.join(", ", members)));
    }
  }

  private static String bounded(String names) {
    return names.length() <= LONGEST_HEADER ? names : names.substring(0, LONGEST_HEADER) + "...";
  }
}
