package dev.tutti.decoder.method.token;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class NearestPiecesTest {

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[][] sorted(Stream<String> pieces) {
    return pieces
        .map(NearestPiecesTest::bytes)
        .sorted(Arrays::compareUnsigned)
        .toArray(byte[][]::new);
  }

  private static String nearest(String text, String... pieces) {
    byte[][] sorted = sorted(Stream.of(pieces));
    return new String(
        sorted[new NearestPieces(sorted).nearest(bytes(text))], StandardCharsets.UTF_8);
  }

  @Test
  void whoHasThePieceItselfHasNothingNearer() {
    assertEquals("lo", nearest("lo", "a", "lo", "low"));
  }

  /** kitten to sitten is 1, to kit 3, to sitting 3. */
  @Test
  void theFewestEditsAreNearest() {
    assertEquals("sitten", nearest("kitten", "kit", "sitten", "sitting"));
  }

  /** 3 and 4 are one edit each from 43; it begins by 4, though 3 comes first. */
  @Test
  void ofEquallyNearOnesTheOneThatBeginsAlike() {
    assertEquals("4", nearest("43", "3", "4"));
    // ax and bx share no beginning with x: the first by bytes.
    assertEquals("ax", nearest("x", "bx", "ax"));
  }

  @Test
  void bytesAreCompared() {
    // One of two bytes is another.
    assertEquals("é", nearest("è", "ab", "é", "e"));
  }

  private static int distance(byte[] a, byte[] b) {
    var d = new int[a.length + 1][b.length + 1];
    for (int i = 0; i <= a.length; i++) {
      for (int j = 0; j <= b.length; j++) {
        d[i][j] =
            i == 0 || j == 0
                ? i + j
                : Math.min(
                    d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1),
                    1 + Math.min(d[i - 1][j], d[i][j - 1]));
      }
    }
    return d[a.length][b.length];
  }

  private static int beginning(byte[] a, byte[] b) {
    int mismatch = Arrays.mismatch(a, b);
    return mismatch < 0 ? a.length : mismatch;
  }

  @Property(tries = 500)
  void passingOverPiecesFindsWhatComparingAllDoes(
      @ForAll @Size(min = 1, max = 40)
          Set<@CharRange(from = 'a', to = 'c') @StringLength(min = 1, max = 7) String> pieces,
      @ForAll @Size(min = 1, max = 5)
          List<@CharRange(from = 'a', to = 'd') @StringLength(min = 1, max = 9) String> texts) {
    byte[][] sorted = sorted(pieces.stream());
    var among = new NearestPieces(sorted);
    for (String text : texts) {
      byte[] wanted = bytes(text);
      int best = 0;
      for (int i = 1; i < sorted.length; i++) {
        int order = Integer.compare(distance(sorted[i], wanted), distance(sorted[best], wanted));
        if (order == 0) {
          order = Integer.compare(beginning(sorted[best], wanted), beginning(sorted[i], wanted));
        }
        best = order < 0 ? i : best;
      }
      assertEquals(best, among.nearest(wanted), text + " in " + pieces);
    }
  }
}
