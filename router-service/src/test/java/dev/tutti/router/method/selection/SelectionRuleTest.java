package dev.tutti.router.method.selection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.router.Estimate;
import dev.tutti.router.Offer;
import dev.tutti.router.SelectionRule;
import java.util.List;
import org.junit.jupiter.api.Test;

class SelectionRuleTest {

  // By falling quality, as a router hands them over.
  private static final Offer LARGE = offer("large", 0.9, 0.10, 8);
  private static final Offer MEDIUM = offer("medium", 0.8, 0.02, 3);
  private static final Offer SMALL = offer("small", 0.5, 0.001, 1);
  private static final List<Offer> OFFERS = List.of(LARGE, MEDIUM, SMALL);

  private static Offer offer(String name, double quality, double usd, double seconds) {
    return new Offer(name, quality, 0.1, Estimate.Scale.OUTCOME, usd, seconds);
  }

  private static void assertChooses(Offer expected, SelectionRule rule) {
    assertEquals(expected, rule.choose(OFFERS), rule.toString());
  }

  @Test
  void qualityAgainstCost() {
    assertChooses(LARGE, new BestQuality());
    assertChooses(LARGE, new QualityMinusCost(0));
    // 0.9 - 0.2 = 0.7; 0.8 - 0.04 = 0.76; 0.5 - 0.002.
    assertChooses(MEDIUM, new QualityMinusCost(2));
    // 0.8 - 0.6 = 0.2; 0.5 - 0.03 = 0.47.
    assertChooses(SMALL, new QualityMinusCost(30));
    assertChooses(MEDIUM, QualityMinusCost.willingToPay(0.5));
    assertEquals(new BestQuality(), QualityMinusCost.willingToPay(0));
  }

  @Test
  void cheapEnoughAndGoodEnough() {
    assertChooses(LARGE, new CheapestWithinMargin(0));
    assertChooses(MEDIUM, new CheapestWithinMargin(0.1 + 1e-12));
    assertChooses(SMALL, new CheapestWithinMargin(1));
    assertChooses(MEDIUM, new CheapestLabelled(0.7));
    assertChooses(LARGE, new CheapestLabelled(0.95));
  }

  @Test
  void theChainOfWinProbabilities() {
    // medium beats small with Phi(0.3 / 0.1414) = 0.983, large beats medium with Phi(0.707) = 0.76.
    assertEquals(0.983, MEDIUM.beats(SMALL), 1e-3);
    assertEquals(0.760, LARGE.beats(MEDIUM), 1e-3);
    assertChooses(LARGE, new WinProbability(0.7));
    assertChooses(MEDIUM, new WinProbability(0.8));
    // small stays against medium, and large beats small with Phi(0.4 / 0.1414) = 0.998.
    assertChooses(LARGE, new WinProbability(0.99));
    assertChooses(SMALL, new WinProbability(0.999));
  }

  /** Models of one's own cost nothing; the fit knows which is the weak one. */
  @Test
  void whereNobodyCostsMoreTheChainIsBySize() {
    var weak = new Offer("weak", 0.6, 0, Estimate.Scale.PREFERENCE, 0, 0, 1);
    var strong = new Offer("strong", 0.4, 0, Estimate.Scale.PREFERENCE, 0, 0, 2);
    assertEquals(strong, new WinProbability(0.3).choose(List.of(weak, strong)));
    assertEquals(weak, new WinProbability(0.5).choose(List.of(weak, strong)));
  }

  @Test
  void whoIsSmallIsWhatTheFitFoundWhateverItsPriceIsNow() {
    var weak = new Offer("weak", 0.6, 0, Estimate.Scale.PREFERENCE, 2, 0, 1);
    var strong = new Offer("strong", 0.4, 0, Estimate.Scale.PREFERENCE, 1, 0, 2);
    assertEquals(strong, new WinProbability(0.4).choose(List.of(weak, strong)));
    assertEquals(weak, new WinProbability(0.5).choose(List.of(weak, strong)));
    var unknown = new Offer("weak", 0.6, 0, Estimate.Scale.PREFERENCE, 2, 0);
    assertEquals(unknown, new WinProbability(0.5).choose(List.of(unknown, strong)));
  }

  @Test
  void preferencesCompareByTheirShares() {
    var a = new Offer("a", 0.6, 0, Estimate.Scale.PREFERENCE, 1, 0);
    var b = new Offer("b", 0.2, 0, Estimate.Scale.PREFERENCE, 0, 0);
    assertEquals(0.75, a.beats(b), 1e-15);
  }

