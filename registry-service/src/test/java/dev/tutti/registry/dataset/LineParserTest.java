package dev.tutti.registry.dataset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.kit.testing.Recordings;
import dev.tutti.registry.FieldError;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LineParserTest {

  private static final LineParser PARSER = new LineParser(Set.of("baseline"));

  private static Line parse(String line) {
    byte[] data = line.getBytes(StandardCharsets.UTF_8);
    return PARSER.parse(data, 0, data.length);
  }

  private static RecordedQuery good(String line) {
    return assertInstanceOf(Line.Good.class, parse(line), line).query();
  }

  private static void assertBad(String field, String part, String line) {
    FieldError error = assertInstanceOf(Line.Bad.class, parse(line), line).error();
    assertEquals(field, error.field(), error.detail());
    assertTrue(error.detail().contains(part), error.detail());
  }

  @Test
  void allThatALineSaysIsKept() {
    RecordedQuery query =
        good(
            """
            {"id":"q1","dataset":"arith","split":"train","query":"1+1?","reference":"2","options":["1","2"],
             "category":"sums","baseline":{"x":1},"models":{
              "b/x":{"score":1,"response":"2","cost":0.5,"latency_ms":250,"confidence":-0.25,"samples":["2",null],
                     "tokens_out":1},
              "a:y":{"score":0.5,"response":null,"latency":2}}}""");
    assertEquals("q1", query.getId());
    assertEquals("arith", query.getSet());
    assertEquals("train", query.getSplit());
    assertEquals("1+1?", query.getQuery());
    assertEquals("2", query.getReference());
    assertEquals(List.of("1", "2"), query.getOptionsList());
    assertEquals(Map.of("category", "sums"), query.getLabelsMap());
    assertEquals(
        List.of("a:y", "b/x"), query.getOutcomesList().stream().map(Outcome::getMember).toList());
    Outcome second = query.getOutcomes(1);
    assertEquals(1, second.getScore());
    assertEquals("2", second.getResponse());
    assertEquals(0.5, second.getCost());
    assertEquals(0.25, second.getLatencySeconds());
    assertEquals(-0.25, second.getConfidence());
    assertEquals(List.of("2", ""), second.getSamplesList());
    assertEquals(Map.of("tokens_out", 1.0), second.getNumbersMap());
    Outcome first = query.getOutcomes(0);
    assertFalse(first.hasResponse());
    assertFalse(first.hasCost());
    assertEquals(2, first.getLatencySeconds());
  }

  @Test
  void aByteOrderMarkIsSkipped() {
    assertEquals(
        "q1",
        good("\uFEFF{\"id\":\"q1\",\"query\":\"q\",\"models\":{\"m\":{\"score\":1}}}").getId());
  }

  @Test
  void whatCannotBeTakenSaysWhereAndWhy() {
    assertBad("", "no JSON", "{\"id\":");
    assertBad("", "one JSON object", "[1]");
    assertBad("", "no JSON", "{\"id\":\"a\"} x");
    assertBad("", "Duplicate", "{\"id\":\"a\",\"id\":\"b\"}");
    assertBad("id", "required", line("\"query\":\"q\"", "\"m\":{\"score\":1}"));
    assertBad("id", "text", line("\"id\":1,\"query\":\"q\"", "\"m\":{\"score\":1}"));
    assertBad("query", "required", line("\"id\":\"a\"", "\"m\":{\"score\":1}"));
    assertBad("models", "required", "{\"id\":\"a\",\"query\":\"q\"}");
    assertBad("models", "required", line("\"id\":\"a\",\"query\":\"q\"", ""));
    assertBad("id", "control", line("\"id\":\"a\\u0000\",\"query\":\"q\"", "\"m\":{\"score\":1}"));
    assertBad("query", "half", line("\"id\":\"a\",\"query\":\"\\ud800\"", "\"m\":{\"score\":1}"));
    // The JSON parser itself refuses such a name: it tells the place, not the field.
    assertBad(
        "", "half a character", line("\"id\":\"a\",\"query\":\"q\"", "\"\\udc00\":{\"score\":1}"));
    assertBad(
        "", "half a character", line("\"id\":\"a\",\"query\":\"q\"", "\"\\ud800x\":{\"score\":1}"));
    assertBad(
        "note", "ignore", line("\"note\":[1],\"id\":\"a\",\"query\":\"q\"", "\"m\":{\"score\":1}"));
    assertBadOutcome("models.m.score", "required", "");
    assertBadOutcome("models.m.score", "finite number", "\"score\":\"1\"");
    assertBadOutcome("models.m.score", "finite number", "\"score\":true");
    assertBadOutcome("models.m.score", "finite number", "\"score\":1e999");
    assertBadOutcome("models.m.score", "required", "\"score\":null");
    assertBadOutcome("models.m.cost", "at least 0", "\"score\":1,\"cost\":-1");
    assertBadOutcome("models.m.response", "text", "\"score\":1,\"response\":{}");
    assertBadOutcome("models.m.turns", "ignore", "\"score\":1,\"turns\":[1]");
    assertBadOutcome("models.m.note", "ignore", "\"score\":1,\"note\":\"x\"");
    assertBadOutcome("models.m.latency_ms", "both", "\"score\":1,\"latency\":1,\"latency_ms\":5");
    assertBadOutcome("models.m.samples[1]", "text", "\"score\":1,\"samples\":[\"a\",2]");
    assertInstanceOf(Line.Blank.class, parse("  \r"));
  }

  /** As many as an answer may say of itself. */
  @Test
  void anOutcomeHasTwentyFourFurtherNumbers() {
    String numbers =
        IntStream.rangeClosed(1, 24)
            .mapToObj(i -> ",\"n%d\":%d".formatted(i, i))
            .collect(Collectors.joining());
    String outcome = "\"score\":1" + numbers;
    RecordedQuery query =
        good(line("\"id\":\"a\",\"query\":\"q\"", "\"m\":{%s}".formatted(outcome)));
    assertEquals(24, query.getOutcomes(0).getNumbersCount());
    assertBadOutcome("models.m.n25", "at most 24", outcome + ",\"n25\":25");
  }

  private static String line(String fields, String models) {
    return "{%s,\"models\":{%s}}".formatted(fields, models);
  }

  private static void assertBadOutcome(String field, String part, String outcome) {
    assertBad(field, part, line("\"id\":\"a\",\"query\":\"q\"", "\"m\":{%s}".formatted(outcome)));
  }

  @Test
  void equalQueriesHaveEqualDocumentsWhateverTheOrderOfTheirKeys() {
    RecordedQuery one =
        good(
            "{\"id\":\"a\",\"query\":\"q\",\"k\":\"1\",\"l\":\"2\",\"models\":{\"m\":{\"score\":1,\"x\":1,\"y\":2},\"n\":{\"score\":0}}}");
    RecordedQuery other =
        good(
            "{\"models\":{\"n\":{\"score\":0},\"m\":{\"y\":2,\"x\":1,\"score\":1}},\"l\":\"2\",\"k\":\"1\",\"query\":\"q\",\"id\":\"a\"}");
    assertEquals(one, other);
    assertArrayEquals(QueryDocument.write(one), QueryDocument.write(other));
    assertEquals(one, QueryDocument.read(QueryDocument.write(one)));
  }

  /** Sets of the recordings, and the keys that cannot be kept of them. */
  @ParameterizedTest
  @CsvSource({
    "routerdc7, 15343, ''",
    "llmrouter9, 6108, ''",
    "zellinger_cascade9, 4016, ''",
    "routerbench_subset11, 3170, ''",
    "mmlupro_votes, 11826, ''",
    "more_experts4, 4790, 'baseline'",
    "mot_cascade_date, 369, 'first_generation'",
    "routellm_pair, 15441, 'turns turn_scores'",
  })
  void theRecordingsAreTakenAsTheyAre(String set, int lines, String ignored) {
    var parser = new LineParser(Set.of(ignored.split(" ")));
    var count = new AtomicInteger();
    Recordings.read(
        set,
        row -> {
          byte[] data = row.toString().getBytes(StandardCharsets.UTF_8);
          assertInstanceOf(Line.Good.class, parser.parse(data, 0, data.length), row.toString());
          count.incrementAndGet();
        });
    assertEquals(lines, count.get());
  }
}
