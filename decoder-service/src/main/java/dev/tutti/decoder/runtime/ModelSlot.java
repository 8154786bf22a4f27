package dev.tutti.decoder.runtime;

import dev.tutti.decoder.LanguageModel;
import dev.tutti.registry.v1.Model;
import java.time.Duration;

/** A registered model in the pool, and what became of it; guarded by the pool's lock. */
final class ModelSlot {

  private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

  Model model;
  LanguageModel loaded;
  boolean loading;
  boolean dropped;
  long bytes;
  int users;
  long lastUse;
  ModelLoadException failure;
  long retryAt;
  private Duration wait = FIRST_WAIT;

  ModelSlot(Model model) {
    this.model = model;
  }

  /**
   * It could not be loaded, and is left alone for twice as long as the time before; for as short a
   * time as the first where it may be there again at any time.
   */
  void failed(ModelLoadException why, long now) {
    failure = why;
    if (why.isPassing()) {
      retryAt = now + FIRST_WAIT.toNanos();
      return;
    }
    retryAt = now + wait.toNanos();
    Duration doubled = wait.multipliedBy(2);
    wait = doubled.compareTo(LONGEST_WAIT) < 0 ? doubled : LONGEST_WAIT;
  }

  /** It was loaded, or is another one now. */
  void wellAgain() {
    failure = null;
    wait = FIRST_WAIT;
  }
}
