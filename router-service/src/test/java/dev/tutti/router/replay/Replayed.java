package dev.tutti.router.replay;

import dev.tutti.router.Estimate;
import dev.tutti.router.FittedEstimator;
import dev.tutti.router.Pool;
import dev.tutti.router.QualityEstimator;
import dev.tutti.router.SelectionRule;
import dev.tutti.router.fit.Outcomes;
import dev.tutti.router.method.estimate.EstimatedRouter;
import dev.tutti.router.method.selection.BestQuality;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.IntStream;

/** Fits methods to some rows of recordings and routes others, through the router itself. */
final class Replayed {

  private Replayed() {}

  static <S extends Record> QualityEstimator fit(FittedEstimator<S> method, Outcomes train) {
    return fit(method, train, method.defaults());
  }

  static <S extends Record> QualityEstimator fit(
      FittedEstimator<S> method, Outcomes train, S settings) {
    QualityEstimator fitted = method.fitter().fit(train, settings, new SplittableRandom(1));
    // As a service would: through what an artifact keeps.
    return method.reader().apply(fitted.parameters());
  }

  /** The member that is asked first, by row. */
  static int[] choices(QualityEstimator estimator, SelectionRule rule, RecordedSet test) {
    return choices(estimator, rule, test, new double[test.outcomes().members().size()]);
  }

  /** As above, with what each member is expected to cost. */
  static int[] choices(
      QualityEstimator estimator, SelectionRule rule, RecordedSet test, double[] usd) {
    var router = new EstimatedRouter(estimator, rule);
    List<String> members = test.outcomes().members();
    var pool =
        new Pool(
            IntStream.range(0, members.size())
                .mapToObj(m -> new Pool.Member(members.get(m), 1, usd[m], 0))
                .toList());
    return IntStream.range(0, test.outcomes().size())
        .parallel()
        .map(
            i ->
                members.indexOf(
                    router
                        .route(test.query(i), pool, new SplittableRandom(i))
                        .ranked()
                        .getFirst()
                        .member()))
        .toArray();
  }

  /** Mean score of what was chosen. */
  static double score(Outcomes test, int[] choices) {
    return IntStream.range(0, choices.length)
        .mapToDouble(i -> test.quality().at(i, choices[i]))
        .average()
        .orElseThrow();
  }

  /** The mean over the sets of the mean score of each. */
  static double macro(RecordedSet test, int[] choices) {
    List<String> sets = test.datasets();
    return sets.stream()
        .distinct()
        .mapToDouble(
            set ->
                IntStream.range(0, choices.length)
                    .filter(i -> sets.get(i).equals(set))
                    .mapToDouble(i -> test.outcomes().quality().at(i, choices[i]))
                    .average()
                    .orElseThrow())
        .average()
        .orElseThrow();
  }

  /** The best member of each row. */
  static int[] oracle(Outcomes test) {
    return IntStream.range(0, test.size())
        .map(
            i ->
                IntStream.range(0, test.members().size())
                    .reduce(0, (a, b) -> test.quality().at(i, b) > test.quality().at(i, a) ? b : a))
        .toArray();
  }

  /** How likely one member beats another, by row. */
  static double[] wins(QualityEstimator estimator, RecordedSet test, int strong, int weak) {
    return IntStream.range(0, test.outcomes().size())
        .parallel()
        .mapToDouble(
            i -> {
              Estimate estimate = estimator.estimate(test.query(i));
              return estimate.beats(strong, weak);
            })
        .toArray();
  }

  /** Of these settings, those that route best in three-fold cross-validation over training rows. */
  static <S extends Record> S tuned(
      FittedEstimator<S> method, List<S> candidates, RecordedSet train) {
    return tuned(
        method,
        candidates,
        train,
        (estimator, held) -> macro(held, choices(estimator, new BestQuality(), held)));
  }

  /** As above, by another criterion. */
  static <S extends Record> S tuned(
      FittedEstimator<S> method,
      List<S> candidates,
      RecordedSet train,
      ToDoubleBiFunction<QualityEstimator, RecordedSet> criterion) {
    if (candidates.size() == 1) {
      return candidates.getFirst();
    }
    int[] fold = train.parts(3, new SplittableRandom(3));
    S best = null;
    double most = Double.NEGATIVE_INFINITY;
    for (S candidate : candidates) {
      double score = 0;
      for (int f = 0; f < 3; f++) {
        int held = f;
        int[] in = IntStream.range(0, fold.length).filter(i -> fold[i] != held).toArray();
        int[] out = IntStream.range(0, fold.length).filter(i -> fold[i] == held).toArray();
        QualityEstimator estimator = fit(method, train.rows(in).outcomes(), candidate);
        score += criterion.applyAsDouble(estimator, train.rows(out)) / 3;
      }
      if (score > most) {
        most = score;
        best = candidate;
      }
      System.out.printf("  %s %s: %.4f by cross-validation%n", method.name(), candidate, score);
    }
    return best;
  }
}
