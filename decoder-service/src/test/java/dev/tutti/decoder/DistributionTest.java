package dev.tutti.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class DistributionTest {

  private static Distribution ofLogits(float... logits) {
    var distribution = new Distribution(logits.length);
    distribution.setLogits(logits);
    return distribution;
  }

  private static Distribution ofProbabilities(double... probabilities) {
    var distribution = new Distribution(probabilities.length);
    distribution.setProbabilities(probabilities);
    return distribution;
  }

  /** Logits ln 1, ln 2, ln 5 are probabilities 1/8, 2/8, 5/8. */
  @Test
  void logitsByHand() {
    Distribution d = ofLogits(0, (float) Math.log(2), (float) Math.log(5));
    assertEquals(.125, d.probability(0), 1e-7);
    assertEquals(.25, d.probability(1), 1e-7);
    assertEquals(.625, d.probability(2), 1e-7);
    assertEquals(Math.log(.25), d.logProbability(1), 1e-7);
    assertEquals(2, d.mostProbable());
    double entropy = -(.125 * Math.log(.125) + .25 * Math.log(.25) + .625 * Math.log(.625));
    assertEquals(entropy, d.entropy(), 1e-7);
    // |p|^2 = 30/64; sqrt((30/64 - 1/3) / (2/3)).
    assertEquals(Math.sqrt((30 / 64.0 - 1 / 3.0) / (2 / 3.0)), d.distanceToUniform(), 1e-7);
  }

  @Test
  void certainAndUniformAreTheEndsOfTheScale() {
    assertEquals(1, ofProbabilities(0, 1, 0).distanceToUniform(), 1e-12);
    assertEquals(0, ofProbabilities(0, 1, 0).entropy(), 1e-12);
    assertEquals(0, ofProbabilities(.25, .25, .25, .25).distanceToUniform(), 1e-12);
    assertEquals(Math.log(4), ofProbabilities(.25, .25, .25, .25).entropy(), 1e-12);
    assertEquals(1, ofProbabilities(1).distanceToUniform());
  }

  @Test
  void hugeLogitsNeitherOverflowNorVanish() {
    Distribution d = ofLogits(3e38f, -3e38f, 3e38f, Float.NEGATIVE_INFINITY);
    assertEquals(.5, d.probability(0), 1e-12);
    assertEquals(Math.log(.5), d.logProbability(0), 1e-12);
    assertEquals(0, d.probability(3));
    assertEquals(Double.NEGATIVE_INFINITY, d.logProbability(3));
    assertEquals(0, d.mostProbable());
    // Where the probability is too small for a double its logarithm is still there.
    assertEquals(-2000, ofLogits(0, -2000).logProbability(1), 1e-9);
  }

  @Test
  void whatIsNoNumberIsRefused() {
    assertThrows(DecodeException.class, () -> ofLogits(0, Float.NaN));
    assertThrows(DecodeException.class, () -> ofLogits(0, Float.POSITIVE_INFINITY));
    assertThrows(DecodeException.class, () -> ofLogits(Float.NEGATIVE_INFINITY));
    assertThrows(DecodeException.class, () -> ofProbabilities(0, Double.NaN));
    assertThrows(DecodeException.class, () -> ofProbabilities(-.1, 1));
    assertThrows(DecodeException.class, () -> ofProbabilities(0, 0));
    assertThrows(IllegalArgumentException.class, () -> new Distribution(0));
  }

  @Property
  void probabilitiesSumToOneAndFollowTheLogits(
      @ForAll @Size(min = 1, max = 50) List<@FloatRange(min = -60, max = 60) Float> given) {
    var logits = new float[given.size()];
    for (int t = 0; t < logits.length; t++) {
      logits[t] = given.get(t);
    }
    Distribution d = ofLogits(logits);
    double sum = 0;
    for (int t = 0; t < logits.length; t++) {
      sum += d.probability(t);
      assertEquals(d.probability(t), Math.exp(d.logProbability(t)), 1e-12);
      assertTrue(logits[t] <= logits[d.mostProbable()]);
    }
    assertEquals(1, sum, 1e-12);
    assertTrue(d.entropy() >= 0 && d.entropy() <= Math.log(logits.length) + 1e-9);
    assertTrue(d.distanceToUniform() >= 0 && d.distanceToUniform() <= 1);
    assertEquals(ofProbabilities(d.probabilities().clone()).entropy(), d.entropy(), 1e-7);
  }
}
