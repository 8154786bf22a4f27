package dev.tutti.decoder.method.process;

import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointEnsembleContract;
import dev.tutti.decoder.search.Aggregate;
import dev.tutti.decoder.search.Reward;
import java.util.List;
import java.util.SplittableRandom;

class LeMctsEnsembleTest extends JointEnsembleContract {

  /** Every member takes part in every iteration. */
  @Override
  protected JointEnsemble method() {
    return new LeMctsEnsemble(
        new LeMctsEnsemble.Settings(
            40, 1, 2, 4, .1, 16, 1, " ", 8, 20, "+", "-", Reward.VERDICT, Aggregate.LAST));
  }

  @Override
  protected JointEnsemble method(SplittableRandom random, List<Integer> order) {
    Aggregate[] aggregates = Aggregate.values();
    return new LeMctsEnsemble(
        new LeMctsEnsemble.Settings(
            random.nextInt(1, 30),
            random.nextDouble(3),
            random.nextInt(1, 5),
            random.nextInt(1, 6),
            random.nextDouble(),
            random.nextInt(1, 5),
            random.nextDouble(),
            random.nextBoolean() ? " " : "b",
            random.nextInt(1, 9),
            random.nextInt(10, 20),
            "a",
            "b",
            Reward.values()[random.nextInt(3)],
            aggregates[random.nextInt(aggregates.length)]));
  }
}
