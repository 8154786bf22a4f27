package dev.tutti.decoder.runtime.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RestTest {

  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
  private final Rest rest = new Rest(now::get);

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  @Test
  void theLongestWishCounts() {
    assertEquals(Duration.ZERO, rest.wished());
    rest.wish(Duration.ofSeconds(50));
    rest.wish(Duration.ofSeconds(20));
    assertEquals(Duration.ofSeconds(50), rest.left());
    assertEquals(Duration.ofSeconds(50), rest.wished());
    pass(Duration.ofSeconds(50));
    assertEquals(Duration.ZERO, rest.left());
    assertEquals(Duration.ZERO, rest.wished());
  }

  @Test
  void aWishIsToldWholeAndHeededForABoundedTime() {
    rest.wish(Duration.ofDays(1));
    assertEquals(Duration.ofHours(1), rest.left());
    assertEquals(Duration.ofDays(1), rest.wished());
  }

  @Test
  void whoIsAskedAgainTakesAnEarlierWishBack() {
    rest.wish(Duration.ofDays(1));
    pass(Duration.ofHours(1));
    rest.wish(Duration.ofSeconds(2));
    assertEquals(Duration.ofSeconds(2), rest.left());
    assertEquals(Duration.ofSeconds(2), rest.wished());
  }
}
