package dev.tutti.registry.recording;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tutti.generation.v1.Role;
import dev.tutti.registry.dataset.JsonLine;
import dev.tutti.registry.dataset.LineChunks;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuestionParserTest {

  private static final Scorer NUMBER = new Scorer.ByReference(Comparison.NUMBER);
  private static final Scorer JUDGE = new Scorer.ByJudge("judge");

  private static Question parse(Scorer scorer, String line) {
    var chunk = new LineChunks.Chunk(7, line.getBytes(StandardCharsets.UTF_8));
    return new QuestionParser("train", "Be short.", scorer)
        .parse(chunk, chunk.parts().getFirst())
        .orElseThrow();
  }

  @Test
  void aPromptIsAConversationOfOneMessage() {
    Question question =
        parse(
            NUMBER,
            "{\"prompt\": \"6*7=\", \"reference\": 42, \"domain\": \"sums\", \"id\": \"a\"}");
    assertEquals(7, question.line());
    assertEquals("a", question.id());
    assertEquals("6*7=", question.query().getQuery());
    assertEquals("sums", question.query().getSet());
    assertEquals("train", question.query().getSplit());
    assertEquals("42", question.query().getReference());
    assertEquals(List.of("42"), question.references());
    assertEquals(
        List.of(Role.ROLE_SYSTEM, Role.ROLE_USER),
        question.messages().stream().map(m -> m.getRole()).toList());
  }

  @ParameterizedTest
  @CsvSource({
    "42, 42",
    "1.10, 1.10",
    "1e3, 1000",
    "12345678901234567890123, 12345678901234567890123",
    "0.30000000000000004, 0.30000000000000004",
    "-2.5E-3, -0.0025"
  })
  void aNumberIsAReferenceAsItIsWritten(String written, String reference) {
    String line = "{\"prompt\": \"6*7=\", \"reference\": %s}".formatted(written);
    assertEquals(List.of(reference), parse(NUMBER, line).references());
  }

  @Test
  void aConversationIsAskedWholeAndItsLastMessageIsTheQuery() {
    Question question =
        parse(
            NUMBER,
            """
            {"messages": [{"role": "system", "content": "Count."}, {"role": "user", "content": "1*1="},
             {"role": "assistant", "content": "1"}, {"role": "user", "content": "6*7="}], "references": ["41", "42"]}"""
                .replace("\n", ""));
    assertEquals("6*7=", question.query().getQuery());
    assertEquals(4, question.messages().size());
    assertEquals("Count.", question.messages().getFirst().getContent());
    assertEquals("41", question.query().getReference());
    assertEquals(List.of("41", "42"), question.references());
  }

  @Test
  void theSameQuestionHasTheSameId() {
    String id = parse(JUDGE, "{\"prompt\": \"6*7=\"}").id();
    assertEquals(id, parse(JUDGE, "{\"domain\": \"sums\", \"prompt\": \"6*7=\"}").id());
    assertNotEquals(id, parse(JUDGE, "{\"prompt\": \"6*8=\"}").id());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[]|",
        "{\"reference\": \"42\"}|prompt",
        "{\"prompt\": \" \", \"reference\": \"42\"}|messages",
        "{\"prompt\": \"6*7=\"}|reference",
        "{\"prompt\": \"6*7=\", \"reference\": \"many\"}|reference",
        "{\"prompt\": \"6*7=\", \"references\": []}|references",
        "{\"prompt\": \"6*7=\", \"reference\": true}|reference",
        "{\"prompt\": \"6*7=\", \"reference\": 1e400}|reference",
        "{\"prompt\": \"6*7=\", \"reference\": 1e-999999999}|reference",
        "{\"prompt\": \"6*7=\", \"reference\": 42, \"references\": [42]}|references",
        "{\"prompt\": \"6*7=\", \"reference\": 42, \"max_tokens\": 3}|max_tokens",
        "{\"messages\": [{\"role\": \"tool\", \"content\": \"x\"}], \"reference\": 42}|messages[0].role",
        "{\"messages\": [{\"role\": \"assistant\", \"content\": \"x\"}], \"reference\": 42}|messages",
        "{\"messages\": [{\"role\": \"user\", \"content\": [\"x\"]}], \"reference\": 42}|messages[0]",
        "{\"prompt\": \"6*7=\", \"reference\": 42, \"id\": \"a\\u0007\"}|id"
      })
  void whatCannotBeTakenIsToldByItsField(String line, String field) {
    var wrong = assertThrows(JsonLine.WrongException.class, () -> parse(NUMBER, line), line);
    assertEquals(field == null ? "" : field, wrong.error().field(), wrong.getMessage());
  }
}
