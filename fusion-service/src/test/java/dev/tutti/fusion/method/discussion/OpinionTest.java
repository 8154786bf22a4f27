package dev.tutti.fusion.method.discussion;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpinionTest {

  /** The steps of the card, at their edges. */
  @ParameterizedTest
  @CsvSource({
    "0, 0.1",
    "0.5, 0.1",
    "0.6, 0.1",
    "0.601, 0.3",
    "0.799, 0.3",
    "0.8, 0.5",
    "0.899, 0.5",
    "0.9, 0.8",
    "0.999, 0.8",
    "1, 1"
  })
  void confidencesAreRecalibratedBySteps(double confidence, double weight) {
    assertEquals(weight, new Opinion("", confidence).weight());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "Confidence: 0.8; 0.8",
        "confidence level: .75; 0.75",
        "**Confidence:** 90%; 0.9",
        "- Confidence: 85 %; 0.85",
        "Confidence: 8/10; 0.8",
        "Confidence: 95 / 100; 0.95",
        "Confidence: 95; 0.95",
        "Confidence (0-1): 0.9; 0.9",
        "Confidence: 1; 1",
        "Confidence: 1.0; 1",
        "Confidence: 1%; 0.01",
        "Confidence: high; 0",
        "Confidence: -0.9; 0",
        "Confidence: 140; 0",
        "Confidence: 12/10; 0",
        "Confidence: 5/0; 0",
        "Confidence: 0/0; 0",
        "Confidence: 99999999999999999999999999; 0",
        "I say so with confidence 0.9.; 0"
      })
  void theLastLineTellsTheConfidence(String line, double confidence) {
    assertEquals(confidence, Opinion.of("Answer: 4\n" + line).confidence());
  }

  @Test
  void whatIsReadLeavesThatLineOut() {
    assertEquals(
        new Opinion("2 and 2.\nAnswer: 4", 0.8),
        Opinion.of("2 and 2.\nAnswer: 4\n\nConfidence: 0.8\n"));
    assertEquals(
        new Opinion("Confidence: 0.1\nAnswer: 4\nThat is all.", 0.9),
        Opinion.of("Confidence: 0.1\nAnswer: 4\nConfidence: 0.9\nThat is all."));
    assertEquals(new Opinion("4", 0), Opinion.of(" 4 "));
    assertEquals(new Opinion("", 0.5), Opinion.of("Confidence: 0.5"));
  }
}
