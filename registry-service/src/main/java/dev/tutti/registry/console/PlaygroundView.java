package dev.tutti.registry.console;

import dev.tutti.registry.api.Problem;
import java.util.List;

/**
 * The page of the playground.
 *
 * @param form what was typed
 * @param whom who can be asked
 * @param most how many at once
 * @param problem what the form is refused for; null for nothing
 * @param columns what was answered; empty where the page's script asks, or nobody did yet
 * @param blank a column to be filled
 * @param kept that feedback is kept; null where none was given
 */
public record PlaygroundView(
    Typed form,
    Askable.Choices whom,
    int most,
    Problem problem,
    List<Column> columns,
    Column blank,
    Kept kept) {

  /** A thumb that is still to be filled. */
  public Column.Rating blankRating() {
    return new Column.Rating("", List.of(), "", 1);
  }

  /**
   * The form, as it was typed.
   *
   * @param system instructions
   * @param prompt the question
   */
  public record Typed(
      String system,
      String prompt,
      String temperature,
      String topP,
      String maxTokens,
      String seed) {

    /** As it comes: short answers, since each costs something. */
    static Typed fresh() {
      return new Typed("", "", "", "", "512", "");
    }

    static Typed of(Form form) {
      return new Typed(
          form.typed("system"),
          form.typed("prompt"),
          form.typed("temperature"),
          form.typed("top_p"),
          form.typed("max_tokens"),
          form.typed("seed"));
    }
  }

  /**
   * Feedback that is kept.
   *
   * @param isGood what it says
   * @param about whose answer it is
   * @param rating for who changes their mind
   * @param decision page of the decision
   */
  public record Kept(boolean isGood, String about, Column.Rating rating, String decision) {}
}
