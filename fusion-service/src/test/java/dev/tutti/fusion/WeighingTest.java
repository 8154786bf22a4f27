package dev.tutti.fusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class WeighingTest {

  private static final List<Optional<String>> ANSWERS =
      List.of(Optional.of("x"), Optional.empty(), Optional.of("y"), Optional.of("x"));

  @Test
  void votesAndAgreementAreShares() {
    Weighing weighing = new Weighing(List.of(0.25, 0.25, 0.25, 0.25), ANSWERS, 3, "");
    assertEquals(Map.of("x", 0.5, "y", 0.25), weighing.votes());
    assertEquals(0.5, weighing.agreement());
    assertEquals(0, new Weighing(List.of(0.25, 0.25, 0.25, 0.25), ANSWERS, 1, "").agreement());
  }

  @Test
  void whatIsNoWeighingIsRefused() {
    assertRefused(List.of(0.5, 0.25, 0.25), 0);
    assertRefused(List.of(0.5, 0.25, 0.25, 0.25), 0);
    assertRefused(List.of(1.5, -0.5, 0.0, 0.0), 0);
    assertRefused(List.of(Double.NaN, 0.5, 0.5, 0.0), 0);
    assertRefused(List.of(0.25, 0.25, 0.25, 0.25), 4);
    assertRefused(List.of(0.25, 0.25, 0.25, 0.25), -1);
  }

  private static void assertRefused(List<Double> weights, int chosen) {
    assertThrows(IllegalArgumentException.class, () -> new Weighing(weights, ANSWERS, chosen, ""));
  }

  @Test
  void whoChoosesNobodyHasNobodyBehindIt() {
    var weighing =
        new Weighing(List.of(1.0), List.of(Optional.of("x")), OptionalInt.empty(), "none");
    assertEquals(0, weighing.agreement());
    assertEquals(1, weighing.votes().get("x"));
  }
}
