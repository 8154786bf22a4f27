package dev.tutti.router.replay;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.kit.testing.RecordedEmbeddings;
import dev.tutti.kit.testing.Recordings;
import dev.tutti.kit.testing.ReplayReport;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.TripletQuality;
import dev.tutti.router.FittedEstimator;
import dev.tutti.router.FittedMethods;
import dev.tutti.router.QualityEstimator;
import dev.tutti.router.fit.Outcomes;
import dev.tutti.router.method.neighbours.SmoothieEstimator;
import dev.tutti.router.method.selection.BestQuality;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Routers that learn from recorded answers, without scores, beside one that has them. */
final class AnswersReplay {

  private static final int FOLDS = 5;
  private static final String METRIC = "macro exact match";

  private final String name;
  private final RecordedSet set;

  AnswersReplay(String name, RecordedEmbeddings embeddings) {
    this.name = name;
    RecordedSet scored = RecordedSet.read(name, row -> true, embeddings);
    Outcomes its = scored.outcomes();
    this.set =
        new RecordedSet(
            new Outcomes(
                its.members(),
                its.embeddings(),
                its.features(),
                its.quality(),
                its.usd(),
                its.sets(),
                distances(name, its.members(), embeddings)),
            scored.texts(),
            scored.datasets(),
            scored.splits());
  }

  private static Matrix distances(
      String name, List<String> members, RecordedEmbeddings embeddings) {
    var rows = new ArrayList<List<String>>();
    Recordings.read(name, row -> rows.add(members.stream().map(m -> said(row, m)).toList()));
    embeddings.embed(rows.stream().flatMap(List::stream).filter(s -> !s.isBlank()).toList());
    return Matrix.of(rows.stream().map(said -> distances(said, embeddings)).toList());
  }

  private static String said(JsonNode row, String member) {
    return row.get("models").path(member).path("response").asText("");
  }

  private static float[] distances(List<String> said, RecordedEmbeddings embeddings) {
    var distances = new float[Outcomes.pairs(said.size())];
    Arrays.fill(distances, Float.NaN);
    for (int i = 0; i < said.size(); i++) {
      for (int j = i + 1; j < said.size(); j++) {
        if (!said.get(i).isBlank() && !said.get(j).isBlank()) {
          distances[Outcomes.pair(i, j, said.size())] =
              (float)
                  TripletQuality.distance(embeddings.of(said.get(i)), embeddings.of(said.get(j)));
        }
      }
    }
    return distances;
  }

  void add(ReplayReport report) {
    for (int neighbours : new int[] {0, 1, 5, 20, 100}) {
      var settings = new SmoothieEstimator.Settings(neighbours, 0.01);
      report.add(
          name,
          neighbours == 0
              ? "smoothie-train, global"
              : "smoothie-train, local, %d neighbours".formatted(neighbours),
          METRIC,
          crossFitted(train -> SmoothieEstimator.fit(train, settings, new SplittableRandom(1))));
    }
    FittedEstimator<?> knn =
        FittedMethods.ALL.stream().filter(m -> m.name().equals("knn")).findFirst().orElseThrow();
    report.add(name, "knn", METRIC, crossFitted(train -> Replayed.fit(knn, train)));
    report.add(
        name,
        "best single member",
        METRIC,
        IntStream.range(0, set.outcomes().members().size())
            .mapToDouble(
                m ->
                    Replayed.macro(
                        set, IntStream.range(0, set.texts().size()).map(_ -> m).toArray()))
            .max()
            .orElseThrow());
    report.add(name, "oracle", METRIC, Replayed.macro(set, Replayed.oracle(set.outcomes())));
    report.note(
        name
            + ": fitted to four fifths of the queries, routed the other fifth (row number modulo 5),"
            + " in turn; smoothie-train from embedded answers, without scores, knn from scores.");
  }

  /** Who is asked, by what was fitted to the other folds. */
  private double crossFitted(Function<Outcomes, QualityEstimator> fit) {
    int size = set.texts().size();
    var choices = new int[size];
    for (int fold = 0; fold < FOLDS; fold++) {
      int held = fold;
      int[] in = IntStream.range(0, size).filter(i -> i % FOLDS != held).toArray();
      int[] out = IntStream.range(0, size).filter(i -> i % FOLDS == held).toArray();
      QualityEstimator estimator = fit.apply(set.outcomes().rows(in));
      int[] chosen = Replayed.choices(estimator, new BestQuality(), set.rows(out));
      for (int i = 0; i < out.length; i++) {
        choices[out[i]] = chosen[i];
      }
    }
    return Replayed.macro(set, choices);
  }
}
