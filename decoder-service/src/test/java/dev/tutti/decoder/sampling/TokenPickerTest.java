package dev.tutti.decoder.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.TopTokens;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class TokenPickerTest {

  private static final double[] P = {.1, .5, .15, .05, .2};

  private static Sampling sampling(double temperature, double topP, int topK) {
    return new Sampling(
        temperature,
        topP,
        topK == 0 ? OptionalInt.empty() : OptionalInt.of(topK),
        List.of(),
        OptionalInt.empty(),
        false,
        0);
  }

  private static double[] shares(Sampling sampling, double[] p) {
    var distribution = new Distribution(p.length);
    distribution.setProbabilities(p);
    var picker = new TokenPicker(sampling, new Random(7));
    var shares = new double[p.length];
    int draws = p.length > 100 ? 20_000 : 200_000;
    for (int i = 0; i < draws; i++) {
      shares[picker.pick(distribution)] += 1.0 / draws;
    }
    return shares;
  }

  private static double[] shaped(Sampling sampling) {
    var distribution = new Distribution(P.length);
    distribution.setProbabilities(P);
    return new TokenPicker(sampling, new Random(7)).shaped(distribution);
  }

  /**
   * Greedy: all on .5. At temperature 1/2: p^2 over .325. Top-2 keeps .5 and .2; top-p .8 keeps .5,
   * .2 and .15.
   */
  @Test
  void whatIsDrawnFromIsTold() {
    assertArrayEquals(new double[] {0, 1, 0, 0, 0}, shaped(sampling(0, .5, 3)), 0);
    assertArrayEquals(P, shaped(sampling(1, 1, 0)), 1e-15);
    assertArrayEquals(
        new double[] {.01 / .325, .25 / .325, .0225 / .325, .0025 / .325, .04 / .325},
        shaped(sampling(.5, 1, 0)),
        1e-12);
    assertArrayEquals(new double[] {0, .5 / .7, 0, 0, .2 / .7}, shaped(sampling(1, 1, 2)), 1e-12);
    assertArrayEquals(
        new double[] {0, .5 / .85, .15 / .85, 0, .2 / .85}, shaped(sampling(1, .8, 0)), 1e-12);
  }

  @Test
  void temperatureZeroIsGreedy() {
    assertArrayEquals(new double[] {0, 1, 0, 0, 0}, shares(sampling(0, 1, 0), P), 1e-9);
  }

  @Test
  void temperatureOneDrawsByProbability() {
    assertArrayEquals(P, shares(sampling(1, 1, 0), P), .005);
  }

  /** p^2 / sum p^2 at temperature 1/2: .01 .25 .0225 .0025 .04 over .325. */
  @Test
  void halfTheTemperatureSquares() {
    assertArrayEquals(
        new double[] {.01 / .325, .25 / .325, .0225 / .325, .0025 / .325, .04 / .325},
        shares(sampling(.5, 1, 0), P),
        .005);
  }

  @Test
  void topKKeepsTheBest() {
    assertArrayEquals(new double[] {0, 5 / 7.0, 0, 0, 2 / 7.0}, shares(sampling(1, 1, 2), P), .005);
  }

  /** .5 + .2 = .7 < .8 <= .85: three are kept. */
  @Test
  void topPKeepsTheSmallestSetWithTheMass() {
    assertArrayEquals(
        new double[] {0, .5 / .85, .15 / .85, 0, .2 / .85}, shares(sampling(1, .8, 0), P), .005);
    assertArrayEquals(new double[] {0, 1, 0, 0, 0}, shares(sampling(1, 1e-9, 0), P), 1e-9);
  }

  /** Top-p counts within top-k: of .5, .2, .15 (sum .85) two have 70/85 >= .8. */
  @Test
  void topPWorksWithinTopK() {
    assertArrayEquals(
        new double[] {0, 5 / 7.0, 0, 0, 2 / 7.0}, shares(sampling(1, .8, 3), P), .005);
  }

  @Test
  void aFlatDistributionOfManyTokensIsCutToo() {
    var flat = new double[1_000];
    java.util.Arrays.fill(flat, .001);
    double[] shares = shares(sampling(1, .5005, 0), flat);
    assertEquals(501, IntStream.range(0, 1_000).filter(t -> shares[t] > 0).max().orElseThrow() + 1);
    double[] best = shares(sampling(1, 1, 300), flat);
    assertEquals(300, IntStream.range(0, 1_000).filter(t -> best[t] > 0).count());
  }

  @Test
  void massThatWasLostIsNotDrawn() {
    assertArrayEquals(
        new double[] {.25, 0, .75}, shares(sampling(1, 1, 0), new double[] {.1, 0, .3}), .005);
  }

  @Property
  void whatIsPickedIsPossible(
      @ForAll @Size(min = 1, max = 300) List<@DoubleRange(max = 1) Double> given,
      @ForAll @DoubleRange(max = 2) double temperature,
      @ForAll @DoubleRange(min = 0.01, max = 1) double topP,
      @ForAll @IntRange(max = 400) int topK,
      @ForAll long seed) {
    double[] p = given.stream().mapToDouble(d -> d).toArray();
    p[0] += 1e-3;
    var distribution = new Distribution(p.length);
    distribution.setProbabilities(p);
    int token =
        new TokenPicker(sampling(temperature, topP, topK), new Random(seed)).pick(distribution);
    assertTrue(p[token] > 0);
    int better = (int) java.util.Arrays.stream(p).filter(other -> other > p[token]).count();
    assertTrue(topK == 0 || better < topK);
    assertTrue(temperature > 0 || better == 0);
  }

  @Property
  void topTokensAreTheFirstOfAllSorted(
      @ForAll @Size(min = 1, max = 100) List<@DoubleRange(max = 1) Double> given,
      @ForAll @IntRange(max = 120) int k) {
    double[] p = given.stream().mapToDouble(d -> d).toArray();
    int[] sorted =
        IntStream.range(0, p.length)
            .boxed()
            .sorted(Comparator.<Integer>comparingDouble(t -> -p[t]).thenComparing(t -> t))
            .limit(k)
            .mapToInt(t -> t)
            .toArray();
    assertArrayEquals(sorted, TopTokens.of(p, k));
  }

  @Test
  void valuesOutOfRangeAreNamed() {
    assertEquals(
        "temperature is -0.1; it must be 0 to 2.",
        assertThrows(IllegalArgumentException.class, () -> sampling(-.1, 1, 0)).getMessage());
    assertThrows(IllegalArgumentException.class, () -> sampling(Double.NaN, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> sampling(1, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> sampling(1, 1, -1));
  }
}
