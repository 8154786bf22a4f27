package dev.tutti.cascade.solution;

import java.time.Instant;

/**
 * An answer to a question of an ensemble's, as it is kept.
 *
 * @param id its number
 * @param question as it was asked
 * @param answer to it
 * @param member who gave it
 * @param decision of which it is the answer
 * @param state whether it was accepted
 * @param created when it was given
 * @param used when it was last shown as an example; when it was given before that
 */
public record Solution(
    long id,
    String question,
    String answer,
    String member,
    String decision,
    State state,
    Instant created,
    Instant used) {

  /** What was said of it. */
  public enum State {
    /** Nothing yet. */
    PENDING,
    /** It does: it is shown as an example. */
    ACCEPTED,
    /** It does not. */
    REJECTED
  }

  /**
   * One that is to be kept.
   *
   * @param question 1 to {@value #LONGEST_QUESTION} characters
   * @param answer 1 to {@value #LONGEST_ANSWER} characters
   * @param embedding of the question, of unit length; not to be changed
   * @param embedder what embedded it
   * @param scope under which it was asked: a digest of its instructions, empty where there are
   *     none; neither shown nor compared under others
   */
  public record Fresh(
      String question,
      String answer,
      String member,
      String decision,
      float[] embedding,
      String embedder,
      String scope) {

    /** Most characters of a question that is kept. */
    public static final int LONGEST_QUESTION = 4_096;

    /** Most characters of an answer that is kept. */
    public static final int LONGEST_ANSWER = 16_384;

    /** Whether texts can be kept: neither blank nor too long, and text to the database. */
    public static boolean isKept(String question, String answer) {
      return isText(question, LONGEST_QUESTION) && isText(answer, LONGEST_ANSWER);
    }

    private static boolean isText(String text, int longest) {
      return !text.isBlank() && text.length() <= longest && text.indexOf(0) < 0;
    }
  }
}
