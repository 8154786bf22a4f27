package dev.tutti.decoder.runtime.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PatienceTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration HOUR = Duration.ofHours(1);

  /** One that has waited for so long. */
  private static Patience since(Duration alive, Duration passed) {
    return new Patience(alive, System.nanoTime() - passed.toNanos());
  }

  private static String over(Patience patience, Duration limit) {
    return patience.over("The endpoint of 'm'", "first token", limit).failure().message();
  }

  @Test
  void silenceEndsAtItsLimit() {
    Patience patience = since(HOUR, Duration.ofSeconds(61));
    assertFalse(patience.left(MINUTE).isPositive());
    assertEquals("The endpoint of 'm' sent no first token for 60 s.", over(patience, MINUTE));
    assertTrue(since(HOUR, Duration.ofSeconds(30)).left(MINUTE).isPositive());
  }

  @Test
  void signsOfLifeRenewItForABoundedTime() {
    Patience patience = since(HOUR, Duration.ofMinutes(59));
    patience.heard();
    assertTrue(patience.left(MINUTE).compareTo(Duration.ofSeconds(30)) > 0);
    patience = since(HOUR, Duration.ofMinutes(61));
    patience.heard();
    assertFalse(patience.left(MINUTE).isPositive());
    assertEquals(
        "The endpoint of 'm' sent signs of life, but no first token for 3600 s.",
        over(patience, MINUTE));
  }

  @Test
  void aWordRenewsBoth() {
    Patience patience = since(HOUR, Duration.ofMinutes(61));
    patience.heard();
    patience.said();
    assertTrue(patience.left(MINUTE).compareTo(Duration.ofSeconds(30)) > 0);
  }

  /** Whoever may be silent for longer than signs of life keep it alive may give signs that long. */
  @Test
  void aLongerSilenceAllowsForLongerSigns() {
    Patience patience = since(MINUTE, Duration.ofMinutes(30));
    patience.heard();
    assertTrue(patience.left(HOUR).compareTo(Duration.ofMinutes(29)) > 0);
  }
}
