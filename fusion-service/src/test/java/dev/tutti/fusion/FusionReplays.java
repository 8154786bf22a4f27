package dev.tutti.fusion;

import dev.tutti.kit.testing.ReplayReport;

/** The one report of all replays of this service: each class that adds to it writes it whole. */
public final class FusionReplays {

  /** What was measured so far. */
  public static final ReplayReport REPORT = new ReplayReport();

  private FusionReplays() {}
}
