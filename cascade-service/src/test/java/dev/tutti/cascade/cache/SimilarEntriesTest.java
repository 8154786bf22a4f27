package dev.tutti.cascade.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.tutti.cascade.cache.SimilarEntries.Near;
import dev.tutti.generation.v1.Completion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class SimilarEntriesTest {

  private static final int LENGTH = 8;

  static CacheEntry entry(String question, float[] vector) {
    var key =
        new CacheKey(
            "none", "e", ByteString.EMPTY, ByteString.copyFromUtf8(question), question, true);
    return new CacheEntry(
        key,
        new CacheEntry.Embedded("sha", vector),
        new CacheEntry.Made(Completion.getDefaultInstance(), "r", 0, Instant.EPOCH, Instant.MAX));
  }

  static float[] unit(int length, RandomGenerator random) {
    var vector = new float[length];
    double norm = 0;
    for (int i = 0; i < length; i++) {
      vector[i] = (float) random.nextGaussian();
      norm += vector[i] * vector[i];
    }
    for (int i = 0; i < length; i++) {
      vector[i] /= (float) Math.sqrt(norm);
    }
    return vector;
  }

  /** Whatever comes and goes, the nearest are those that are there. */
  @Test
  void theNearestAreThoseThatAreThere() {
    var random = new SplittableRandom(5);
    var similar = new SimilarEntries(LENGTH, Runnable::run);
    var there = new ArrayList<CacheEntry>();
    assertTrue(similar.isEmpty());
    for (int step = 0; step < 3_000; step++) {
      double what = random.nextDouble();
      if (what < 0.7 || there.isEmpty()) {
        CacheEntry fresh = entry("q" + step, unit(LENGTH, random));
        similar.add(fresh);
        there.add(fresh);
      } else {
        similar.remove(there.remove(random.nextInt(there.size())));
      }
      if (step % 50 == 0) {
        float[] asked = unit(LENGTH, random);
        List<Near> near = similar.nearest(asked, 5);
        List<CacheEntry> expected =
            there.stream()
                .sorted(
                    Comparator.comparingDouble(
                        e -> -dev.tutti.numerics.Vectors.dot(e.embedded().vector(), asked)))
                .limit(5)
                .toList();
        assertEquals(expected, near.stream().map(Near::entry).toList());
      }
    }
    there.forEach(similar::remove);
    assertTrue(similar.isEmpty());
    assertEquals(List.of(), similar.nearest(unit(LENGTH, random), 5));
  }
}
