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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Recorded answers of real models as fits see them, and selectors measured on them by folds. */
public final class RecordedVotes {

  /** Parts of a set: by row number, modulo this. */
  public static final int FOLDS = 5;

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
    return crossFitted(
        training ->
            method.selector(method.fit(training, settings, new SplittableRandom(1)), settings));
  }

  /** The same of anything that is made of the other folds. */
  public double[] crossFitted(Function<RecordedAnswers, Selector> fit) {
    int size = answers.rows().size();
    var scores = new double[size];
    for (int fold = 0; fold < FOLDS; fold++) {
      int held = fold;
      Selector selector =
          fit.apply(answers.at(IntStream.range(0, size).filter(i -> i % FOLDS != held).toArray()));
      for (int i = fold; i < size; i += FOLDS) {
        Row row = answers.rows().get(i);
        int chosen = selector.weigh(row.query(), row.candidates()).chosen().orElseThrow();
        scores[i] = row.scores()[chosen];
      }
    }
    return scores;
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
