package dev.tutti.router.fit;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.numerics.Matrix;
import dev.tutti.router.FittedEstimator;
import dev.tutti.router.FittedMethods;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class InterruptionTest {

  private static final Outcomes MANY = many();

  static Stream<String> methods() {
    return FittedMethods.ALL.stream().map(FittedEstimator::name);
  }

  @ParameterizedTest
  @MethodSource("methods")
  void aFitEndsWithinASecond(String name) throws InterruptedException {
    FittedEstimator<?> method =
        FittedMethods.ALL.stream().filter(m -> m.name().equals(name)).findFirst().orElseThrow();
    var thrown = new AtomicReference<Throwable>();
    Thread fit =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    fit(method);
                  } catch (Throwable e) {
                    thrown.set(e);
                  }
                });
    if (fit.join(Duration.ofMillis(300))) {
      return;
    }
    fit.interrupt();
    assertTrue(fit.join(Duration.ofSeconds(1)), name + " goes on");
    if (thrown.get() != null) {
      assertInstanceOf(CancellationException.class, thrown.get());
    }
    assertFalse(Thread.currentThread().isInterrupted());
  }

  private static <S extends Record> void fit(FittedEstimator<S> method) {
    method.fitter().fit(MANY, method.defaults(), new SplittableRandom(1));
  }

  /** So many that most methods take seconds. */
  private static Outcomes many() {
    int rows = 12_000;
    int members = 11;
    var random = new SplittableRandom(1);
    var embeddings = new Matrix(rows, 384);
    for (int i = 0; i < embeddings.values().length; i++) {
      embeddings.values()[i] = (float) (random.nextGaussian() / Math.sqrt(384));
    }
    var quality = new Matrix(rows, members);
    for (int i = 0; i < quality.values().length; i++) {
      quality.values()[i] = random.nextInt(2);
    }
    var distances = new Matrix(rows, Outcomes.pairs(members));
    for (int i = 0; i < distances.values().length; i++) {
      distances.values()[i] = 1 + random.nextFloat();
    }
    return new Outcomes(
        IntStream.range(0, members).mapToObj(m -> "m" + m).toList(),
        embeddings,
        new Matrix(rows, TextFeatures.COUNT),
        quality,
        new Matrix(0, 0),
        IntStream.range(0, rows).mapToObj(i -> List.of("a", "b", "c").get(i % 3)).toList(),
        distances);
  }
}
