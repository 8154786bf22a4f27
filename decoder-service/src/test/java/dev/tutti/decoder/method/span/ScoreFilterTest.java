package dev.tutti.decoder.method.span;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.span.Ballot;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ScoreFilterTest {

  private static final double NO = Double.NaN;

  /** Log-perplexities, as the card has them; the ballot has their negatives. */
  private static Ballot ballot(int[] wrote, double[]... perplexities) {
    double[][] scores =
        Arrays.stream(perplexities)
            .map(judge -> judge == null ? null : Arrays.stream(judge).map(l -> -l).toArray())
            .toArray(double[][]::new);
    int candidates =
        Arrays.stream(perplexities).filter(judge -> judge != null).findFirst().orElseThrow().length;
    return new Ballot(candidates, wrote, scores);
  }

  @Test
  void noneKeepsAll() {
    double[][] kept =
        ScoreFilter.NONE.filter(ballot(new int[] {0, 1}, new double[] {1, 2}, null), 1);
    assertArrayEquals(new double[] {1, 2}, kept[0]);
    assertNull(kept[1]);
  }

  /**
   * By hand. Centred: (-.5, .5), (-.6, .6), (-.55, .55), (-.45, .45), (4, -4). First candidate:
   * median -.5, deviations 0, .1, .05, .05, 4.5, MAD .05, bound .22239: the fifth is out. Second:
   * the same with signs changed.
   */
  @Test
  void madDropsWhatIsFarFromTheMedian() {
    double[][] kept =
        ScoreFilter.MAD.filter(
            ballot(
                new int[] {0, 1, 0, 1, 0},
                new double[] {1, 2},
                new double[] {2, 3.2},
                new double[] {0, 1.1},
                new double[] {.3, 1.2},
                new double[] {9, 1}),
            1);
    double[][] wanted = {{-.5, .5}, {-.6, .6}, {-.55, .55}, {-.45, .45}, {NO, NO}};
    assertMatrix(wanted, kept);
  }

  /** By hand: centred (-1, 1), (.5, -.5), (0, 0); the first two wrote one each, the third none. */
  @Test
  void selfDropsWhatTheJudgeWrote() {
    Ballot three =
        ballot(new int[] {0, 1, -1}, new double[] {1, 3}, new double[] {2, 1}, new double[] {4, 4});
    assertMatrix(new double[][] {{NO, 1}, {.5, NO}, {0, 0}}, ScoreFilter.SELF.filter(three, 1));
    Ballot two = ballot(new int[] {0, 1}, new double[] {1, 3}, new double[] {2, 1});
    assertMatrix(new double[][] {{1, 3}, {2, 1}}, ScoreFilter.SELF.filter(two, 1));
  }

  @Test
  void whatAllJudgesWroteKeepsTheLastOfThem() {
    Ballot ballot =
        ballot(new int[] {0, 0, 0}, new double[] {1, 3}, new double[] {2, 1}, new double[] {4, 4});
    assertMatrix(new double[][] {{NO, 1}, {NO, -.5}, {0, 0}}, ScoreFilter.SELF.filter(ballot, 1));
  }

  /** By hand: centred (-1, 1), (1, -1), (-2, 2), (0, 0). */
  @Test
  void trimDropsTheHighestAndTheLowest() {
    Ballot four =
        ballot(
            new int[] {0, 1, 0, 1},
            new double[] {1, 3},
            new double[] {3, 1},
            new double[] {0, 4},
            new double[] {5, 5});
    assertMatrix(
        new double[][] {{-1, 1}, {NO, NO}, {NO, NO}, {0, 0}}, ScoreFilter.TRIM.filter(four, 1));
  }

  /** By hand: means 1, 2 and 3.5; the surest has 1. */
  @Test
  void adaptDropsJudgesThatFindEverythingImprobable() {
    Ballot ballot =
        ballot(
            new int[] {0, 1, 2},
            new double[] {.5, 1, 1.5},
            new double[] {3, 2, 1},
            new double[] {3, 4, 3.5});
    double[][] one = ScoreFilter.ADAPT.filter(ballot, 1);
    assertArrayEquals(new double[] {.5, 1, 1.5}, one[0]);
    assertArrayEquals(new double[] {3, 2, 1}, one[1]);
    assertNull(one[2]);
    double[][] none = ScoreFilter.ADAPT.filter(ballot, 0);
    assertNull(none[1]);
    assertEquals(3, ScoreFilter.ADAPT.filter(ballot, 3)[2][0]);
  }

  @Test
  void everyCandidateKeepsAJudgement() {
    var random = new SplittableRandom(1);
    for (int trial = 0; trial < 2_000; trial++) {
      int members = random.nextInt(1, 7);
      int candidates = random.nextInt(1, members + 1);
      var wrote = new int[members];
      var scores = new double[members][];
      for (int m = 0; m < members; m++) {
        wrote[m] = random.nextInt(-1, candidates);
        // Many are equal, some at the bound.
        scores[m] =
            m > 0 && random.nextInt(5) == 0
                ? null
                : random.ints(candidates, 0, 4).mapToDouble(i -> -i * i * 2.2).toArray();
      }
      var ballot = new Ballot(candidates, wrote, scores);
      for (ScoreFilter filter : ScoreFilter.values()) {
        double[][] kept = filter.filter(ballot, random.nextDouble(5));
        for (int c = 0; c < candidates; c++) {
          int candidate = c;
          assertTrue(
              Arrays.stream(kept).anyMatch(k -> k != null && !Double.isNaN(k[candidate])),
              filter + " " + Arrays.deepToString(scores));
        }
      }
    }
  }

  private static void assertMatrix(double[][] wanted, double[][] kept) {
    assertEquals(wanted.length, kept.length);
    for (int m = 0; m < wanted.length; m++) {
      assertArrayEquals(wanted[m], kept[m], 1e-12, "judge " + m);
    }
  }
}
