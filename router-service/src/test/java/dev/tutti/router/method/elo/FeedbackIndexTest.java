package dev.tutti.router.method.elo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.router.Feedback;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FeedbackIndexTest {

  private static Feedback on(String member, float... embedding) {
    return new Feedback.Rated(embedding, member, 1, 0, 0);
  }

  private static List<Feedback> many(int count) {
    var random = new SplittableRandom(1);
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                on(
                    "m" + i,
                    (float) random.nextDouble(-1, 1),
                    (float) random.nextDouble(-1, 1),
                    (float) random.nextDouble(-1, 1)))
        .toList();
  }

  @Test
  void whatDoesNotFitTakesItsPlaceAndIsNeverFound() {
    var log = List.of(on("a"), on("b", 1, 0), on("c", 1, 0, 0), on("d", 0, 1), on("e"));
    var index = FeedbackIndex.of(log);
    assertEquals(5, index.size());
    assertEquals(List.of(log.get(1), log.get(3)), index.nearest(new float[] {1, 0}, 9));
    assertEquals(List.of(), index.nearest(new float[] {1, 0, 0}, 9));
    assertEquals(List.of(), index.nearest(new float[0], 9));
    assertEquals(List.of(), FeedbackIndex.of(List.of(on("a"))).nearest(new float[0], 1));
    assertEquals(List.of(log.get(3)), index.last(2).nearest(new float[] {1, 0}, 9));
  }

  @Test
  void theNearestAreFoundAndToldAsTheyCame() {
    var log =
        List.of(on("far", -1, 0), on("near", 0.5f, 0), on("nearest", 1, 0), on("same", 0.5f, 0));
    var index = FeedbackIndex.of(log);
    assertEquals(List.of(log.get(2)), index.nearest(new float[] {1, 0}, 1));
    assertEquals(log.subList(1, 4), index.nearest(new float[] {1, 0}, 2));
    assertEquals(log, index.nearest(new float[] {1, 0}, 3));
    // As near: the query that came first.
    var equal = List.of(on("a", 1, 0), on("b", 0, 1));
    assertEquals(List.of(equal.getFirst()), FeedbackIndex.of(equal).nearest(new float[] {1, 1}, 1));
  }

  /** Whether indexed or in the tail, at once or one by one: as a look at all of them finds. */
  @Test
  void manyAreFoundAsWhereAllAreLookedAt() {
    List<Feedback> log = many(1_700);
    float[] query = {0.3f, -0.5f, 0.7f};
    for (int size : new int[] {511, 512, 513, 514, 1_024, 1_026, 1_700}) {
      List<Feedback> some = log.subList(0, size);
      List<Feedback> expected =
          some.stream()
              .sorted(Comparator.comparingDouble((Feedback f) -> -dot(f.embedding(), query)))
              .limit(7)
              .sorted(Comparator.comparingInt(some::indexOf))
              .toList();
      assertEquals(expected, FeedbackIndex.of(some).nearest(query, 7), size + " at once");
      var grown = FeedbackIndex.of(some.subList(0, size / 2));
      for (int i = size / 2; i < size; i += 100) {
        grown = grown.with(new ArrayList<>(some.subList(i, Math.min(size, i + 100))));
      }
      assertEquals(expected, grown.nearest(query, 7), size + " grown");
    }
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }
}
