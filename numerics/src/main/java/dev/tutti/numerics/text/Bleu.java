package dev.tutti.numerics.text;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * BLEU of a sentence: {@code BP * exp(mean_n log p_n)} over n-grams of up to four words, {@code
 * p_n} the share of the hypothesis' n-grams that the reference has, each as often at most as there,
 * and {@code BP = 1} for a hypothesis longer than the reference, else {@code exp(1 - r/c)}
 * (Papineni et al. 2002). As sacreBLEU computes it (Post 2018): words after mteval-v13a in small
 * letters, the k-th order without a match counts {@code 1/2^k} matches, orders longer than the
 * hypothesis are left out, no match at all is 0. Not symmetric.
 */
public final class Bleu {

  /** The longest n-grams. */
  static final int ORDERS = 4;

  private static final Pattern SYMBOL = Pattern.compile("([{-~\\[-` -&(-+:-@/])");
  private static final Pattern POINT_BEHIND = Pattern.compile("([^0-9])([.,])");
  private static final Pattern POINT_BEFORE = Pattern.compile("([.,])([^0-9])");
  private static final Pattern DASH = Pattern.compile("([0-9])(-)");
  private static final Pattern SPACE = Pattern.compile("\\s+");

  private Bleu() {}

  /**
   * The score.
   *
   * @return 0 to 1
   */
  public static double of(String hypothesis, String reference) {
    return of(words(hypothesis), words(reference));
  }

  /** The same over words. */
  public static double of(List<String> hypothesis, List<String> reference) {
    var matches = new int[ORDERS];
    for (int n = 1; n <= ORDERS; n++) {
      matches[n - 1] = matches(grams(hypothesis, n), grams(reference, n));
    }
    return of(matches, hypothesis.size(), reference.size());
  }

  /**
   * The same over what both have.
   *
   * @param matches by order, from 1
   * @param hypothesis its words
   * @param reference its words
   */
  static double of(int[] matches, int hypothesis, int reference) {
    double sum = 0;
    int orders = Math.min(ORDERS, hypothesis);
    double smooth = 1;
    boolean any = false;
    for (int n = 1; n <= orders; n++) {
      int its = matches[n - 1];
      int all = hypothesis - n + 1;
      any |= its > 0;
      smooth = its == 0 ? 2 * smooth : smooth;
      sum += Math.log(its == 0 ? 1 / (smooth * all) : (double) its / all);
    }
    if (!any) {
      return 0;
    }
    double brevity = Math.min(0, 1 - (double) reference / hypothesis);
    return Math.exp(brevity + sum / orders);
  }

  /** Words as mteval-v13a cuts them, in small letters. */
  public static List<String> words(String text) {
    String plain =
        text.replace("<skipped>", "")
            .replace("-\n", "")
            .replace("\n", " ")
            .replace("&quot;", "\"")
            .replace("&amp;", "&")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .toLowerCase(Locale.ROOT);
    String cut = SYMBOL.matcher(" " + plain + " ").replaceAll(" $1 ");
    cut = POINT_BEHIND.matcher(cut).replaceAll("$1 $2 ");
    cut = POINT_BEFORE.matcher(cut).replaceAll(" $1 $2");
    cut = DASH.matcher(cut).replaceAll("$1 $2 ");
    String words = cut.strip();
    return words.isEmpty() ? List.of() : List.of(SPACE.split(words));
  }

  private static Map<List<String>, Integer> grams(List<String> words, int n) {
    var grams = new HashMap<List<String>, Integer>();
    for (int i = 0; i + n <= words.size(); i++) {
      grams.merge(List.copyOf(words.subList(i, i + n)), 1, Integer::sum);
    }
    return grams;
  }

  private static int matches(
      Map<List<String>, Integer> hypothesis, Map<List<String>, Integer> reference) {
    return hypothesis.entrySet().stream()
        .mapToInt(gram -> Math.min(gram.getValue(), reference.getOrDefault(gram.getKey(), 0)))
        .sum();
  }
}
