package dev.tutti.numerics.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WordOverlapTest {

  private static final List<String> CAT = WordOverlap.words("The cat sat, on the mat.");
  private static final List<String> MAT = WordOverlap.words("On the mat the dog sat");

  @Test
  void wordsAreRunsOfLettersAndDigits() {
    assertEquals(List.of("the", "cat", "sat", "on", "the", "mat"), CAT);
    assertEquals(List.of("übung", "3", "14"), WordOverlap.words("Übung: 3.14"));
    assertEquals(List.of(), WordOverlap.words(" .,- "));
  }

  @Test
  void f1CountsWordsAsOftenAsBothHaveThem() {
    // the, the, sat, on, mat.
    assertEquals(2 * 5 / 12.0, WordOverlap.f1(CAT, MAT), 1e-12);
    assertEquals(2 * 1 / 5.0, WordOverlap.f1(List.of("a", "a"), List.of("a", "b", "c")), 1e-12);
    assertEquals(0, WordOverlap.f1(CAT, List.of()));
    assertEquals(1, WordOverlap.f1(List.of(), List.of()));
  }

  @Test
  void rougeTakesTheirOrderIntoAccount() {
    // on the mat.
    assertEquals(2 * 3 / 12.0, WordOverlap.rougeL(CAT, MAT), 1e-12);
    assertEquals(1, WordOverlap.rougeL(CAT, CAT), 1e-12);
    assertEquals(0, WordOverlap.rougeL(CAT, List.of()));
  }

  @Test
  void theLongestCommonSubsequenceIsThatOfTheTable() {
    var random = new SplittableRandom(5);
    for (int round = 0; round < 200; round++) {
      List<String> one = drawn(random, random.nextInt(200));
      List<String> other = drawn(random, random.nextInt(200));
      assertEquals(table(one, other), WordOverlap.common(one, other));
    }
    List<String> long1 = drawn(random, 64);
    assertEquals(64, WordOverlap.common(long1, long1));
  }

  @Test
  void longTextsOfDifferentWordsTakeMemoryByTheirLength() {
    int[] words = IntStream.range(0, 10_000).toArray();
    long[][] places = WordOverlap.places(words, words.length);
    assertEquals(2L * words.length, Arrays.stream(places).mapToLong(p -> p.length).sum());
    assertEquals(words.length, WordOverlap.common(places, words.length, words));
    // One word at every place fills every block.
    long[][] one = WordOverlap.places(new int[10_000], 1);
    assertEquals(10_000, WordOverlap.common(one, 10_000, new int[10_000]));
  }

  private static List<String> drawn(SplittableRandom random, int size) {
    var words = new ArrayList<String>();
    int different = 1 + random.nextInt(6);
    for (int i = 0; i < size; i++) {
      words.add("w" + random.nextInt(different));
    }
    return words;
  }

  private static int table(List<String> one, List<String> other) {
    var table = new int[one.size() + 1][other.size() + 1];
    for (int i = 1; i <= one.size(); i++) {
      for (int j = 1; j <= other.size(); j++) {
        table[i][j] =
            one.get(i - 1).equals(other.get(j - 1))
                ? table[i - 1][j - 1] + 1
                : Math.max(table[i - 1][j], table[i][j - 1]);
      }
    }
    return table[one.size()][other.size()];
  }
}
