package dev.tutti.starter.train;

import dev.tutti.starter.TaskItem;
import dev.tutti.starter.train.network.Batch;
import dev.tutti.starter.train.tokenizer.BpeVocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;

/**
 * The training stream: what update n learns from follows from the recipe's seed and n alone, so a
 * resumed run sees the same stream. Only answers and their end are learned, not the questions.
 */
final class Batches {

  private final Recipe recipe;
  private final BpeVocabulary vocabulary;

  Batches(Recipe recipe, BpeVocabulary vocabulary) {
    this.recipe = recipe;
    this.vocabulary = vocabulary;
  }

  Batch batch(int step) {
    RandomGenerator random =
        new SplittableRandom(new SplittableRandom(recipe.seed() + ((long) step << 32)).nextLong());
    boolean packed = step % Recipe.PACKED_EVERY == 0;
    List<Row> rows = new ArrayList<>();
    for (int taken = 0; taken < recipe.rows(); ) {
      Row row = new Row();
      do {
        TaskItem item = recipe.task().train(random);
        row.add(vocabulary.encode(item.prompt()), vocabulary.encode(item.reference()));
        taken++;
      } while (packed && row.ids.size() < Recipe.CONTEXT);
      rows.add(row);
    }
    return pad(rows);
  }

  private static Batch pad(List<Row> rows) {
    int longest = rows.stream().mapToInt(row -> row.ids.size()).max().orElseThrow();
    int length = Math.min(longest - 1, Recipe.CONTEXT);
    long[] ids = new long[rows.size() * length];
    Arrays.fill(ids, BpeVocabulary.PAD);
    LongStream.Builder positions = LongStream.builder();
    LongStream.Builder targets = LongStream.builder();
    for (int r = 0; r < rows.size(); r++) {
      Row row = rows.get(r);
      for (int i = 0; i < Math.min(length, row.ids.size() - 1); i++) {
        ids[r * length + i] = row.ids.get(i);
        if (row.learned.get(i + 1)) {
          positions.add((long) r * length + i);
          targets.add(row.ids.get(i + 1));
        }
      }
    }
    return new Batch(ids, rows.size(), positions.build().toArray(), targets.build().toArray());
  }

  /** Tokens, and which of them the network must predict. */
  private static final class Row {
    final List<Integer> ids = new ArrayList<>();
    final List<Boolean> learned = new ArrayList<>();

    void add(int[] prompt, int[] answer) {
      put(BpeVocabulary.BOS, false);
      Arrays.stream(prompt).forEach(id -> put(id, false));
      Arrays.stream(answer).forEach(id -> put(id, true));
      put(BpeVocabulary.EOS, true);
    }

    private void put(int id, boolean learn) {
      ids.add(id);
      learned.add(learn);
    }
  }
}
