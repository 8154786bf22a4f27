package dev.tutti.numerics.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleBiFunction;
import org.junit.jupiter.api.Test;

class TextSimilarityTest {

  private static final SplittableRandom RANDOM = new SplittableRandom(5);

  /** Of few words, so that they share some; some have none. */
  private static List<String> texts() {
    var texts = new ArrayList<String>();
    for (int t = 0; t < 2 + RANDOM.nextInt(6); t++) {
      var text = new StringBuilder();
      for (int w = RANDOM.nextInt(t % 3 == 0 ? 150 : 9); w > 0; w--) {
        text.append("a b c, d e. F 3-4 g".split(" ")[RANDOM.nextInt(8)]).append(' ');
      }
      texts.add(text.toString());
    }
    return texts;
  }

  private static void assertSame(
      List<String> texts, double[][] all, ToDoubleBiFunction<String, String> pair) {
    for (int i = 0; i < texts.size(); i++) {
      for (int j = 0; j < texts.size(); j++) {
        assertEquals(pair.applyAsDouble(texts.get(i), texts.get(j)), all[i][j], 1e-12);
      }
    }
  }

  @Test
  void allPairsAreWhatEachPairIs() {
    for (int round = 0; round < 200; round++) {
      List<String> texts = texts();
      assertSame(texts, TextSimilarity.bleu(texts), Bleu::of);
      assertSame(
          texts,
          TextSimilarity.f1(texts),
          (a, b) -> WordOverlap.f1(WordOverlap.words(a), WordOverlap.words(b)));
      assertSame(
          texts,
          TextSimilarity.rougeL(texts),
          (a, b) -> WordOverlap.rougeL(WordOverlap.words(a), WordOverlap.words(b)));
    }
  }

  @Test
  void bleuIsOfTheRowAgainstTheColumn() {
    double[][] bleu = TextSimilarity.bleu(List.of("a b", "a b c d"));
    assertEquals(Math.exp(-1), bleu[0][1], 1e-12);
    assertEquals(Math.pow(2 / 4.0 * 1 / 3 * 1 / 4 * (1 / 4.0), 0.25), bleu[1][0], 1e-12);
  }

  @Test
  void wordsOverlapAsMuchAsTheyTell() {
    // N = 3: 'x' is in 3 texts, 'y' in 2, the others in 1.
    double x = Math.log(2);
    double y = Math.log(2.5);
    double rare = Math.log(4);
    double[][] overlap =
        TextSimilarity.overlap(
            List.of(List.of("x", "y", "y"), List.of("y", "x", "p"), List.of("x", "q")));
    assertEquals((x + y) / (x + y + rare), overlap[0][1], 1e-12);
    assertEquals(x / (x + y + rare), overlap[0][2], 1e-12);
    assertEquals(x / (x + y + 2 * rare), overlap[2][1], 1e-12);
    assertEquals(1, overlap[0][0]);
    assertEquals(1, TextSimilarity.overlap(List.of(List.of(), List.of()))[0][1]);
    assertEquals(0, TextSimilarity.overlap(List.of(List.of("x"), List.of()))[0][1]);
  }

  @Test
  void oneLessTheOverlapIsAMetric() {
    for (int round = 0; round < 200; round++) {
      double[][] s = TextSimilarity.overlap(texts().stream().map(WordOverlap::words).toList());
      for (int i = 0; i < s.length; i++) {
        for (int j = 0; j < s.length; j++) {
          assertEquals(s[i][j], s[j][i], 1e-12);
          for (int k = 0; k < s.length; k++) {
            assertTrue(1 - s[i][j] <= (1 - s[i][k]) + (1 - s[k][j]) + 1e-12);
          }
        }
      }
    }
  }
}
