package dev.tutti.cascade.method.agent;

import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.cascade.method.agent.DerFit.Settings;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Query;
import dev.tutti.numerics.network.ProximalPolicy.Advantage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What live fits of DER are tried on: a drafter, and a mender who is right where drafts reach it.
 */
final class LiveQuestions {

  /** What each recorded answer did cost, US dollars. */
  static final double USD = .01;

  private LiveQuestions() {}

  static Settings settings(Worth quality, double p0, String judge, String transfer, int epochs) {
    return new Settings(
        quality,
        p0,
        List.of(.01),
        0,
        2,
        2,
        0,
        Advantage.RETURN,
        .95,
        .2,
        epochs,
        16,
        16,
        8,
        1e-2,
        8,
        .01,
        0,
        false,
        2,
        0,
        transfer,
        64,
        judge);
  }

  /** Drafts, guesses and all else lie apart. */
  static float[] embedding(String text) {
    float noise = text.hashCode() % 100 / 1_000f;
    return switch (text.charAt(0)) {
      case 'd' -> new float[] {1, noise};
      case 'g' -> new float[] {noise, 1};
      default -> new float[] {-1, -1};
    };
  }

  /**
   * A draft and a guess for each question.
   *
   * @param score that both were recorded with
   */
  static RecordedOutcomes questions(int size, Optional<String> reference, double score) {
    var rows = new ArrayList<Row>();
    for (int i = 0; i < size; i++) {
      rows.add(
          new Row(
              i,
              "",
              new Query("question " + i),
              Optional.of(new float[] {1, i % 10 / 100f}),
              reference,
              List.of(said("draft " + i, score), said("guess " + i, score))));
    }
    return new RecordedOutcomes(List.of("drafter", "mender"), rows);
  }

  /** An answer as it was recorded. */
  static Optional<Recorded> said(String text, double score) {
    return Optional.of(
        new Recorded(
            text,
            AnswerSignals.NONE,
            score,
            USD,
            List.of(),
            Optional.empty(),
            Optional.of(embedding(text))));
  }
}
