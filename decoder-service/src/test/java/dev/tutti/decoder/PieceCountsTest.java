package dev.tutti.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PieceCountsTest {

  /** Prefixes that grow, go back and branch: as counted from nothing each time. */
  @Test
  void countsFollowThePrefix() {
    var random = new Random(7);
    var counts = new PieceCounts();
    List<Prefix> prefixes = new ArrayList<>(List.of(Prefix.EMPTY));
    List<Map<String, Integer>> expected = new ArrayList<>(List.of(Map.of()));
    for (int i = 0; i < 500; i++) {
      int from = random.nextInt(Math.max(0, prefixes.size() - 10), prefixes.size());
      byte[] piece = {(byte) ('a' + random.nextInt(4))};
      prefixes.add(prefixes.get(from).with(piece));
      var its = new HashMap<>(expected.get(from));
      its.merge(PieceIndex.spelling(piece), 1, Integer::sum);
      expected.add(its);
      int asked = random.nextInt(prefixes.size());
      assertEquals(expected.get(asked), counts.of(prefixes.get(asked)));
    }
    assertEquals(Map.of(), counts.of(Prefix.EMPTY));
  }
}
