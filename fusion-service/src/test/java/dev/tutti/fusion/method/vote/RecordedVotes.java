package dev.tutti.fusion.method.vote;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Evidence;
import dev.tutti.fusion.FittedSelector;
import dev.tutti.fusion.LearnedFusion;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.RecordedAnswers.Row;
import dev.tutti.fusion.Selector;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.testing.RecordedEmbeddings;
import dev.tutti.kit.testing.Recordings;
import dev.tutti.numerics.Shuffle;
import dev.tutti.numerics.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Recorded answers of real models as fits see them, and selectors measured on them by folds. */
public final class RecordedVotes {

  /** Parts of a set: by row number, modulo this. */
  public static final int FOLDS = 5;

  private static final int PARTS = 3;
  private static final int REPEATS = 2;

  private final RecordedAnswers answers;

  /**
   * A set.
   *
   * @param embedded whether the questions are embedded too
   */
  public RecordedVotes(String set, boolean embedded) {
    var members = new ArrayList<String>();
    var rows = new ArrayList<Row>();
    var questions = new ArrayList<JsonNode>();
    Recordings.read(set, questions::add);
    questions.getFirst().get("models").fieldNames().forEachRemaining(members::add);
    var embeddings = embedded ? new RecordedEmbeddings() : null;
    if (embedded) {
      embeddings.embed(questions.stream().map(json -> json.get("query").asText()).toList());
    }
    for (JsonNode json : questions) {
      String query = json.get("query").asText();
      var said = new ArrayList<Answer>();
      var scores = new float[members.size()];
      for (int m = 0; m < scores.length; m++) {
        JsonNode its = json.get("models").get(members.get(m));
        said.add(new Answer(members.get(m), 1, its.path("response").asText("")));
        scores[m] = (float) its.get("score").asDouble();
      }
      Optional<float[]> vector = embedded ? Optional.of(embeddings.of(query)) : Optional.empty();
      rows.add(
          new Row(
              rows.size(),
              json.get("dataset").asText(),
              json.has("category") ? Map.of("category", json.get("category").asText()) : Map.of(),
              new Query(query),
              new Candidates(
                  said, new Evidence(vector, List.of(), new LinkedHashMap<>(), List.of())),
              scores));
    }
    answers = new RecordedAnswers(members, rows);
  }

  /** All of them. */
  public RecordedAnswers answers() {
    return answers;
  }

  /** Score of the answer that is given to each question by what was fitted to the other folds. */
  public <L extends LearnedFusion, S extends Record> double[] crossFitted(
      FittedSelector<L, S, ?> method, S settings) {
    return crossFitted(fitted(method, settings));
  }

  /** The same of anything that is made of the other folds. */
  public double[] crossFitted(Function<RecordedAnswers, Selector> fit) {
    int[] places = IntStream.range(0, answers.rows().size()).toArray();
    return crossFitted(answers, places, FOLDS, fit);
  }

  /**
   * The same with the settings that do best within the other folds, cross-fitted over {@value
   * #PARTS} parts of them, {@value #REPEATS} times: the first unless others do better by more than
   * the standard error of the difference.
   *
   * @param chosen is told each fold's
   */
  <L extends LearnedFusion, S extends Record> double[] nested(
      FittedSelector<L, S, ?> method, List<S> settings, Consumer<S> chosen) {
    return crossFitted(
        training -> {
          S best = best(method, settings, training);
          chosen.accept(best);
          return fitted(method, best).apply(training);
        });
  }

  private static <L extends LearnedFusion, S extends Record> S best(
      FittedSelector<L, S, ?> method, List<S> settings, RecordedAnswers training) {
    S best = settings.getFirst();
    double[] first = null;
    double most = 0;
    for (S some : settings) {
      var scores = new double[training.rows().size()];
      for (int repeat = 0; repeat < REPEATS; repeat++) {
        int[] order = Shuffle.of(scores.length, new SplittableRandom(repeat));
        Vectors.add(scores, 1, crossFitted(training, order, PARTS, fitted(method, some)));
      }
      first = first == null ? scores : first;
      var difference = Difference.of(scores, first);
      if (difference.mean() > Math.max(most, difference.error())) {
        most = difference.mean();
        best = some;
      }
    }
    return best;
  }

  private static <L extends LearnedFusion, S extends Record>
      Function<RecordedAnswers, Selector> fitted(FittedSelector<L, S, ?> method, S settings) {
    return training ->
        method.selector(method.fit(training, settings, new SplittableRandom(1)), settings);
  }

  private static double[] crossFitted(
      RecordedAnswers answers, int[] order, int parts, Function<RecordedAnswers, Selector> fit) {
    var scores = new double[order.length];
    for (int part = 0; part < parts; part++) {
      int held = part;
      int[] others =
          IntStream.range(0, order.length)
              .filter(i -> i % parts != held)
              .map(i -> order[i])
              .toArray();
      Selector selector = fit.apply(answers.at(others));
      for (int i = part; i < order.length; i += parts) {
        Row row = answers.rows().get(order[i]);
        int chosen = selector.weigh(row.query(), row.candidates()).chosen().orElseThrow();
        scores[order[i]] = row.scores()[chosen];
      }
    }
    return scores;
  }

  /**
   * How much better one is than another on the same questions.
   *
   * @param mean of the differences, question by question
   * @param error its standard error
   */
  record Difference(double mean, double error) {

    static Difference of(double[] scores, double[] others) {
      var differences = new double[scores.length];
      Arrays.setAll(differences, i -> scores[i] - others[i]);
      double mean = Arrays.stream(differences).average().orElseThrow();
      double squares = Arrays.stream(differences).map(d -> (d - mean) * (d - mean)).sum();
      return new Difference(
          mean, Math.sqrt(squares / (differences.length - 1.0) / differences.length));
    }
  }

  /** Mean over the datasets of their means. */
  public double macro(double[] scores) {
    return IntStream.range(0, scores.length)
        .boxed()
        .collect(
            Collectors.groupingBy(
                i -> answers.rows().get(i).set(),
                TreeMap::new,
                Collectors.averagingDouble(i -> scores[i])))
        .values()
        .stream()
        .mapToDouble(mean -> mean)
        .average()
        .orElseThrow();
  }
}
