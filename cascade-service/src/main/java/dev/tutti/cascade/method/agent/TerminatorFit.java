package dev.tutti.cascade.method.agent;

import dev.tutti.numerics.Shuffle;
import dev.tutti.numerics.network.ClassifierFit;
import dev.tutti.numerics.network.FeedForward;
import dev.tutti.numerics.network.FeedForward.Activation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * How the terminator learns: from all recorded answers, those that no agent would ask for too,
 * {@value #MOST_JUDGED} at most, drawn at random. Where log-probabilities are looked at, every
 * {@value #SILENT}th answer that tells any stands there once more, as if it told none: so the
 * terminator knows what to think of one that brings none.
 */
final class TerminatorFit {

  private static final int MOST_JUDGED = 50_000;
  private static final int SILENT = 5;
  private static final int UNITS = 32;
  private static final double RATE = 1e-3;
  private static final int BATCH = 32;
  private static final int ROUNDS = 30;
  private static final int PATIENCE = 3;

  private TerminatorFit() {}

  /** An answer that the terminator learns from. */
  private record Judged(int row, int member) {}

  static FeedForward fit(RecordedSteps answers, int members, RandomGenerator random) {
    var all = new ArrayList<Judged>();
    for (int row = 0; row < answers.size(); row++) {
      for (int m = 0; m < members; m++) {
        if (answers.answer(row, m).isPresent()) {
          all.add(new Judged(row, m));
        }
      }
    }
    int[] order = Shuffle.of(all.size(), random);
    List<Judged> drawn = Arrays.stream(order).limit(MOST_JUDGED).mapToObj(all::get).toList();
    var learned = new ArrayList<>(drawn);
    var inputs = new ArrayList<float[]>();
    drawn.forEach(its -> inputs.add(answers.judged(its.row(), its.member())));
    for (int i = 0; i < drawn.size(); i += SILENT) {
      Judged its = drawn.get(i);
      if (answers.tells(its.row(), its.member())) {
        learned.add(its);
        inputs.add(answers.judgedByText(its.row(), its.member()));
      }
    }
    var good = new boolean[learned.size()];
    for (int i = 0; i < good.length; i++) {
      good[i] = answers.isGood(learned.get(i).row(), learned.get(i).member());
    }
    return FeedForward.of(
        Activation.TANH,
        new ClassifierFit(inputs, good, Activation.TANH, random, UNITS)
            .fit(RATE, BATCH, ROUNDS, PATIENCE, random));
  }
}
