package dev.tutti.starter.train.tokenizer;

import dev.tutti.starter.train.tokenizer.BpeVocabulary.Merge;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Learns byte-pair merges (Sennrich et al., 2016, arXiv:1508.07909) from a corpus: again and again
 * the most frequent pair of neighbours becomes a token; among equally frequent pairs the first in
 * the order of their characters. Same corpus, same merges.
 */
public final class BpeTrainer {

  private static final Comparator<Map.Entry<Merge, Long>> BEST =
      Map.Entry.<Merge, Long>comparingByValue()
          .reversed()
          .thenComparing(e -> e.getKey().left())
          .thenComparing(e -> e.getKey().right());

  private BpeTrainer() {}

  /**
   * Learns a vocabulary.
   *
   * @param corpus the texts
   * @param merges how many merges at most; fewer where no pair occurs twice any more
   */
  public static BpeVocabulary train(Iterable<String> corpus, int merges) {
    Map<String, Long> words = new TreeMap<>();
    for (String text : corpus) {
      BpeVocabulary.words(text).forEach(word -> words.merge(word, 1L, Long::sum));
    }
    List<List<String>> splits = new ArrayList<>();
    words.keySet().forEach(word -> splits.add(new ArrayList<>(Arrays.asList(word.split("")))));
    long[] counts = words.values().stream().mapToLong(Long::longValue).toArray();
    List<Merge> learned = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    while (learned.size() < merges) {
      Map<Merge, Long> pairs = new HashMap<>();
      for (int w = 0; w < counts.length; w++) {
        List<String> parts = splits.get(w);
        for (int i = 0; i + 1 < parts.size(); i++) {
          pairs.merge(new Merge(parts.get(i), parts.get(i + 1)), counts[w], Long::sum);
        }
      }
      Merge best =
          pairs.entrySet().stream()
              .filter(e -> e.getValue() > 1 && !taken.contains(e.getKey().joined()))
              .min(BEST)
              .map(Map.Entry::getKey)
              .orElse(null);
      if (best == null) {
        break;
      }
      learned.add(best);
      taken.add(best.joined());
      splits.forEach(parts -> apply(best, parts));
    }
    return new BpeVocabulary(learned);
  }

  private static void apply(Merge merge, List<String> parts) {
    for (int i = 0; i + 1 < parts.size(); i++) {
      if (parts.get(i).equals(merge.left()) && parts.get(i + 1).equals(merge.right())) {
        parts.set(i, merge.joined());
        parts.remove(i + 1);
      }
    }
  }
}
