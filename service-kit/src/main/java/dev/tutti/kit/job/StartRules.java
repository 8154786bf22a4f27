package dev.tutti.kit.job;

import com.google.protobuf.Struct;
import dev.tutti.job.v1.StartRequest;
import dev.tutti.kit.grpc.Failure;
import java.nio.charset.StandardCharsets;

/** What job.proto says of every start, whatever its kind. */
final class StartRules {

  private static final int LARGEST_PARAMETERS = 64 << 10;
  private static final int LONGEST_TEXT = 128;

  private StartRules() {}

  /** Refuses, as {@link Failure.InvalidArgument}, the first field that is wrong. */
  static void check(StartRequest request) {
    requireText("key", request.getKey());
    requireText("author", request.getAuthor());
    requireParameters(request.getParameters());
  }

  private static void requireText(String field, String text) {
    if (text.length() > LONGEST_TEXT || text.chars().anyMatch(c -> c < ' ' || c > '~')) {
      throw Failure.invalid(
          field,
          "%s must have at most %d printable ASCII characters.".formatted(field, LONGEST_TEXT));
    }
  }

  private static void requireParameters(Struct parameters) {
    String json;
    try {
      json = JobRow.json(parameters);
    } catch (IllegalArgumentException e) {
      throw Failure.invalid("parameters", "parameters hold a number that is not finite.");
    }
    int size = json.getBytes(StandardCharsets.UTF_8).length;
    if (size > LARGEST_PARAMETERS) {
      throw Failure.invalid(
          "parameters",
          "parameters have %d bytes as JSON; at most %d are allowed."
              .formatted(size, LARGEST_PARAMETERS));
    }
    if (json.contains("\\u0000")) {
      throw Failure.invalid("parameters", "parameters hold a character U+0000.");
    }
  }
}
