package dev.tutti.router.replay;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.kit.testing.RecordedEmbeddings;
import dev.tutti.kit.testing.Recordings;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Shuffle;
import dev.tutti.router.Query;
import dev.tutti.router.fit.Outcomes;
import dev.tutti.router.fit.TextFeatures;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * A set of recordings as an outcome matrix.
 *
 * @param outcomes its sets are the recording's datasets, or subjects where there are any
 * @param texts of each row
 * @param datasets of each row
 * @param splits of each row
 */
record RecordedSet(
    Outcomes outcomes, List<String> texts, List<String> datasets, List<String> splits) {

  /** Reads, and embeds what was not embedded before. */
  static RecordedSet read(String set, Predicate<JsonNode> wanted, RecordedEmbeddings embeddings) {
    var rows = new ArrayList<JsonNode>();
    Recordings.read(
        set,
        row -> {
          if (wanted.test(row)) {
            rows.add(row);
          }
        });
    var members = new TreeSet<String>();
    rows.getFirst().get("models").fieldNames().forEachRemaining(members::add);
    embeddings.embed(rows.stream().map(r -> r.get("query").asText()).toList());
    var x = new ArrayList<float[]>();
    var quality = new ArrayList<float[]>();
    var usd = new ArrayList<float[]>();
    var features = new ArrayList<float[]>();
    for (JsonNode row : rows) {
      x.add(embeddings.of(row.get("query").asText()));
      features.add(TextFeatures.of(row.get("query").asText()));
      quality.add(column(row, members, "score"));
      usd.add(column(row, members, "cost"));
    }
    List<String> datasets = rows.stream().map(r -> r.get("dataset").asText()).toList();
    List<String> subjects =
        rows.stream().map(r -> r.get("dataset").asText() + r.path("subject").asText("")).toList();
    return new RecordedSet(
        new Outcomes(
            List.copyOf(members),
            Matrix.of(x),
            Matrix.of(features),
            Matrix.of(quality),
            Matrix.of(usd),
            subjects),
        rows.stream().map(r -> r.get("query").asText()).toList(),
        datasets,
        rows.stream().map(r -> r.get("split").asText()).toList());
  }

  private static float[] column(JsonNode row, TreeSet<String> members, String field) {
    var values = new float[members.size()];
    int m = 0;
    for (String member : members) {
      JsonNode value = row.get("models").path(member).path(field);
      values[m++] = value.isNumber() ? (float) value.asDouble() : Float.NaN;
    }
    return values;
  }

  /** Some of its rows. */
  RecordedSet rows(int[] rows) {
    return new RecordedSet(
        outcomes.rows(rows), pick(texts, rows), pick(datasets, rows), pick(splits, rows));
  }

  private static List<String> pick(List<String> names, int[] rows) {
    return IntStream.of(rows).mapToObj(names::get).toList();
  }

  /** The rows whose text is no text of the other: what may be learned from before it is routed. */
  RecordedSet without(RecordedSet other) {
    var seen = new HashSet<>(other.texts);
    return rows(
        IntStream.range(0, texts.size()).filter(i -> !seen.contains(texts.get(i))).toArray());
  }

  /** A part of so many for each row; rows of the same text are in the same one. */
  int[] parts(int count, RandomGenerator random) {
    Map<String, Integer> parts = new HashMap<>();
    return texts.stream()
        .mapToInt(text -> parts.computeIfAbsent(text, _ -> random.nextInt(count)))
        .toArray();
  }

  /** All rows, text by text, the texts in random order. */
  int[] shuffledByText(RandomGenerator random) {
    List<String> distinct = texts.stream().distinct().toList();
    int[] order = Shuffle.of(distinct.size(), random);
    Map<String, Integer> places = new HashMap<>();
    for (int place = 0; place < order.length; place++) {
      places.put(distinct.get(order[place]), place);
    }
    return IntStream.range(0, texts.size())
        .boxed()
        .sorted(Comparator.comparing(i -> places.get(texts.get(i))))
        .mapToInt(i -> i)
        .toArray();
  }

  /** A query as a router gets it. */
  Query query(int row) {
    return new Query(
        List.of(new Query.Message(Query.Role.USER, texts.get(row))),
        outcomes.embeddings().row(row));
  }

  /** The rows of a split. */
  int[] split(String split) {
    return IntStream.range(0, splits.size()).filter(i -> splits.get(i).equals(split)).toArray();
  }

  /** The rows of a dataset. */
  int[] dataset(String dataset) {
    return IntStream.range(0, datasets.size())
        .filter(i -> datasets.get(i).equals(dataset))
        .toArray();
  }
}
