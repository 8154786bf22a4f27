package dev.tutti.registry.dataset;

import static dev.tutti.registry.dataset.JsonLine.isClean;
import static dev.tutti.registry.dataset.JsonLine.isWhole;
import static dev.tutti.registry.dataset.JsonLine.name;
import static dev.tutti.registry.dataset.JsonLine.shown;
import static dev.tutti.registry.dataset.JsonLine.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.registry.FieldError;
import dev.tutti.registry.dataset.JsonLine.WrongException;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Reads lines of the form
 *
 * <pre>{"id", "query", "dataset"?, "split"?, "reference"?, "options"?, TEXT...,
 *   "models": {NAME: {"score", "response"?, "cost"?, "latency"? | "latency_ms"?, "confidence"?,
 *                     "samples"?, NUMBER...}}}</pre>
 *
 * <p>Further short texts of a query are kept as its labels, further numbers of an outcome as its
 * numbers; whatever else there is must be among the keys that the import ignores. A null says that
 * there is nothing.
 */
final class LineParser {

  /** Keys that no import can ignore. */
  static final Set<String> REQUIRED = Set.of("id", "query", "models", "score");

  private static final Pattern FURTHER = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]{0,63}");
  private static final int LONGEST_ID = 200;
  private static final int LONGEST_NAME = 128;
  private static final int LONGEST_LABEL = 256;
  private static final int MOST_LABELS = 16;
  private static final int MOST_NUMBERS = 24;
  private static final int MOST_MEMBERS = 64;
  private static final int MOST_TEXTS = 64;

  private final Set<String> ignored;

  LineParser(Set<String> ignored) {
    this.ignored = ignored;
  }

  /** Reads a line of a chunk. */
  Line parse(LineChunks.Chunk chunk, LineChunks.Part part) {
    return part.start() < 0
        ? new Line.Bad(new FieldError("", LineChunks.Part.TOO_LONG))
        : parse(chunk.data(), part.start(), part.length());
  }

  /** Reads one line, without its end. */
  Line parse(byte[] data, int offset, int length) {
    try {
      JsonNode line = JsonLine.read(data, offset, length);
      return line == null ? new Line.Blank() : new Line.Good(query(line));
    } catch (WrongException e) {
      return new Line.Bad(e.error());
    }
  }

  private RecordedQuery query(JsonNode line) {
    RecordedQuery.Builder query = RecordedQuery.newBuilder();
    for (Map.Entry<String, JsonNode> field : line.properties()) {
      String name = field.getKey();
      JsonNode value = field.getValue();
      if (ignored.contains(name) || value.isNull()) {
        continue;
      }
      switch (name) {
        case "id" -> query.setId(name(name, value, LONGEST_ID));
        case "dataset" -> query.setSet(name(name, value, LONGEST_NAME));
        case "split" -> query.setSplit(name(name, value, LONGEST_NAME));
        case "query" -> query.setQuery(text(name, value));
        case "reference" -> query.setReference(text(name, value));
        case "options" -> texts(name, value, query::addOptions);
        case "models" -> outcomes(value, query);
        default -> label(name, value, query);
      }
    }
    require("id", query.getId());
    require("query", query.getQuery());
    if (query.getOutcomesCount() == 0) {
      throw new WrongException("models", "models is required, with at least one member.");
    }
    return query.build();
  }

  private void outcomes(JsonNode models, RecordedQuery.Builder query) {
    if (!models.isObject()) {
      throw new WrongException("models", "models must be an object of members by name.");
    }
    if (models.size() > MOST_MEMBERS) {
      throw new WrongException(
          "models",
          "models has %d members; at most %d are allowed.".formatted(models.size(), MOST_MEMBERS));
    }
    var sorted = new TreeMap<String, JsonNode>(Comparator.naturalOrder());
    models.properties().forEach(field -> sorted.put(field.getKey(), field.getValue()));
    sorted.forEach((member, outcome) -> query.addOutcomes(outcome(member, outcome)));
  }

  private Outcome outcome(String member, JsonNode value) {
    String path = "models." + shown(member);
    if (member.isEmpty()
        || member.length() > LONGEST_NAME
        || !isClean(member)
        || !isWhole(member)) {
      throw new WrongException(
          path,
          "A member's name must have 1 to %d characters, none of them half or a control character."
              .formatted(LONGEST_NAME));
    }
    if (!value.isObject()) {
      throw new WrongException(path, "%s must be an object.".formatted(path));
    }
    Outcome.Builder outcome = Outcome.newBuilder().setMember(member);
    boolean scored = false;
    for (Map.Entry<String, JsonNode> field : value.properties()) {
      String name = field.getKey();
      String place = path + "." + shown(name);
      JsonNode content = field.getValue();
      if (ignored.contains(name) || content.isNull()) {
        continue;
      }
      switch (name) {
        case "score" -> {
          outcome.setScore(number(place, content));
          scored = true;
        }
        case "response" -> outcome.setResponse(text(place, content));
        case "cost" -> outcome.setCost(notNegative(place, content));
        case "latency" -> latency(place, notNegative(place, content), outcome);
        case "latency_ms" -> latency(place, notNegative(place, content) / 1_000, outcome);
        case "confidence" -> outcome.setConfidence(number(place, content));
        case "samples" -> texts(place, content, outcome::addSamples);
        default -> further(place, name, content, outcome);
      }
    }
    if (!scored) {
      throw new WrongException(path + ".score", "%s.score is required.".formatted(path));
    }
    return outcome.build();
  }

  private static void latency(String place, double seconds, Outcome.Builder outcome) {
    if (outcome.hasLatencySeconds()) {
      throw new WrongException(place, "latency (seconds) and latency_ms are both given.");
    }
    outcome.setLatencySeconds(seconds);
  }

  private static void texts(String place, JsonNode value, Consumer<String> each) {
    if (!value.isArray() || value.size() > MOST_TEXTS) {
      throw new WrongException(
          place, "%s must be a list of at most %d texts.".formatted(place, MOST_TEXTS));
    }
    for (int i = 0; i < value.size(); i++) {
      JsonNode item = value.get(i);
      each.accept(item.isNull() ? "" : text("%s[%d]".formatted(place, i), item));
    }
  }

  private static void further(String place, String name, JsonNode value, Outcome.Builder outcome) {
    if (!value.isNumber() || !FURTHER.matcher(name).matches()) {
      throw new WrongException(
          place,
          "%s is none of score, response, cost, latency, latency_ms, confidence, samples, and no further number; the parameter ignore can leave it out."
              .formatted(place));
    }
    if (outcome.getNumbersCount() == MOST_NUMBERS) {
      throw new WrongException(
          place, "An outcome has at most %d further numbers.".formatted(MOST_NUMBERS));
    }
    outcome.putNumbers(name, number(place, value));
  }

  private static void label(String name, JsonNode value, RecordedQuery.Builder query) {
    if (!value.isTextual()
        || value.textValue().length() > LONGEST_LABEL
        || !FURTHER.matcher(name).matches()) {
      throw new WrongException(
          shown(name),
          "%s is none of id, dataset, split, query, reference, options, models, and no further text of at most %d characters; the parameter ignore can leave it out."
              .formatted(shown(name), LONGEST_LABEL));
    }
    if (query.getLabelsCount() == MOST_LABELS) {
      throw new WrongException(
          name, "A query has at most %d further texts.".formatted(MOST_LABELS));
    }
    query.putLabels(name, text(name, value));
  }

  private static double number(String place, JsonNode value) {
    if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
      throw new WrongException(place, "%s must be a finite number.".formatted(place));
    }
    return value.doubleValue();
  }

  private static double notNegative(String place, JsonNode value) {
    double number = number(place, value);
    if (number < 0) {
      throw new WrongException(place, "%s is %s; it must be at least 0.".formatted(place, number));
    }
    return number;
  }

  private static void require(String field, String text) {
    if (text.isEmpty()) {
      throw new WrongException(field, field + " is required.");
    }
  }
}
