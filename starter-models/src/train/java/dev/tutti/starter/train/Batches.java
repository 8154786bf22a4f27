package dev.tutti.starter.train;

import dev.tutti.starter.JudgedSteps;
import dev.tutti.starter.TaskItem;
import dev.tutti.starter.train.network.Batch;
import dev.tutti.starter.train.tokenizer.BpeVocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;

/**
 * The training stream: what update n learns from follows from the recipe's seed and n alone, so a
 * resumed run sees the same stream. Only what the objective names is learned, not the questions.
 */
final class Batches {

  private static final int NOTHING = -1;

  private final Recipe recipe;
  private final BpeVocabulary vocabulary;
  private final int[] labels;

  Batches(Recipe recipe, BpeVocabulary vocabulary) {
    this.recipe = recipe;
    this.vocabulary = vocabulary;
    this.labels = vocabulary.encode(JudgedSteps.RIGHT + JudgedSteps.WRONG);
  }

  /** The rows of an update, a pass each; together they are one update. */
  List<Batch> passes(int step) {
    RandomGenerator random =
        new SplittableRandom(
            new SplittableRandom(recipe.schedule().seed() + ((long) step << 32)).nextLong());
    if (recipe.objective() == Recipe.Objective.ANSWERS) {
      return passes(rows(step, random), new int[0]);
    }
    boolean hard = step > Recipe.EASY_STEPS;
    int rows = recipe.schedule().rows();
    int restoring = step <= Recipe.RESTORING_STEPS ? rows : rows / Recipe.RESTORING_EVERY;
    List<Row> restored = new ArrayList<>();
    while (restored.size() < restoring) {
      restored.add(
          restored.size() % 2 == 0
              ? restoredAll(JudgedSteps.noisy(hard, random))
              : restored(JudgedSteps.train(hard, random)));
    }
    List<Row> judged = new ArrayList<>();
    while (judged.size() < rows - restoring) {
      judged.add(judged(JudgedSteps.train(hard, random)));
    }
    List<Batch> passes = passes(restored, new int[0]);
    passes.addAll(passes(judged, labels));
    return passes;
  }

  private List<Batch> passes(List<Row> rows, int[] candidates) {
    int rowsAPass = recipe.schedule().rowsAPass();
    if (rows.size() > rowsAPass) {
      // Rows of like length go together: less padding.
      rows.sort(Comparator.comparingInt(Row::length));
    }
    List<Batch> passes = new ArrayList<>();
    for (int from = 0; from < rows.size(); from += rowsAPass) {
      passes.add(pad(rows.subList(from, Math.min(rows.size(), from + rowsAPass)), candidates));
    }
    return passes;
  }

  private List<Row> rows(int step, RandomGenerator random) {
    List<Row> rows = new ArrayList<>();
    boolean packed = step % Recipe.PACKED_EVERY == 0;
    for (int taken = 0; taken < recipe.schedule().rows(); ) {
      Row row = new Row();
      do {
        TaskItem item = recipe.mixture().train(random);
        row.add(vocabulary.encode(item.prompt()), vocabulary.encode(item.answer()));
        taken++;
      } while (packed && row.length() < recipe.shape().context());
      rows.add(row);
    }
    return rows;
  }

  /** Whether all is right so far, behind every character. */
  private Row judged(JudgedSteps.Labelled labelled) {
    int wrong = labelled.firstWrongCharacter();
    return steps(labelled, i -> i < wrong ? labels[0] : labels[1]);
  }

  /** The right character instead of the one that stands there, up to the first wrong one. */
  private Row restored(JudgedSteps.Labelled labelled) {
    int wrong = labelled.firstWrongCharacter();
    int[] right = vocabulary.encode(labelled.right());
    return steps(labelled, i -> i <= wrong && i < right.length ? right[i] : NOTHING);
  }

  /** The right character everywhere. */
  private Row restoredAll(JudgedSteps.Labelled labelled) {
    int[] right = vocabulary.encode(labelled.right());
    return steps(labelled, i -> right[i]);
  }

  /** Needs one token a character. */
  private Row steps(JudgedSteps.Labelled labelled, IntUnaryOperator target) {
    Row row = new Row();
    row.put(BpeVocabulary.BOS, NOTHING);
    for (int id : vocabulary.encode(labelled.prompt())) {
      row.put(id, NOTHING);
    }
    int[] text = vocabulary.encode(labelled.text());
    for (int i = 0; i < text.length; i++) {
      row.put(text[i], target.applyAsInt(i));
    }
    // A last row's last token is not read by the network.
    row.put(BpeVocabulary.EOS, NOTHING);
    return row;
  }

  private Batch pad(List<Row> rows, int[] candidates) {
    int longest = rows.stream().mapToInt(Row::length).max().orElseThrow();
    int length = Math.min(longest - 1, recipe.shape().context());
    long[] ids = new long[rows.size() * length];
    Arrays.fill(ids, BpeVocabulary.PAD);
    LongStream.Builder positions = LongStream.builder();
    LongStream.Builder targets = LongStream.builder();
    for (int r = 0; r < rows.size(); r++) {
      Row row = rows.get(r);
      for (int i = 0; i < Math.min(length, row.length() - 1); i++) {
        ids[r * length + i] = row.ids.get(i);
        if (row.targets.get(i) != NOTHING) {
          positions.add((long) r * length + i);
          targets.add(row.targets.get(i));
        }
      }
    }
    return new Batch(
        ids, rows.size(), positions.build().toArray(), targets.build().toArray(), candidates);
  }

  /** Tokens, and what is to be predicted behind each. */
  private static final class Row {
    final List<Integer> ids = new ArrayList<>();
    final List<Integer> targets = new ArrayList<>();

    int length() {
      return ids.size();
    }

    void add(int[] prompt, int[] answer) {
      put(BpeVocabulary.BOS, NOTHING);
      for (int id : prompt) {
        put(id, NOTHING);
      }
      for (int id : answer) {
        follow(id);
      }
      follow(BpeVocabulary.EOS);
    }

    /** A token that the one before it must predict. */
    private void follow(int id) {
      targets.set(targets.size() - 1, id);
      put(id, NOTHING);
    }

    void put(int id, int target) {
      ids.add(id);
      targets.add(target);
    }
  }
}
