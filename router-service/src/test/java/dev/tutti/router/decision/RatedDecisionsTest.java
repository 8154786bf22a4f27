package dev.tutti.router.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class RatedDecisionsTest {

  @Test
  void asManyAreReadAsTheHeapHasRoomFor() {
    assertEquals(8_388, RatedDecisions.most(256L << 20));
    assertEquals(RatedDecisions.MOST, RatedDecisions.most(8L << 30));
  }
}
