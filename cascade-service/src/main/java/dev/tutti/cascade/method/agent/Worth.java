package dev.tutti.cascade.method.agent;

import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.numerics.text.WordOverlap;
import java.util.List;

/** What the quality P of an answer is. */
public enum Worth {
  /** Its recorded score. */
  SCORE {
    @Override
    double of(Recorded answer, Row row) {
      return answer.score();
    }
  },
  /** What a {@link Judge} makes of it; its score then. */
  JUDGE {
    @Override
    double of(Recorded answer, Row row) {
      return answer.score();
    }
  },
  /** 1 where it is the reference, but for blanks around it; else 0. */
  EXACT {
    @Override
    double of(Recorded answer, Row row) {
      return answer.text().strip().equals(reference(row).strip()) ? 1 : 0;
    }
  },
  /** F1 of its words against the reference's. */
  TOKEN_F1 {
    @Override
    double of(Recorded answer, Row row) {
      return WordOverlap.f1(words(answer.text()), words(reference(row)));
    }
  },
  /** ROUGE-L of its words against the reference's. */
  ROUGE_L {
    @Override
    double of(Recorded answer, Row row) {
      return WordOverlap.rougeL(words(answer.text()), words(reference(row)));
    }
  };

  /**
   * The quality of an answer.
   *
   * @throws IllegalArgumentException where there is no reference and one is needed
   */
  abstract double of(Recorded answer, Row row);

  private static List<String> words(String text) {
    return WordOverlap.words(text);
  }

  private static String reference(Row row) {
    return row.reference()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "A question has no reference; a quality of exact, token_f1 or rouge_l needs"
                        + " one of each. A quality of score or judge needs none."));
  }
}
