package dev.tutti.kit.calls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.generation.v1.TokenAlternative;
import dev.tutti.generation.v1.TokenLogprob;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerOptionsTest {

  /** A token with alternatives: text, probability, text, probability ... */
  private static TokenLogprob token(String text, Object... top) {
    TokenLogprob.Builder token = TokenLogprob.newBuilder().setToken(text);
    for (int i = 0; i < top.length; i += 2) {
      token.addTop(
          TokenAlternative.newBuilder()
              .setToken((String) top[i])
              .setLogprob(Math.log((Double) top[i + 1])));
    }
    return token.build();
  }

  private static AnswerOptions of(TokenLogprob... tokens) {
    return AnswerOptions.of(List.of(tokens)).orElseThrow();
  }

  /** B has .3 + .2, A .25; "The" is no option: 2/3 and 1/3. */
  @Test
  void lettersAreTheOptionsHoweverTheyAreWritten() {
    AnswerOptions options = of(token("B", "B", .3, " B", .2, "A)", .25, "The", .1));
    assertEquals(1.0 / 3, options.margin(), 1e-9);
    assertEquals(-(2 * Math.log(2.0 / 3) + Math.log(1.0 / 3)) / 3, options.entropy(), 1e-9);
  }

  @Test
  void theFirstLetterCounts() {
    AnswerOptions options =
        of(
            token("Answer", "Answer", .9, "B", .1),
            token(" (", " (", 1.0),
            token("C", "C", .6, "D", .2),
            token("A", "A", 1.0));
    assertEquals(.5, options.margin(), 1e-9);
  }

  @Test
  void withoutALetterTheFirstTokenIsTheChoice() {
    AnswerOptions options = of(token("42", "42", .5, "41", .3, "7", .2), token(".", ".", 1.0));
    assertEquals(.2, options.margin(), 1e-9);
    assertEquals(
        -(.5 * Math.log(.5) + .3 * Math.log(.3) + .2 * Math.log(.2)), options.entropy(), 1e-9);
  }

  @Test
  void whatHasNoOtherIsCertain() {
    assertEquals(new AnswerOptions(1, 0), of(token("B", "B", .4, "The", .6)));
  }

  @Test
  void whereNoAlternativesAreToldNothingIsKnown() {
    assertTrue(AnswerOptions.of(List.of()).isEmpty());
    assertTrue(AnswerOptions.of(List.of(token("B"))).isEmpty());
    assertTrue(AnswerOptions.of(List.of(token("x"), token("y", "y", 1.0))).isEmpty());
  }
}
