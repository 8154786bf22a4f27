package dev.tutti.fusion.method.ranking;

import dev.tutti.fusion.FusionReplays;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.method.ranking.LlmBlender.Aggregation;
import dev.tutti.fusion.method.vote.RecordedVotes;
import dev.tutti.kit.testing.ReplayReport;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Rankers by pairs and by several metrics over recorded answers of real models. */
@Tag("replay")
class PairRankerReplayTest {

  private static final ReplayReport REPORT = FusionReplays.REPORT;

  @AfterAll
  static void write() {
    REPORT.write();
  }

  private static PairHead head(RecordedAnswers training) {
    return PairRankerFit.fit(training, PairRankerFit.Settings.DEFAULTS, new SplittableRandom(1));
  }

  @Test
  void moreExperts() {
    var votes = new RecordedVotes("more_experts4", false);
    for (Aggregation aggregation : Aggregation.values()) {
      var settings = new PairRanker.Settings("", aggregation, AnswerForm.AUTO);
      add(
          votes,
          "pair-ranker, " + aggregation.name().toLowerCase(Locale.ROOT),
          votes.crossFitted(training -> new PairRanker(settings, head(training), 0)));
    }
    add(
        votes,
        "summa-reranker",
        votes.crossFitted(SummaReranker.METHOD, SummaRerankerFit.Settings.DEFAULTS));
    REPORT.note(
        "pair-ranker, summa-reranker: fitted to four fifths of the questions, used on the other fifth (row number modulo 5), in turn.");
  }

  private static void add(RecordedVotes votes, String method, double[] scores) {
    REPORT.add("more_experts4", method, "macro exact match", votes.macro(scores));
  }

  @Test
  void mmluPro() {
    var votes = new RecordedVotes("mmlupro_votes", false);
    // Of three times as many questions, with seven times as many answers each.
    var settings = new PairRankerFit.Settings(16, 5, 16, 3e-3, 1);
    double[] scores = votes.crossFitted(PairRanker.METHOD, settings);
    REPORT.add(
        "mmlupro_votes",
        "pair-ranker, 5 epochs",
        "accuracy",
        Arrays.stream(scores).average().orElseThrow());
  }
}
