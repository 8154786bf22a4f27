package dev.tutti.cascade.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import dev.tutti.cascade.cache.CacheEntry.Embedded;
import dev.tutti.cascade.cache.CacheSettings.Reach;
import dev.tutti.generation.v1.Completion;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.RecordedNeighbours;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What a look into a cache of 100,000 answers costs beside the embedding of the question: {@code
 * ./mvnw -pl cascade-service -am test -Pbenchmark}. Single looks, as requests make them: of the
 * same question, of one that nobody asked before (the members are asked), and the latter while as
 * many answers are not in the index yet as ever are, which is the worst that there is.
 */
@Tag("benchmark")
class CacheBenchmark {

  private static final int ROWS = 100_000;
  private static final int LOOSE = 4_096;
  private static final int DIMENSIONS = 384;
  private static final int QUERIES = 2_000;
  private static final CacheSettings SETTINGS =
      new CacheSettings(Reach.SEMANTIC, 0.95, OptionalDouble.empty(), 24, ROWS, false, 0.01);

  private final List<Runnable> builder = new ArrayList<>();
  private final AnswerMemory memory = new AnswerMemory(4L << 30, builder::add);
  private final AnswerCache cache =
      new AnswerCache(memory, null, new CacheWriter(null, () -> {}), () -> 0.5, Instant::now);

  private static CacheKey key(int number) {
    byte[] exact = Arrays.copyOf(Integer.toString(number).getBytes(), 32);
    String question = "Which of the questions that somebody asks is number %d?".formatted(number);
    return new CacheKey(
        CacheKey.NO_TEAM, "e", ByteString.EMPTY, ByteString.copyFrom(exact), question, true);
  }

  private void put(int number, float[] vector) {
    var made =
        new CacheEntry.Made(
            Completion.newBuilder().setText("The answer to that. ".repeat(10)).build(),
            "r",
            0,
            Instant.now(),
            Instant.now().plus(Duration.ofHours(24)));
    memory.put(
        new CacheEntry(key(number), new Embedded("sha", vector), made), OptionalInt.of(ROWS));
  }

  @Test
  void looksIntoAHundredThousandAnswers() {
    Matrix all = RecordedNeighbours.like(ROWS + QUERIES, DIMENSIONS, 1);
    int settled = ROWS - LOOSE;
    for (int i = 0; i < settled; i++) {
      put(i, all.row(i));
    }
    long start = System.nanoTime();
    build();
    double build = (System.nanoTime() - start) / 1e9;
    for (int i = settled; i < ROWS; i++) {
      put(i, all.row(i));
    }
    assertEquals(ROWS, memory.size());
    assertEquals(0, builder.size());
    tell("another question, %,d answers not in the index".formatted(LOOSE), all, ROWS);
    put(ROWS + QUERIES, all.row(0));
    assertEquals(1, builder.size());
    build();
    tell("another question", all, ROWS);
    tell("the same question", all, 0);
    System.out.printf(
        Locale.ROOT,
        "index of %,d made in %.1f s; %.0f MB told%n",
        settled,
        build,
        memory.bytes() / 1e6);
  }

  /** All that is wanted built, also what is by then. */
  private void build() {
    while (!builder.isEmpty()) {
      builder.removeFirst().run();
    }
  }

  private void tell(String what, Matrix all, int from) {
    var micros = new double[QUERIES];
    for (int round = 0; round < 5; round++) {
      for (int q = 0; q < QUERIES; q++) {
        CacheKey key = key(from + q);
        float[] vector = all.row(from + q);
        long start = System.nanoTime();
        cache.look(key, SETTINGS, () -> Optional.of(new Embedded("sha", vector)), false);
        micros[q] = (System.nanoTime() - start) / 1e3;
      }
    }
    Arrays.sort(micros);
    System.out.printf(
        Locale.ROOT,
        "%s: median %.0f us, 99 of 100 within %.0f us%n",
        what,
        micros[QUERIES / 2],
        micros[QUERIES * 99 / 100]);
  }
}
