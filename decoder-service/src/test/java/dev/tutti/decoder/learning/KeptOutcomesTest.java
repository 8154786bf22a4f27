package dev.tutti.decoder.learning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.learning.FitContext;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KeptOutcomesTest {

  private Optional<byte[]> kept = Optional.empty();
  private int commits;
  private boolean away;

  private final FitContext context =
      new FitContext() {
        @Override
        public RandomGenerator random() {
          throw new AssertionError();
        }

        @Override
        public void progress(long done, long total, String message) {}

        @Override
        public Optional<byte[]> checkpoint() {
          return kept;
        }

        @Override
        public void checkpoint(byte[] checkpoint) throws SQLException {
          if (away) {
            throw new SQLException("away");
          }
          kept = Optional.of(checkpoint);
          commits++;
        }

        @Override
        public double usdLeft() {
          return 0;
        }

        @Override
        public double usdSpent() {
          return 0;
        }

        @Override
        public List<float[]> embed(List<String> texts) {
          throw new AssertionError();
        }

        @Override
        public Completion ask(GenerateRequest request, double usd) {
          throw new AssertionError();
        }
      };

  /** Asks for answers that are right or not by chance; returns which ones it had to write. */
  private List<Integer> ask(String origin, int count) {
    var random = new SplittableRandom(5);
    var written = new ArrayList<Integer>();
    var outcomes = new KeptOutcomes(context, origin);
    for (int i = 0; i < count; i++) {
      int which = i;
      boolean right = random.nextBoolean();
      assertEquals(
          right,
          outcomes.of(
              () -> {
                written.add(which);
                return right;
              }));
      outcomes.keep();
    }
    return written;
  }

  private static List<Integer> range(int from, int to) {
    return IntStream.range(from, to).boxed().toList();
  }

  @Test
  void whatWasKeptIsNotWrittenAgain() {
    assertEquals(range(0, 100), ask("m", 100));
    assertEquals(3, commits);
    assertEquals(range(96, 130), ask("m", 130));
    assertEquals(4, commits);
    assertEquals(List.of(), ask("m", 100));
    assertEquals(4, commits);
  }

  @Test
  void whatWasKeptOfOthersIsWrittenAnew() {
    ask("one", 40);
    assertEquals(range(0, 40), ask("two", 40));
    assertEquals(range(32, 40), ask("two", 40));
    assertEquals(range(0, 40), ask("tw", 40));
    kept = Optional.of(new byte[] {'t', 'w', 0});
    assertEquals(range(0, 40), ask("tw", 40));
  }

  @Test
  void withoutADatabaseTheFitIsTriedAgain() {
    away = true;
    Failure failure = assertThrows(FailureException.class, () -> ask("m", 40)).failure();
    assertEquals("CHECKPOINT_FAILED", failure.reason());
    away = false;
    assertEquals(range(0, 40), ask("m", 40));
  }
}
