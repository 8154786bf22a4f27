package dev.tutti.fusion.method.vote;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.tutti.fusion.method.vote.Ballots.Ballot;
import java.util.List;
import org.junit.jupiter.api.Test;

class BallotsTest {

  private static Ballot ballot(int[] answers, float... scores) {
    return new Ballot(1, "s", "c", answers, scores);
  }

  @Test
  void theBestScoredAnswersAreRight() {
    assertArrayEquals(
        new boolean[] {false, true, true},
        ballot(new int[] {0, 1, 2, 0}, 0.25f, 1, 1, 0.5f).right());
    // Scored by the best who said it, below 0 too.
    assertArrayEquals(new boolean[] {true, false}, ballot(new int[] {0, 1, 0}, -3, -2, -1).right());
    assertArrayEquals(new boolean[] {false, false}, ballot(new int[] {0, 1}, 1, 1).right());
    assertEquals(3, ballot(new int[] {2, -1, 0}, 1, 0, 0).count());
  }

  @Test
  void anythingThatDiffersTellsInTheFingerprint() {
    String one = fingerprint(List.of("a", "b"), 1, "s", "c", new int[] {0, 1}, 1, 0);
    assertEquals(one, fingerprint(List.of("a", "b"), 1, "s", "c", new int[] {0, 1}, 1, 0));
    for (String other :
        List.of(
            fingerprint(List.of("a", "x"), 1, "s", "c", new int[] {0, 1}, 1, 0),
            fingerprint(List.of("a", "b"), 2, "s", "c", new int[] {0, 1}, 1, 0),
            fingerprint(List.of("a", "b"), 1, "x", "c", new int[] {0, 1}, 1, 0),
            fingerprint(List.of("a", "b"), 1, "s", "x", new int[] {0, 1}, 1, 0),
            fingerprint(List.of("a", "b"), 1, "s", "c", new int[] {0, 0}, 1, 0),
            fingerprint(List.of("a", "b"), 1, "s", "c", new int[] {0, 1}, 1, 0.5f))) {
      assertNotEquals(one, other);
    }
    assertEquals(64, one.length());
  }

  private static String fingerprint(
      List<String> members,
      long query,
      String set,
      String category,
      int[] answers,
      float... scores) {
    return new Ballots(members, List.of(new Ballot(query, set, category, answers, scores)))
        .fingerprint();
  }
}
