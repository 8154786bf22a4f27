package dev.tutti.registry.recording;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComparisonTest {

  @ParameterizedTest
  @CsvSource({
    "EXACT, The Eiffel Tower., eiffel tower, 1",
    "EXACT, I think that the answer is: Paris, Paris, 1",
    "EXACT, Paris and London, Paris, 0",
    "NUMBER, '6*7 = 42', 42, 1",
    "NUMBER, 'It is 1,234.50 dollars.', 1234.5, 1",
    "NUMBER, 'First 42, then 43.', 42, 0",
    "NUMBER, none, 42, 0",
    "CHOICE, '(B) Paris', b, 1",
    "CHOICE, 'So it must be C.', C, 1",
    "CHOICE, 'So it must be C.', B, 0",
    "CONTAINS, 'It was Marie Curie who did.', marie curie, 1",
    "CONTAINS, 'Curie, Marie', Marie Curie, 0",
    "CONTAINS, concatenate, cat, 0",
    // Two of three words are the reference's, which has two: 2 * 2 / (3 + 2).
    "F1, big red house, red house, 0.8",
    "F1, nothing, red house, 0"
  })
  void scoresAsItSays(Comparison comparison, String answer, String reference, double score) {
    assertEquals(score, comparison.score(answer, List.of(reference)), 1e-12);
  }

  @Test
  void theBestReferenceCounts() {
    assertEquals(1, Comparison.NUMBER.score("42", List.of("41", "42", "43")));
    assertEquals(0.8, Comparison.F1.score("big red house", List.of("tree", "red house")), 1e-12);
  }

  @Test
  void aReferenceThatCannotBeReadIsToldAsSuch() {
    assertFalse(Comparison.NUMBER.reads("forty-two"));
    assertTrue(Comparison.NUMBER.reads("42"));
    assertFalse(Comparison.CHOICE.reads("Paris or London"));
    assertTrue(Comparison.CHOICE.reads("B"));
    assertFalse(Comparison.CONTAINS.reads("?!"));
    assertFalse(Comparison.EXACT.reads(" . "));
  }
}