  @Test
  void limits() {
    assertChooses(MEDIUM, new RequestBudget(0.05, new BestQuality()));
    assertChooses(SMALL, new RequestBudget(0, new BestQuality()));
    assertChooses(MEDIUM, new LatencyLimit(5, new BestQuality()));
    assertChooses(SMALL, new LatencyLimit(0.5, new BestQuality()));
    assertChooses(SMALL, new LatencyLimit(5, new RequestBudget(0.01, new BestQuality())));
  }

  @Test
  void whoIsUnsureDrawsAmongThree() {
    assertEquals(List.of(LARGE), new UnsureRandom(0.6).draw(OFFERS));
    assertEquals(OFFERS, new UnsureRandom(0.9).draw(OFFERS));
  }

  @Test
  void badNumbersAreRefused() {
    assertRefused("-1", () -> new QualityMinusCost(-1));
    assertRefused("NaN", () -> new CheapestWithinMargin(Double.NaN));
    assertRefused("1.5", () -> new WinProbability(1.5));
    assertRefused("-2", () -> new RequestBudget(-2, new BestQuality()));
    assertRefused("NaN", () -> new LatencyLimit(Double.NaN, new BestQuality()));
    assertRefused("NaN", () -> new UnsureRandom(Double.NaN));
    assertRefused("NaN", () -> new CheapestLabelled(Double.NaN));
  }

  private static void assertRefused(String value, org.junit.jupiter.api.function.Executable made) {
    var e = assertThrows(IllegalArgumentException.class, made);
    assertTrue(e.getMessage().contains(value), e.getMessage());
  }

  @Test
  void limitsDrawAmongThoseWithin() {
    assertEquals(List.of(MEDIUM, SMALL), new RequestBudget(0.02, new UnsureRandom(1)).draw(OFFERS));
    assertEquals(List.of(SMALL), new RequestBudget(0.001, new BestQuality()).draw(OFFERS));
    assertEquals(List.of(SMALL), new RequestBudget(0, new UnsureRandom(1)).draw(OFFERS));
    assertEquals(List.of(MEDIUM, SMALL), new LatencyLimit(3, new UnsureRandom(1)).draw(OFFERS));
    assertEquals(List.of(SMALL), new LatencyLimit(0, new UnsureRandom(1)).draw(OFFERS));
    assertChooses(SMALL, new LatencyLimit(0, new BestQuality()));
    // None is within: the least, not the best.
    var dear = offer("dear", 0.9, 5, 1);
    assertEquals(LARGE, new RequestBudget(0.05, new BestQuality()).choose(List.of(dear, LARGE)));
  }

  @Test
  void boundsAreWithin() {
    assertChooses(MEDIUM, new CheapestLabelled(0.8));
    assertChooses(LARGE, new UnsureRandom(0.9));
    assertEquals(OFFERS, new UnsureRandom(0.9).draw(OFFERS));
    var near = offer("near", 0.5, 0.02, 1);
    var far = offer("far", 0.25, 0.01, 1);
    assertEquals(far, new CheapestWithinMargin(0.25).choose(List.of(near, far)));
    assertEquals(near, new CheapestWithinMargin(0.24).choose(List.of(near, far)));
    var fast = offer("fast", 0.5, 0.02, 0.5);
    assertEquals(fast, new CheapestLabelled(0.5).choose(List.of(near, fast)));
    var four = List.of(LARGE, MEDIUM, near, SMALL);
    assertEquals(List.of(LARGE, MEDIUM, near), new UnsureRandom(1).draw(four));
    assertEquals(LARGE, new UnsureRandom(1).choose(four));
  }

  @Test
  void ofEqualOnesTheFirstIsTaken() {
    var first = offer("first", 0.75, 0.5, 1);
    var second = offer("second", 0.5, 0.25, 1);
    // 0.75 - 0.5 = 0.5 - 0.25.
    assertEquals(first, new QualityMinusCost(1).choose(List.of(first, second)));
    var alike = offer("alike", 0.75, 0.5, 1);
    assertEquals(first, new CheapestWithinMargin(1).choose(List.of(first, alike)));
    // Equal cost, size unknown: the better keeps its place however little is asked.
    assertEquals(first, new WinProbability(0).choose(List.of(first, alike)));
    assertEquals(first, new WinProbability(0).choose(List.of(second, first)));
  }

  @Test
  void theLadderIsBySizeOnlyWhereAllSizesAreKnown() {
    var unknown = new Offer("unknown", 0.5, 0.1, Estimate.Scale.OUTCOME, 2, 0, 0);
    var known = new Offer("known", 0.5, 0.1, Estimate.Scale.OUTCOME, 1, 0, 1);
    // By cost the unknown one is the larger, and wins one of two.
    assertEquals(unknown, new WinProbability(0.5).choose(List.of(unknown, known)));
    assertEquals(known, new WinProbability(0.51).choose(List.of(unknown, known)));
    assertEquals(known, new WinProbability(1).choose(List.of(unknown, known)));
  }
}
