package dev.tutti.kit.calls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.generation.v1.Spent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class PatienceTest {

  private static final Predicate<List<Integer>> NO = _ -> false;
  private static final Predicate<List<Integer>> YES = _ -> true;

  private Instant now = Instant.EPOCH;
  private final Patience patience = new Patience(() -> now);

  /** Of member 0, a call ends at this second. */
  private void ends(int second, Predicate<List<Integer>> settled, Predicate<List<Integer>> enough) {
    now = Instant.ofEpochSecond(second);
    patience.heard(
        new Outcome.Unneeded(new Asked(0, 0, 0, 1, ""), Spent.getDefaultInstance(), 1),
        settled,
        enough);
  }

  private void ask(int second, int samples) {
    now = Instant.ofEpochSecond(second);
    patience.begin(
        List.of(new Call.Generate(0, Prompt.AS_ASKED, samples, SamplingChange.NONE, "")));
  }

  private static Optional<Duration> seconds(int seconds) {
    return Optional.of(Duration.ofSeconds(seconds));
  }

  @Test
  void whatCannotChangeAnythingGetsATenthMore() {
    ask(0, 3);
    ends(10, NO, NO);
    assertEquals(2, patience.pending());
    assertEquals(Optional.empty(), patience.left());
    ends(11, YES, NO);
    assertEquals(Optional.of(Duration.ofMillis(1_100)), patience.left());
    ends(12, YES, YES);
    assertEquals(Optional.of(Duration.ofMillis(100)), patience.left());
    ask(100, 2);
    ends(160, YES, NO);
    assertEquals(seconds(2), patience.left(), "two seconds at most");
    ask(200, 2);
    ends(201, YES, NO);
    assertEquals(Optional.of(Duration.ofMillis(250)), patience.left(), "a moment at least");
  }

  @Test
  void whatIsNotNeededGetsAsLongAsTheOthersTookButTwoSecondsAtLeast() {
    ask(100, 4);
    ends(109, NO, YES);
    assertEquals(seconds(9), patience.left());
    ends(110, NO, YES);
    assertEquals(seconds(8), patience.left(), "from the first time on");
    ends(111, YES, YES);
    assertEquals(Optional.of(Duration.ofMillis(1_100)), patience.left(), "settled meanwhile");
    ask(200, 2);
    assertEquals(Optional.empty(), patience.left(), "another round");
    ends(201, NO, YES);
    assertEquals(seconds(2), patience.left());
    ends(203, YES, YES);
    assertEquals(seconds(0), patience.left(), "no longer than it had");
  }
}
