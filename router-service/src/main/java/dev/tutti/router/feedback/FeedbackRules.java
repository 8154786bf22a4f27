package dev.tutti.router.feedback;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.router.v1.Comparison;
import dev.tutti.router.v1.Feedback;
import dev.tutti.router.v1.FeedbackSource;
import java.util.regex.Pattern;

/** What feedback must be, whatever it is about. */
final class FeedbackRules {

  private static final int LONGEST_KEY = 128;
  private static final int LONGEST_COMMENT = 2_000;
  private static final Pattern DOMAIN = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");

  private FeedbackRules() {}

  /**
   * Checks a piece.
   *
   * @param path of it in the request, with a dot at its end; empty where it is the request
   * @throws FailureException ({@link Failure.InvalidArgument}) with the first fault
   */
  static void check(Feedback feedback, String path) {
    String key = feedback.getKey();
    if (key.length() > LONGEST_KEY || !key.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw Failure.invalid(
          path + "key",
          "Key '%s' must be 1 to %d printable ASCII characters without spaces."
              .formatted(shown(key), LONGEST_KEY));
    }
    if (key.startsWith(FeedbackRow.OWN)) {
      throw Failure.invalid(
          path + "key",
          "Key '%s' begins with '%s', as only the router's own do."
              .formatted(shown(key), FeedbackRow.OWN));
    }
    if (feedback.getDecision().isEmpty()) {
      throw Failure.invalid(path + "decision", path + "decision is required.");
    }
    says(feedback, path);
    if (feedback.getSource() == FeedbackSource.FEEDBACK_SOURCE_ROUTER
        || feedback.getSource() == FeedbackSource.UNRECOGNIZED) {
      throw Failure.invalid(
          path + "source",
          "source is %s; allowed are person, judge, reference.".formatted(feedback.getSource()));
    }
    String comment = feedback.getComment();
    int length = comment.codePointCount(0, comment.length());
    if (length > LONGEST_COMMENT) {
      throw Failure.invalid(
          path + "comment",
          "comment has %d characters; at most %d are kept.".formatted(length, LONGEST_COMMENT));
    }
    if (comment.indexOf(0) >= 0) {
      throw Failure.invalid(path + "comment", "comment holds U+0000, which is no text.");
    }
    if (!feedback.getDomain().isEmpty() && !DOMAIN.matcher(feedback.getDomain()).matches()) {
      throw Failure.invalid(
          path + "domain",
          "domain is '%s'; it takes 1 to 64 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit."
              .formatted(shown(feedback.getDomain())));
    }
  }

  private static void says(Feedback feedback, String path) {
    switch (feedback.getSaysCase()) {
      case RATING -> {
        if (!(feedback.getRating() >= 0 && feedback.getRating() <= 1)) {
          throw Failure.invalid(
              path + "rating",
              "rating is %s; it takes a number from 0 to 1.".formatted(feedback.getRating()));
        }
      }
      case CORRECT -> {}
      case FAILED -> {
        if (!feedback.getFailed()) {
          throw Failure.invalid(
              path + "failed",
              "failed is false; only true says anything. How good an answer is, rating or correct say.");
        }
      }
      case COMPARISON -> compared(feedback, path);
      case SAYS_NOT_SET ->
          throw Failure.invalid(
              path + "rating",
              "It says nothing: exactly one of rating, correct, failed, comparison is required.");
    }
  }

  private static void compared(Feedback feedback, String path) {
    Comparison comparison = feedback.getComparison();
    if (!feedback.getMember().isEmpty()) {
      throw Failure.invalid(
          path + "member", "A comparison names winner and loser; member is not for it.");
    }
    for (boolean winner : new boolean[] {true, false}) {
      if ((winner ? comparison.getWinner() : comparison.getLoser()).isEmpty()) {
        String field = path + "comparison." + (winner ? "winner" : "loser");
        throw Failure.invalid(field, field + " is required.");
      }
    }
    requireTwo(comparison.getWinner(), comparison.getLoser(), path);
  }

  /** Nobody is compared with itself, by whatever names. */
  static void requireTwo(String winner, String loser, String path) {
    if (winner.equals(loser)) {
      throw Failure.invalid(
          path + "comparison.loser", "'%s' is compared with itself.".formatted(shown(loser)));
    }
  }

  static String shown(String text) {
    return text.length() <= 128 ? text : text.substring(0, 128) + "...";
  }
}
