package dev.tutti.decoder.method.token;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.Heard;
import dev.tutti.decoder.StepCombiner.Vote;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SureVotesTest {

  private record Told(Optional<Distribution> distribution) implements Heard {
    @Override
    public double highest() {
      throw new AssertionError();
    }

    @Override
    public Optional<float[]> hidden() {
      throw new AssertionError();
    }
  }

  private static Vote vote(int member, double weight, double... p) {
    var distribution = new Distribution(p.length);
    distribution.setProbabilities(p);
    return new Vote(member, weight, p, new Told(Optional.of(distribution)));
  }

  private static double[] weights(double temperature, Vote... votes) {
    var weights = new double[votes.length];
    new SureVotes(
            temperature,
            (weighed, _) -> weighed.forEach(vote -> weights[vote.member()] = vote.weight()))
        .combine(List.of(votes), new double[2]);
    return weights;
  }

  /** Entropies 0 and ln 2; exp(-ln 2 / .5) = 1/4, so .5 and .5 become 4 to 1; .2 and .8 1 to 1. */
  @Test
  void theSurerCountsMore() {
    assertArrayEquals(
        new double[] {.8, .2}, weights(.5, vote(0, .5, 1, 0), vote(1, .5, .5, .5)), 1e-12);
    assertArrayEquals(
        new double[] {.5, .5}, weights(.5, vote(0, .2, 1, 0), vote(1, .8, .5, .5)), 1e-12);
  }

  /** exp(-ln 2 / 1e-5) is no number above 0, but the surest always counts. */
  @Test
  void aSmallTemperatureLeavesTheSurest() {
    assertArrayEquals(
        new double[] {0, 1}, weights(1e-5, vote(0, .9, .5, .5), vote(1, .1, .9, .1)), 1e-12);
  }
}
