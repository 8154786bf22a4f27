package dev.tutti.decoder.span;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class DraftSegmenterTest {

  private static final DraftSegmenter SEGMENTER = new DraftSegmenter(10);

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static int kept(String... pieces) {
    return SEGMENTER.kept(Arrays.stream(pieces).map(DraftSegmenterTest::bytes).toList());
  }

  @Test
  void draftsAreCutBackToTheirLastWholeWordOrSign() {
    assertEquals(4, kept("12", "+", "7", "=", "1"));
    assertEquals(1, kept(" one", " tw"));
    assertEquals(1, kept(" one", " tw", "o"), "the word that may go on is left out as a whole");
    assertEquals(2, kept("one", ";"));
    assertEquals(2, kept("on", "e"), "there is nothing but one word");
    assertEquals(1, kept("one"));
  }

  @Test
  void blanksAndLoneFullStopsAreIgnored() {
    assertTrue(SEGMENTER.ignores(bytes(" .")));
    assertTrue(SEGMENTER.ignores(bytes("\n ")));
    assertTrue(SEGMENTER.ignores(bytes("")));
    assertFalse(SEGMENTER.ignores(bytes(".5")));
    assertFalse(SEGMENTER.ignores(bytes(" a.")));
  }
}
