package dev.tutti.fusion.method.vote;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.FittedSelector;
import dev.tutti.fusion.FusionReplays;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.method.fingerprint.Dfpe;
import dev.tutti.fusion.method.fingerprint.DfpeFit;
import dev.tutti.fusion.method.team.Topla;
import dev.tutti.fusion.method.team.ToplaFit;
import dev.tutti.fusion.method.vote.VoteWeights.Learning;
import dev.tutti.kit.testing.ReplayReport;
import dev.tutti.numerics.answer.AnswerForm;
import dev.tutti.numerics.measure.PairedDifference;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Votes that were learned from recorded answers of real models, cross-fitted. */
@Tag("replay")
class LearnedVotesReplayTest {

  private static final ReplayReport REPORT = FusionReplays.REPORT;

  @AfterAll
  static void write() {
    REPORT.write();
  }

  /** What a set's figures are: how they are made of its questions' scores, and their name. */
  private record Figure(String set, String metric, ToDoubleFunction<double[]> of) {

    double add(String method, double[] scores) {
      double value = of.applyAsDouble(scores);
      REPORT.add(set, method, metric, value);
      return value;
    }
  }

  private static Selector vote(RecordedAnswers training, AnswerForm form, Learning learning) {
    var settings = new VoteWeights.Settings(form, "category", 1, 30, learning, 2);
    return new WeightedVote(
        new WeightedVote.Settings("", form, ""),
        VoteWeights.fit(Ballots.of(training, form, "category"), settings, new SplittableRandom(1)),
        0);
  }

  private static String difference(String what, double[] scores, String from, double[] others) {
    var differences = new double[scores.length];
    Arrays.setAll(differences, i -> scores[i] - others[i]);
    PairedDifference paired = PairedDifference.of(differences);
    double spread =
        Math.sqrt(
            Arrays.stream(differences).map(d -> (d - paired.mean()) * (d - paired.mean())).sum()
                / (differences.length - 1.0)
                / differences.length);
    return "%s less %s, question by question: %+.4f, standard error %.4f."
        .formatted(what, from, paired.mean(), spread);
  }

  private static <S extends Record> double[] add(
      Figure figure, RecordedVotes votes, String method, FittedSelector<?, S, ?> fit, S settings) {
    double[] scores = votes.crossFitted(fit, settings);
    figure.add(method, scores);
    return scores;
  }

  /** Figures of every method; the scores of learned-vote. */
  private static double[] common(Figure figure, RecordedVotes votes, AnswerForm form) {
    double[] logit = votes.crossFitted(training -> vote(training, form, Learning.LOGIT));
    double[] unlabelled = votes.crossFitted(training -> vote(training, form, Learning.DAWID_SKENE));
    figure.add("weighted-vote, logit over all", logit);
    figure.add("weighted-vote, dawid_skene", unlabelled);
    for (double quantile : new double[] {.75, .95}) {
      add(
          figure,
          votes,
          "dfpe, quantile " + quantile,
          Dfpe.METHOD,
          new DfpeFit.Settings(form, "category", .5, quantile, 1));
    }
    for (int epochs : new int[] {0, 20}) {
      add(
          figure,
          votes,
          epochs == 0 ? "topla, pruned" : "topla, pruned, weighting of %d epochs".formatted(epochs),
          Topla.METHOD,
          new ToplaFit.Settings(form, .5, .5, 1, epochs));
    }
    double[] learned =
        add(
            figure,
            votes,
            "learned-vote",
            LearnedVote.METHOD,
            new LearnedVoteFit.Settings(form, "category", 1, 10));
    REPORT.note(
        figure.set()
            + ": "
            + difference("learned-vote", learned, "weighted-vote's logit over all", logit));
    return learned;
  }

  @Test
  void mmluPro() {
    var votes = new RecordedVotes("mmlupro_votes", true);
    var figure =
        new Figure(
            "mmlupro_votes", "accuracy", scores -> Arrays.stream(scores).average().orElseThrow());
    double[] learned = common(figure, votes, AnswerForm.CHOICE);
    assertTrue(figure.of().applyAsDouble(learned) >= .725, "learned-vote");
  }

  @Test
  void moreExperts() {
    var votes = new RecordedVotes("more_experts4", false);
    var figure = new Figure("more_experts4", "macro exact match", votes::macro);
    common(figure, votes, AnswerForm.TEXT);
  }
}
