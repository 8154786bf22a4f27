package dev.tutti.router.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.SplittableRandom;
import java.util.TimeZone;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowTest {

  @ParameterizedTest
  @CsvSource({
    "MINUTE, 2027-03-28T00:59:59.999999Z, 2027-03-28T00:59:00Z, 2027-03-28T01:00:00Z",
    "DAY, 2027-03-28T23:30:00Z, 2027-03-28T00:00:00Z, 2027-03-29T00:00:00Z",
    "DAY, 2027-12-31T23:59:59.999999Z, 2027-12-31T00:00:00Z, 2028-01-01T00:00:00Z",
    "MONTH, 2027-03-31T23:59:59.999999Z, 2027-03-01T00:00:00Z, 2027-04-01T00:00:00Z",
    "MONTH, 2027-12-31T12:00:00Z, 2027-12-01T00:00:00Z, 2028-01-01T00:00:00Z",
    "MONTH, 2028-02-01T00:00:00Z, 2028-02-01T00:00:00Z, 2028-03-01T00:00:00Z"
  })
  void beginsAndEndsByTheClockOfUtc(Window window, Instant now, Instant begin, Instant end) {
    TimeZone before = TimeZone.getDefault();
    for (String zone : new String[] {"UTC", "America/New_York", "Europe/Berlin"}) {
      TimeZone.setDefault(TimeZone.getTimeZone(zone));
      try {
        assertEquals(begin, window.begin(now), zone);
        assertEquals(end, window.end(now), zone);
      } finally {
        TimeZone.setDefault(before);
      }
    }
  }

  @Test
  void everyMomentIsWithinItsWindow() {
    var random = new SplittableRandom(15);
    for (int i = 0; i < 10_000; i++) {
      Instant now = Instant.ofEpochSecond(random.nextLong(4_000_000_000L), random.nextInt(1_000));
      for (Window window : Window.values()) {
        Instant begin = window.begin(now);
        Instant end = window.end(now);
        assertTrue(!begin.isAfter(now) && end.isAfter(now), window + " of " + now);
        assertEquals(end, window.begin(end));
        assertTrue(!end.isAfter(begin.plus(window.longest())));
      }
    }
  }
}
