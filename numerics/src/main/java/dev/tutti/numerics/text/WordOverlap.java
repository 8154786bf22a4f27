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

  private static double harmonic(int same, int one, int other) {
    return one + other == 0 ? 1 : 2.0 * same / (one + other);
  }

  /**
   * Length of the longest common subsequence, 64 places at a time (Hyyro 2004): a bit that is 0 in
   * {@code v} is a place of the first text where the length grows.
   */
  static int common(List<String> one, List<String> other) {
    int blocks = (one.size() + Long.SIZE - 1) / Long.SIZE;
    Map<String, long[]> places = new HashMap<>();
    for (int i = 0; i < one.size(); i++) {
      places.computeIfAbsent(one.get(i), _ -> new long[blocks])[i / Long.SIZE] |= 1L << i;
    }
    var v = new long[blocks];
    Arrays.fill(v, -1);
    for (String word : other) {
      long[] its = places.get(word);
      if (its == null) {
        continue;
      }
      long carry = 0;
      for (int b = 0; b < blocks; b++) {
        long u = v[b] & its[b];
        long sum = v[b] + u;
        long more = sum + carry;
        carry = Long.compareUnsigned(sum, v[b]) < 0 || Long.compareUnsigned(more, sum) < 0 ? 1 : 0;
        v[b] = more | (v[b] & ~u);
      }
    }
    int common = 0;
    for (int i = 0; i < one.size(); i++) {
      common += (v[i / Long.SIZE] >>> i & 1) == 0 ? 1 : 0;
    }
    return common;
  }
}
