package dev.tutti.kit.calls;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * How long a round's calls are waited for: until all have ended or, once what they lead to cannot
 * change any more, {@value #GRACE_SECONDS} s longer; one that stalls holds nobody up. Confined to
 * the request's thread.
 */
public final class Patience {

  private static final int GRACE_SECONDS = 2;

  /** Members whose calls of this round have not ended, one a call. */
  private final List<Integer> pending = new ArrayList<>();

  private Optional<Instant> lastMoment = Optional.empty();

  /** These are asked together. */
  public void begin(List<Call> calls) {
    pending.clear();
    for (Call call : calls) {
      for (int sample = 0; sample < call.samples(); sample++) {
        pending.add(call.member());
      }
    }
    lastMoment = Optional.empty();
  }

  /**
   * A call ended.
   *
   * @param settled whether all is settled, whatever the calls of these members say that have not
   *     ended yet, one a call
   */
  public void heard(Outcome outcome, Predicate<List<Integer>> settled) {
    pending.remove((Integer) outcome.asked().member());
    if (lastMoment.isEmpty() && settled.test(pending)) {
      lastMoment = Optional.of(Instant.now().plusSeconds(GRACE_SECONDS));
    }
  }

  /** How many calls have not ended. */
  public int pending() {
    return pending.size();
  }

  /** How long the others are waited for; empty for as long as it takes. */
  public Optional<Duration> left() {
    return lastMoment.map(moment -> Duration.between(Instant.now(), moment));
  }
}
