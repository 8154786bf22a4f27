package dev.tutti.kit.calls;

import dev.tutti.generation.v1.Decision;
import java.util.List;

/** Decisions of members that are ensembles, within the decision of the one around them. */
final class NestedDecisions {

  /** So many are within a decision, those within them counted. */
  private static final int MOST = 64;

  private NestedDecisions() {}

  /**
   * Adds decisions, in their order, as long as there is room: one whose own do not fit is told
   * without them, and those that are left out are counted.
   */
  static void add(Decision.Builder outer, List<Decision> decisions) {
    int room = MOST - outer.getNestedList().stream().mapToInt(NestedDecisions::told).sum();
    for (Decision its : decisions) {
      if (told(its) <= room) {
        outer.addNested(its);
        room -= told(its);
      } else if (room > 0) {
        outer.addNested(its.toBuilder().clearNested().setNestedLeftOut(all(its) - 1));
        room--;
      } else {
        outer.setNestedLeftOut(outer.getNestedLeftOut() + all(its));
      }
    }
  }

  private static int told(Decision decision) {
    return 1 + decision.getNestedList().stream().mapToInt(NestedDecisions::told).sum();
  }

  /** With those that were left out before. */
  private static int all(Decision decision) {
    return 1
        + decision.getNestedLeftOut()
        + decision.getNestedList().stream().mapToInt(NestedDecisions::all).sum();
  }
}
