package dev.tutti.starter.train;

import dev.tutti.starter.TaskItem;
import dev.tutti.starter.train.network.Network;
import dev.tutti.starter.train.network.Weights;
import dev.tutti.starter.train.tokenizer.BpeVocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** How many questions the network in training answers right; greedy, without a cache. */
final class Probe {

  private final Network network;
  private final BpeVocabulary vocabulary;

  Probe(Network network, BpeVocabulary vocabulary) {
    this.network = network;
    this.vocabulary = vocabulary;
  }

  /** The share of exactly right answers. */
  double accuracy(Weights weights, List<TaskItem> items) {
    Map<Integer, List<TaskItem>> byLength =
        items.stream()
            .collect(
                Collectors.groupingBy(
                    item -> vocabulary.encode(item.prompt()).length,
                    TreeMap::new,
                    Collectors.toList()));
    long right = byLength.values().stream().mapToLong(group -> right(weights, group)).sum();
    return right / (double) items.size();
  }

  private long right(Weights weights, List<TaskItem> items) {
    List<long[]> rows = new ArrayList<>();
    int longest = 0;
    for (TaskItem item : items) {
      int[] prompt = vocabulary.encode(item.prompt());
      long[] row = new long[prompt.length + 1];
      row[0] = BpeVocabulary.BOS;
      for (int i = 0; i < prompt.length; i++) {
        row[i + 1] = prompt[i];
      }
      rows.add(row);
      longest = Math.max(longest, vocabulary.encode(item.reference()).length);
    }
    int promptLength = rows.getFirst().length;
    for (int s = 0; s <= longest; s++) {
      long[] ids = rows.stream().flatMapToLong(Arrays::stream).toArray();
      float[][] logits = network.logits(weights, ids, rows.size());
      int length = promptLength + s;
      for (int r = 0; r < rows.size(); r++) {
        long[] longer = Arrays.copyOf(rows.get(r), length + 1);
        longer[length] = best(logits[r * length + length - 1]);
        rows.set(r, longer);
      }
    }
    long right = 0;
    for (int r = 0; r < rows.size(); r++) {
      int[] expected = vocabulary.encode(items.get(r).reference());
      long[] row = rows.get(r);
      boolean same = row[promptLength + expected.length] == BpeVocabulary.EOS;
      for (int i = 0; i < expected.length; i++) {
        same &= row[promptLength + i] == expected[i];
      }
      right += same ? 1 : 0;
    }
    return right;
  }

  private static int best(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      best = logits[i] > logits[best] ? i : best;
    }
    return best;
  }
}
