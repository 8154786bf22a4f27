package dev.tutti.router.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TextFeaturesTest {

  private static double count(String text, int feature) {
    double usual = feature == 0 ? 5.5 : feature == 1 ? 4 : 0.7;
    return Math.expm1(TextFeatures.of(text)[feature] / 0.2 + usual);
  }

  @Test
  void countsByHand() {
    String text = "Ann has 12 red, and 3.5 gigantic apples.\nA. one\nB. two\nHow many?";
    assertEquals(text.length(), count(text, 0), 1e-2);
    assertEquals(12, count(text, 1), 1e-4, "words");
    assertEquals(2, count(text, 2), 1e-4, "numbers");
    assertEquals(3, count(text, 3), 1e-4, "line ends");
    assertEquals(4, count(text, 4), 1e-4, "full stops, that of 3.5 too");
    assertEquals(1, count(text, 5), 1e-4, "question marks");
    assertEquals(1, count(text, 6), 1e-4, "commas");
    assertEquals(1, count(text, 12), 1e-4, "long words");
    assertEquals(4, count(text, 13), 1e-4, "capitals");
    assertEquals(2, count(text, 14), 1e-4, "options");
  }

  @Test
  void anyTextHasFeatures() {
    for (String text : new String[] {"", "\n", "A.", "\uD800", "中文 text", "def f():\n  x"}) {
      for (float feature : TextFeatures.of(text)) {
        assertEquals(true, Float.isFinite(feature), text);
      }
    }
    assertEquals(2, count("中文 text", 11), 1e-4);
  }
}
