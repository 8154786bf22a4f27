package dev.tutti.decoder.method.routing;

import dev.tutti.decoder.FittedOn;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointEnsembleContract;
import dev.tutti.decoder.TokenMember;
import dev.tutti.numerics.Matrix;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** ETR with what was learned drawn at random. */
class EtrContractTest extends JointEnsembleContract {

  /** An expert takes over at once. */
  @Override
  protected JointEnsemble method() {
    return of(new SplittableRandom(0), 0, 1_000);
  }

  @Override
  protected JointEnsemble method(SplittableRandom random, List<Integer> order) {
    return of(random, random.nextDouble(3), 0);
  }

  /**
   * Whoever the members are, each expert has a row of its own.
   *
   * @param scale of the rows: the greater, the more often one takes over
   * @param first number of each row, by which an expert wins wherever the writer is
   */
  private static JointEnsemble of(SplittableRandom random, double scale, double first) {
    float[] values = new float[16 * 8];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (i % 8 == 0 && first > 0 ? first : scale * random.nextGaussian());
    }
    return members -> {
      List<String> names = members.stream().map(TokenMember::name).toList();
      int experts = Math.max(0, names.size() - 1);
      var rows = new Matrix(experts, 8, Arrays.copyOf(values, 8 * experts));
      return new EtrEnsemble(
              new EtrEnsemble.Settings("drawn"),
              new ExpertTokens(names.isEmpty() ? List.of("nobody") : names, rows),
              FittedOn.NOTHING)
          .plan(members);
    };
  }

  @Override
  protected boolean hasPlaces() {
    return true;
  }
}
