package dev.tutti.registry.console;

import dev.tutti.registry.api.Problem;
import java.util.List;

/**
 * What one answered in the playground.
 *
 * @param name who was asked
 * @param call the question, as a call of the router's REST; null where there is none yet
 * @param text the answer, as far as it came
 * @param steps what was done for it, in its order
 * @param ending how it ended; null where it has not begun
 */
public record Column(String name, Curl call, String text, List<Step> steps, Ending ending) {

  /** One that is still to be filled, by the script of the page. */
  public static Column blank() {
    return new Column("", null, "", List.of(), null);
  }

  /**
   * A step on the way to the answer.
   *
   * @param stage what is done
   * @param member whom it is about; may be empty
   * @param message for people; may be empty
   */
  public record Step(String stage, String member, String message) {}

  /**
   * A figure.
   *
   * @param name what it is
   * @param value with its unit
   */
  public record Fact(String name, String value) {}

  /**
   * How an answer ended.
   *
   * @param facts what it cost and how long it took
   * @param explanation why this answer, in a sentence; may be empty
   * @param decision page of its decision; null where there is none
   * @param rating what a thumb is about; null where there is nothing to say it of
   * @param problem why it ended too early; null where it did not
   */
  public record Ending(
      List<Fact> facts, String explanation, String decision, Rating rating, Problem problem) {}

  /**
   * What a thumb is about.
   *
   * @param decision its id
   * @param members whose answer it is; none where the decision names one
   * @param key of the feedback; each change of mind gets a number behind it
   * @param change the number of the next one, from 1
   */
  public record Rating(String decision, List<String> members, String key, int change) {}
}
