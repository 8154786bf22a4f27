package dev.tutti.numerics.text;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.function.Function;

/**
 * How alike several texts are, each with each: {@code s[i][j]}, 0 to 1. Each text is cut into words
 * once, not once a pair, and what pairs have in common is counted word by word, over the texts that
 * have the word. Of longer texts the first {@value #MOST_WORDS} words are compared.
 */
public final class TextSimilarity {

  private static final int MOST_WORDS = 1500;

  /** Of one text with another. */
  private interface Pair {
    double of(int i, int j);
  }

  /** The words of some texts, by number. */
  private record Numbered(int[][] texts, int numbers) {

    static Numbered of(List<List<String>> words) {
      var numbers = new HashMap<String, Integer>();
      int[][] texts =
          words.stream()
              .map(
                  its ->
                      its.stream()
                          .limit(MOST_WORDS)
                          .mapToInt(word -> numbers.computeIfAbsent(word, _ -> numbers.size()))
                          .toArray())
              .toArray(int[][]::new);
      return new Numbered(texts, numbers.size());
    }

    /** These runs, one word longer. */
    Numbered longer(Numbered words) {
      var numbers = new HashMap<Long, Integer>();
      var runs = new int[texts.length][];
      for (int t = 0; t < runs.length; t++) {
        int[] its = words.texts[t];
        runs[t] = new int[Math.max(0, texts[t].length - 1)];
        for (int i = 0; i < runs[t].length; i++) {
          long run = (long) texts[t][i] << Integer.SIZE | its[its.length - runs[t].length + i];
          runs[t][i] = numbers.computeIfAbsent(run, _ -> numbers.size());
        }
      }
      return new Numbered(runs, numbers.size());
    }

    /** For each number, who has it; {@code [2 * k]} is a text, {@code [2 * k + 1]} how often. */
    int[][] having() {
      var having = new int[numbers][];
      var sizes = new int[numbers];
      for (int t = 0; t < texts.length; t++) {
        for (int number : texts[t]) {
          int size = sizes[number];
          if (size > 0 && having[number][size - 2] == t) {
            having[number][size - 1]++;
            continue;
          }
          if (size == 0) {
            having[number] = new int[2];
          } else if (size == having[number].length) {
            having[number] = Arrays.copyOf(having[number], 2 * size);
          }
          having[number][size] = t;
          having[number][size + 1] = 1;
          sizes[number] = size + 2;
        }
      }
      for (int number = 0; number < numbers; number++) {
        having[number] = Arrays.copyOf(having[number], sizes[number]);
      }
      return having;
    }

    /** How many each pair has in common, each as often as either has it. */
    int[][] common() {
      var common = new int[texts.length][texts.length];
      for (int[] its : having()) {
        for (int a = 0; a < its.length; a += 2) {
          int[] row = common[its[a]];
          for (int b = 0; b < its.length; b += 2) {
            row[its[b]] += Math.min(its[a + 1], its[b + 1]);
          }
        }
      }
      return common;
    }

    int length(int text) {
      return texts[text].length;
    }
  }

  private TextSimilarity() {}

  /**
   * BLEU ({@link Bleu}) of text i as the hypothesis against text j as the reference. Not symmetric;
   * a text without a word has 0, also with itself.
   */
  public static double[][] bleu(List<String> texts) {
    Numbered words = cut(texts, Bleu::words);
    var common = new int[Bleu.ORDERS][][];
    Numbered runs = words;
    for (int n = 0; n < common.length; n++) {
      runs = n == 0 ? words : runs.longer(words);
      common[n] = runs.common();
    }
    var matches = new int[common.length];
    return each(
        texts.size(),
        (i, j) -> {
          for (int n = 0; n < matches.length; n++) {
            matches[n] = common[n][i][j];
          }
          return Bleu.of(matches, words.length(i), words.length(j));
        });
  }

  /** Token F1 ({@link WordOverlap#f1}). Texts without a word are alike. */
  public static double[][] f1(List<String> texts) {
    Numbered words = cut(texts, WordOverlap::words);
    int[][] common = words.common();
    return each(
        texts.size(),
        (i, j) -> WordOverlap.harmonic(common[i][j], words.length(i), words.length(j)));
  }

  /** ROUGE-L ({@link WordOverlap#rougeL}). Texts without a word are alike. */
  public static double[][] rougeL(List<String> texts) {
    Numbered words = cut(texts, WordOverlap::words);
    var similar = new double[texts.size()][texts.size()];
    for (int i = 0; i < similar.length; i++) {
      long[][] places = WordOverlap.places(words.texts()[i], words.numbers());
      for (int j = 0; j <= i; j++) {
        int common = WordOverlap.common(places, words.length(i), words.texts()[j]);
        similar[i][j] = WordOverlap.harmonic(common, words.length(i), words.length(j));
        similar[j][i] = similar[i][j];
      }
    }
    return similar;
  }

  /**
   * Overlap of words, each as much as it tells: {@code sum idf(w) over the words of both / sum
   * idf(w) over the words of either}, {@code idf(w) = ln(1 + N / n_w)}, where {@code n_w} of the N
   * texts have the word (Jaccard 1912, Spaerck Jones 1972). {@code 1 - s} is a metric. Texts
   * without a word are alike.
   *
   * @param words of each text
   */
  public static double[][] overlap(List<List<String>> words) {
    var common = new double[words.size()][words.size()];
    for (int[] its : Numbered.of(words).having()) {
      double idf = Math.log1p(2.0 * words.size() / its.length);
      for (int a = 0; a < its.length; a += 2) {
        for (int b = 0; b < its.length; b += 2) {
          common[its[a]][its[b]] += idf;
        }
      }
    }
    return each(
        words.size(),
        (i, j) -> {
          double either = common[i][i] + common[j][j] - common[i][j];
          return either == 0 ? 1 : common[i][j] / either;
        });
  }

  private static Numbered cut(List<String> texts, Function<String, List<String>> words) {
    return Numbered.of(texts.stream().map(words).toList());
  }

  private static double[][] each(int size, Pair pair) {
    var similar = new double[size][size];
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        similar[i][j] = pair.of(i, j);
      }
    }
    return similar;
  }
}
