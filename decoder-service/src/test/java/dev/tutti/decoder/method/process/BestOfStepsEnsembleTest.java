package dev.tutti.decoder.method.process;

import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointEnsembleContract;
import dev.tutti.decoder.search.Aggregate;
import dev.tutti.decoder.search.Reward;
import java.util.List;
import java.util.SplittableRandom;

class BestOfStepsEnsembleTest extends JointEnsembleContract {

  @Override
  protected JointEnsemble method() {
    return new BestOfStepsEnsemble(
        new BestOfStepsEnsemble.Settings(
            4, " ", 8, 20, "+", "-", "", Reward.VERDICT, Aggregate.LAST));
  }

  @Override
  protected JointEnsemble method(SplittableRandom random, List<Integer> order) {
    Aggregate[] aggregates = Aggregate.values();
    return new BestOfStepsEnsemble(
        new BestOfStepsEnsemble.Settings(
            // As many as members at least: the draw that begins is any member's.
            random.nextInt(4, 9),
            random.nextBoolean() ? " " : "b",
            random.nextInt(1, 9),
            random.nextInt(10, 20),
            "a",
            "b",
            random.nextBoolean() ? "" : "c",
            Reward.values()[random.nextInt(3)],
            aggregates[random.nextInt(aggregates.length)]));
  }
}
