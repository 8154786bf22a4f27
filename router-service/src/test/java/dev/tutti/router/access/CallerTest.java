package dev.tutti.router.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.router.testing.Keys;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class CallerTest {

  @Test
  void whoAsksWithoutAKeySeesWhatWasAskedWithoutOne() {
    assertEquals(Optional.of("none"), Caller.NOBODY.onlyTeam());
    assertTrue(Caller.NOBODY.sees("none") && Caller.NOBODY.sees(""));
    assertFalse(Caller.NOBODY.sees("search"));
    Caller team = Caller.of(Keys.of("k", "search"));
    assertTrue(team.sees("search"));
    assertFalse(team.sees("") || team.sees("none") || team.sees("other"));
    for (Caller all : new Caller[] {Caller.of(Keys.admin("root")), Caller.PLATFORM}) {
      assertTrue(all.sees("search") && all.sees("") && all.sees("none"));
    }
  }

  /** A thread that lost the context opens nothing. */
  @Test
  void whereItIsNotKnownWhoAsksNothingIsDone() throws Exception {
    assertThrows(IllegalStateException.class, Caller::current);
    Caller team = Caller.of(Keys.of("k", "search"));
    assertEquals(team, team.call(Caller::current));
    var lost = new AtomicReference<Throwable>();
    team.call(
        () -> {
          Thread thread =
              Thread.ofVirtual()
                  .uncaughtExceptionHandler((_, e) -> lost.set(e))
                  .start(Caller::current);
          thread.join();
          return null;
        });
    assertTrue(lost.get() instanceof IllegalStateException);
  }
}
