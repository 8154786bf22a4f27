package dev.tutti.kit.calls;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * How long a round's calls are waited for: until all have ended; once those that have do, as long
 * again as they took, {@value #GRACE_SECONDS} s at least; and once what they lead to cannot change
 * any more, a tenth of what they took, {@value #MOMENT_MILLIS} ms at least and {@value
 * #GRACE_SECONDS} s at most, for whoever is about to end: one that stalls holds nobody up. Confined
 * to the request's thread.
 */
public final class Patience {

  private static final int GRACE_SECONDS = 2;
  private static final int MOMENT_MILLIS = 250;
  private static final Duration MOMENT = Duration.ofMillis(MOMENT_MILLIS);
  private static final Duration GRACE = Duration.ofSeconds(GRACE_SECONDS);

  private final InstantSource clock;

  /** Members whose calls of this round have not ended, one a call. */
  private final List<Integer> pending = new ArrayList<>();

  private Instant began;
  private boolean enough;
  private boolean settled;
  private Optional<Instant> lastMoment = Optional.empty();

  /** By the system's clock. */
  public Patience() {
    this(InstantSource.system());
  }

  Patience(InstantSource clock) {
    this.clock = clock;
    this.began = clock.instant();
  }

  /** These are asked together. */
  public void begin(List<Call> calls) {
    pending.clear();
    for (Call call : calls) {
      for (int sample = 0; sample < call.samples(); sample++) {
        pending.add(call.member());
      }
    }
    began = clock.instant();
    enough = false;
    settled = false;
    lastMoment = Optional.empty();
  }

  /**
   * A call ended.
   *
   * @param isSettled whether all is settled, whatever the calls of these members say that have not
   *     ended yet, one a call
   * @param isEnough whether those that have ended do
   */
  public void heard(
      Outcome outcome, Predicate<List<Integer>> isSettled, Predicate<List<Integer>> isEnough) {
    pending.remove((Integer) outcome.asked().member());
    if (settled) {
      return;
    }
    if (isSettled.test(pending)) {
      settled = true;
      Duration tenth = Duration.between(began, clock.instant()).dividedBy(10);
      Duration moment = tenth.compareTo(MOMENT) > 0 ? tenth : MOMENT;
      until(clock.instant().plus(moment.compareTo(GRACE) < 0 ? moment : GRACE));
    } else if (!enough && isEnough.test(pending)) {
      enough = true;
      Instant now = clock.instant();
      Duration again = Duration.between(began, now);
      until(now.plus(again.compareTo(GRACE) > 0 ? again : GRACE));
    }
  }

  /** How many calls have not ended. */
  public int pending() {
    return pending.size();
  }

  private void until(Instant moment) {
    if (lastMoment.isEmpty() || moment.isBefore(lastMoment.get())) {
      lastMoment = Optional.of(moment);
    }
  }

  /** How long the others are waited for; empty for as long as it takes. */
  public Optional<Duration> left() {
    return lastMoment.map(moment -> Duration.between(clock.instant(), moment));
  }
}
