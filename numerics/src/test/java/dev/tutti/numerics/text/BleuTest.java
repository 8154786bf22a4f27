package dev.tutti.numerics.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class BleuTest {

  @Test
  void theGeometricMeanOfFourPrecisions() {
    // 1-grams 5/6, 2-grams 3/5, 3-grams 1/4, 4-grams 0/3: the first order without a match is 1/2.
    double score = Bleu.of("the cat sat on the mat", "the cat is on the mat");
    assertEquals(Math.pow(5 / 6.0 * 3 / 5 * 1 / 4 * (1 / 6.0), 0.25), score, 1e-12);
  }

  @Test
  void eachOrderWithoutAMatchHalvesAgain() {
    // 1-grams 2/4; then 0/3, 0/2, 0/1, which count 1/2, 1/4 and 1/8.
    assertEquals(
        Math.pow(2 / 4.0 * (1 / 6.0) * (1 / 8.0) * (1 / 8.0), 0.25),
        Bleu.of("a x b y", "a b c d"),
        1e-12);
  }

  @Test
  void aShortHypothesisPaysForItsBrevity() {
    // All of its two orders match; c = 2, r = 4.
    assertEquals(Math.exp(1 - 4 / 2.0), Bleu.of("a b", "a b c d"), 1e-12);
    assertEquals(
        Math.pow(2 / 4.0 * 1 / 3 * 1 / 4 * (1 / 4.0), 0.25), Bleu.of("a b c d", "a b"), 1e-12);
  }

  @Test
  void aWordCountsAsOftenAsTheReferenceHasIt() {
    assertEquals(Math.sqrt(1 / 2.0 * (1 / 2.0)), Bleu.of("the the", "the dog"), 1e-12);
  }

  @Test
  void equalTextsAreOneAndStrangersNothing() {
    assertEquals(1, Bleu.of("One, two; three!", "one, two; three!"), 1e-12);
    assertEquals(0, Bleu.of("a b c", "x y z"));
    assertEquals(0, Bleu.of("", "x"));
    assertEquals(0, Bleu.of("x", ""));
    assertEquals(0, Bleu.of("", ""));
  }

  @Test
  void wordsAreCutAsByMteval() {
    assertEquals(
        List.of("he", "paid", "$", "1,234.50", ",", "\"", "really", "\"", ".", "2", "-", "3"),
        Bleu.words("He paid $1,234.50, &quot;really&quot;. 2-3"));
    // Undone in the order quot, amp, lt, gt.
    assertEquals(List.of("<", "b", "&", "quot", ";"), Bleu.words("&amp;lt;b &amp;quot;"));
    assertTrue(Bleu.words(" \n ").isEmpty());
  }
}
