package dev.tutti.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PieceIndexTest {

  /** Each token is its text; {@code <..>} are special, {@code <e..>} ends. */
  private record Texts(List<String> texts) implements Tokenizer {
    @Override
    public int size() {
      return texts.size();
    }

    @Override
    public byte[] bytes(int token) {
      return isSpecial(token)
          ? new byte[0]
          : texts.get(token).getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public boolean isSpecial(int token) {
      return texts.get(token).startsWith("<");
    }

    @Override
    public boolean isEnd(int token) {
      return texts.get(token).startsWith("<e");
    }

    @Override
    public int[] encode(String text) {
      return new int[0];
    }
  }

  /** a is .3 + .15, the end .1 + .2, b .1; what is special is no piece. */
  @Test
  void tokensThatSpellTheSameAreOnePiece() {
    var index = new PieceIndex(new Texts(List.of("a", "<pad>", "<e1>", "b", "a", "<e2>")));
    double[] p = {.3, .15, .1, .1, .15, .2};
    assertArrayEquals(new int[] {0, 2, 3}, index.top(p, 3));
    assertArrayEquals(new int[] {0}, index.top(p, 1));
    assertArrayEquals(new int[] {0, 2, 3}, index.top(p, 100));
    assertEquals(.45, index.probability(p, 0), 1e-15);
    assertEquals(.3, index.probability(p, 2), 1e-15);
    assertEquals(.1, index.probability(p, 3));
  }

  /** b and the two a are equally probable: the lower token is first, wherever the others lie. */
  @Test
  void ofEqualPiecesTheLowerTokenIsFirst() {
    double[] p = {.25, .5, .25};
    assertArrayEquals(new int[] {0}, new PieceIndex(new Texts(List.of("a", "b", "a"))).top(p, 1));
    assertArrayEquals(
        new int[] {0},
        new PieceIndex(new Texts(List.of("b", "a", "a"))).top(new double[] {.5, .25, .25}, 1));
  }

  @Property(tries = 500)
  void theTopAreTheFirstOfAllPiecesSorted(
      @ForAll @IntRange(min = 1, max = 60) int tokens,
      @ForAll @IntRange(min = 1, max = 12) int texts,
      @ForAll @IntRange(min = 1, max = 70) int k,
      @ForAll long seed) {
    var random = new SplittableRandom(seed);
    List<String> all =
        IntStream.range(0, tokens)
            .mapToObj(
                _ ->
                    switch (random.nextInt(8)) {
                      case 0 -> "<e" + random.nextInt(3) + ">";
                      case 1 -> "<s>";
                      default -> "" + (char) ('a' + random.nextInt(texts));
                    })
            .toList();
    // Few values, so that many are equal.
    double[] p = IntStream.range(0, tokens).mapToDouble(_ -> random.nextInt(4) / 8.0).toArray();
    Map<String, Integer> first = new HashMap<>();
    Map<Integer, Double> sums = new HashMap<>();
    for (int t = 0; t < tokens; t++) {
      String text = all.get(t);
      if (!text.equals("<s>")) {
        int piece = first.merge(text.startsWith("<e") ? "<e>" : text, t, Math::min);
        sums.merge(piece, p[t], Double::sum);
      }
    }
    int[] expected =
        sums.keySet().stream()
            .sorted(
                Comparator.comparingDouble((Integer t) -> -sums.get(t)).thenComparingInt(t -> t))
            .limit(k)
            .mapToInt(t -> t)
            .toArray();
    var index = new PieceIndex(new Texts(all));
    assertArrayEquals(expected, index.top(p, k));
    sums.forEach((t, sum) -> assertEquals(sum, index.probability(p, t)));
  }
}
