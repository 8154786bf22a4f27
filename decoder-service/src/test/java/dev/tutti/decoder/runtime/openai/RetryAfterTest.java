package dev.tutti.decoder.runtime.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RetryAfterTest {

  private static final Instant NOW = Instant.parse("1994-11-06T08:49:00Z");

  private static Duration of(String retryAfter) {
    return RetryAfter.of(null, retryAfter, NOW);
  }

  @Test
  void secondsAreToldAsTheyCame() {
    assertEquals(Duration.ofSeconds(7), of("7"));
    assertEquals(Duration.ofSeconds(7), of(" 7 "));
    assertEquals(Duration.ofMillis(50), of("0.05"));
    assertEquals(Duration.ofDays(2), of("172800"));
    assertEquals(Duration.ofSeconds(999_999_999), of("999999999"));
  }

  @Test
  void millisecondsSayItBest() {
    assertEquals(Duration.ofMillis(1500), RetryAfter.of("1500", "2", NOW));
    assertEquals(Duration.ofMillis(1500), RetryAfter.of("1499.5", null, NOW));
    assertEquals(Duration.ofSeconds(2), RetryAfter.of("soon", "2", NOW));
  }

  /** The three forms of RFC 9110. */
  @Test
  void datesAreTakenInEachForm() {
    assertEquals(Duration.ofSeconds(37), of("Sun, 06 Nov 1994 08:49:37 GMT"));
    assertEquals(Duration.ofSeconds(37), of("Sunday, 06-Nov-94 08:49:37 GMT"));
    assertEquals(Duration.ofSeconds(37), of("Sun Nov  6 08:49:37 1994"));
    assertEquals(Duration.ofDays(3), of("Wed, 09 Nov 1994 08:49:00 GMT"));
  }

  @Test
  void whatIsOverOrSaysNothingIsNoWait() {
    for (String nothing :
        new String[] {null, "", "-3", "soon", "Sun, 06 Nov 1994 08:48:00 GMT", "1e9", "NaN"}) {
      assertEquals(Duration.ZERO, of(nothing), nothing);
    }
    // Clocks of this service count nanoseconds: no wish overflows them.
    of("Fri, 31 Dec 9999 23:59:59 GMT").toNanos();
  }
}
