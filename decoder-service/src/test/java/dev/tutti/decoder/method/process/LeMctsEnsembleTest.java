package dev.tutti.decoder.method.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointEnsembleContract;
import dev.tutti.decoder.search.Aggregate;
import dev.tutti.decoder.search.Reward;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LeMctsEnsembleTest extends JointEnsembleContract {

  private static LeMctsEnsemble searching(int iterations, int longest) {
    return new LeMctsEnsemble(
        new LeMctsEnsemble.Settings(
            iterations,
            1,
            2,
            4,
            .1,
            1,
            1,
            " ",
            longest,
            20,
            "+",
            "-",
            "",
            Reward.BOTH,
            Aggregate.MIN));
  }

  @Test
  void aSearchThatWouldFillTheMemoryIsRefused() {
    searching(2_048, 128);
    searching(10_000, 26);
    assertEquals(
        "iterations is 10000 and longest 1024, which may be 10240000 tokens; they must be at most"
            + " 262144.",
        assertThrows(IllegalArgumentException.class, () -> searching(10_000, 1_024)).getMessage());
    assertThrows(IllegalArgumentException.class, () -> searching(2_049, 128));
  }

  /** Every member takes part in every iteration. */
  @Override
  protected JointEnsemble method() {
    return new LeMctsEnsemble(
        new LeMctsEnsemble.Settings(
            40, 1, 2, 4, .1, 16, 1, " ", 8, 20, "+", "-", "", Reward.VERDICT, Aggregate.LAST));
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
            random.nextBoolean() ? "" : "c",
            Reward.values()[random.nextInt(3)],
            aggregates[random.nextInt(aggregates.length)]));
  }
}
