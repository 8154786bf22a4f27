package dev.tutti.numerics.text;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** How much of two texts' words is the same. Symmetric; 1 for equal texts, empty ones too. */
public final class WordOverlap {

  private static final Pattern BETWEEN = Pattern.compile("[^\\p{L}\\p{N}]+");

  private WordOverlap() {}

  /** Runs of letters and digits, in small letters. */
  public static List<String> words(String text) {
    return Arrays.stream(BETWEEN.split(text.toLowerCase(Locale.ROOT)))
        .filter(word -> !word.isEmpty())
        .toList();
  }

  /**
   * Token F1: the harmonic mean of precision and recall over words as bags (Rajpurkar et al. 2016,
   * SQuAD).
   *
   * @return 0 to 1
   */
  public static double f1(List<String> one, List<String> other) {
    Map<String, Integer> left = new HashMap<>();
    one.forEach(word -> left.merge(word, 1, Integer::sum));
    int same = 0;
    for (String word : other) {
      int open = left.getOrDefault(word, 0);
      if (open > 0) {
        left.put(word, open - 1);
        same++;
      }
    }
    return harmonic(same, one.size(), other.size());
  }

  /**
   * ROUGE-L: the harmonic mean of the shares that the longest common subsequence has of either text
   * (Lin 2004, beta 1).
   *
   * @return 0 to 1
   */
  public static double rougeL(List<String> one, List<String> other) {
    return harmonic(common(one, other), one.size(), other.size());
  }

  /** Of what is the same in two of these lengths; two of none are alike. */
  static double harmonic(int same, int one, int other) {
    return one + other == 0 ? 1 : 2.0 * same / (one + other);
  }

  /**
   * Length of the longest common subsequence, 64 places at a time (Hyyro 2004): a bit that is 0 in
   * {@code v} is a place of the first text where the length grows.
   */
  static int common(List<String> one, List<String> other) {
    Map<String, Integer> numbers = new HashMap<>();
    one.forEach(word -> numbers.putIfAbsent(word, numbers.size()));
    int unknown = numbers.size();
    return common(
        places(numbered(one, numbers, unknown), unknown + 1),
        one.size(),
        numbered(other, numbers, unknown));
  }

  private static int[] numbered(List<String> words, Map<String, Integer> numbers, int unknown) {
    return words.stream().mapToInt(word -> numbers.getOrDefault(word, unknown)).toArray();
  }

  /**
   * Where a text has each word.
   *
   * @param words their numbers
   * @param numbers how many there are
   * @return by number, pairs of a block of 64 places, ascending, and a bit for each that has it;
   *     null for what the text does not have. Never more than a few numbers a word: most of a long
   *     text's words stand in few blocks of it
   */
  static long[][] places(int[] words, int numbers) {
    var places = new long[numbers][];
    var used = new int[numbers];
    for (int i = 0; i < words.length; i++) {
      int word = words[i];
      long[] its = places[word] == null ? new long[2] : places[word];
      if (used[word] == 0 || its[used[word] - 2] != i / Long.SIZE) {
        // What is left over at the end is block 0 again, which nobody comes to any more.
        its = used[word] == its.length ? Arrays.copyOf(its, 2 * its.length) : its;
        its[used[word]] = i / Long.SIZE;
        used[word] += 2;
      }
      its[used[word] - 1] |= 1L << i;
      places[word] = its;
    }
    return places;
  }

  /**
   * The same of a text whose places are known.
   *
   * @param places of its words
   * @param length of it
   * @param other the numbers of another one's words
   */
  static int common(long[][] places, int length, int[] other) {
    int blocks = (length + Long.SIZE - 1) / Long.SIZE;
    var v = new long[blocks];
    Arrays.fill(v, -1);
    for (int word : other) {
      long[] its = places[word];
      if (its == null) {
        continue;
      }
      long carry = 0;
      int next = 0;
      for (int b = 0; b < blocks; b++) {
        long u = 0;
        if (next < its.length && its[next] == b) {
          u = v[b] & its[next + 1];
          next += 2;
        }
        if (u == 0 && carry == 0) {
          continue;
        }
        long old = v[b];
        long more = old + u + carry;
        carry = ((old & u) | ((old | u) & ~more)) >>> (Long.SIZE - 1);
        v[b] = more | (old & ~u);
      }
    }
    int common = 0;
    for (int i = 0; i < length; i++) {
      common += (v[i / Long.SIZE] >>> i & 1) == 0 ? 1 : 0;
    }
    return common;
  }
}
