package dev.tutti.kit.calls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.generation.v1.TokenAlternative;
import dev.tutti.generation.v1.TokenLogprob;
import java.util.ArrayList;
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

  /** C has .6, D .2: the margin is 1/2. */
  @Test
  void theLetterThatTheTextBeginsOrEndsWithCounts() {
    TokenLogprob choice = token("C", "C", .6, "D", .2);
    TokenLogprob spaced = token(" C", " C", .6, " D", .2);
    TokenLogprob sure = token("A", "A", 1.0);
    TokenLogprob pronoun = token("I", "I", .7, "It", .3);
    TokenLogprob[][] texts = {
      {token("Answer:"), token(" ("), choice, token(")")},
      {pronoun, token(" think it is"), spaced, token(".")},
      {sure, token(" careful look at it says"), spaced},
      {choice, token("."), token(" I say C with a reason")},
      {token("C"), token(" is right, so the answer is"), spaced, token(".")},
    };
    for (TokenLogprob[] text : texts) {
      assertEquals(.5, of(text).margin(), 1e-9, List.of(text).toString());
    }
  }

  @Test
  void whereNoTokenSaysTheAnswerForSureNothingIsKnown() {
    TokenLogprob pronoun = token("I", "I", .7, "A", .3);
    assertTrue(AnswerOptions.of(List.of(pronoun, token(" do not know"))).isEmpty());
    assertTrue(
        AnswerOptions.of(List.of(token("1", "1", .6, "2", .4), token("4", "4", 1.0))).isEmpty());
    // It may be either, or is not where the options are.
    assertTrue(
        AnswerOptions.of(List.of(token("It is C, not"), token(" D", " D", .6, " C", .4)))
            .isEmpty());
    assertTrue(
        AnswerOptions.of(List.of(token("B", "B", .6, "C", .4), token(" seems right"))).isEmpty());
    // The letter is within another token.
    assertTrue(AnswerOptions.of(List.of(pronoun, token(" say it is B", "x", 1.0))).isEmpty());
  }

  @Test
  void manyLettersTakeNoTime() {
    var tokens = new ArrayList<TokenLogprob>();
    for (int i = 0; i < 20_000; i++) {
      tokens.add(token(" A", " A", .75, " B", .25));
    }
    assertEquals(.5, AnswerOptions.of(tokens).orElseThrow().margin(), 1e-9);
  }

  @Test
  void withoutALetterTheFirstTokenIsTheChoice() {
    AnswerOptions options = of(token("42", "42", .5, "41", .3, "7", .2), token(".", ".", 1.0));
    assertEquals(.2, options.margin(), 1e-9);
    assertEquals(
        -(.5 * Math.log(.5) + .3 * Math.log(.3) + .2 * Math.log(.2)), options.entropy(), 1e-9);
  }

  @Test
  void whatHasNoOtherIsCertainOnlyWhereNothingElseIsProbable() {
    assertEquals(new AnswerOptions(1, 0), of(token("B", "B", .9, " B", .095)));
    assertTrue(AnswerOptions.of(List.of(token("B", "B", .4, "The", .6))).isEmpty());
    assertTrue(AnswerOptions.of(List.of(token("B", "B", .4))).isEmpty());
    assertTrue(AnswerOptions.of(List.of(token("42", "42", .4))).isEmpty());
  }

  @Test
  void whereNoAlternativesAreToldNothingIsKnown() {
    assertTrue(AnswerOptions.of(List.of()).isEmpty());
    assertTrue(AnswerOptions.of(List.of(token("B"))).isEmpty());
    assertTrue(AnswerOptions.of(List.of(token("x"), token("y", "y", 1.0))).isEmpty());
  }
}
