package dev.tutti.fusion.method.vote;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.FittedSelector;
import dev.tutti.fusion.FusionReplays;
import dev.tutti.fusion.LearnedFusion;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.method.fingerprint.Dfpe;
import dev.tutti.fusion.method.fingerprint.DfpeFit;
import dev.tutti.fusion.method.team.Topla;
import dev.tutti.fusion.method.team.ToplaFit;
import dev.tutti.fusion.method.vote.VoteWeights.Learning;
import dev.tutti.kit.testing.ReplayReport;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
    var difference = RecordedVotes.Difference.of(scores, others);
    return "%s less %s, question by question: %+.4f, standard error %.4f."
        .formatted(what, from, difference.mean(), difference.error());
  }

  private static <S extends Record> double[] add(
      Figure figure, RecordedVotes votes, String method, FittedSelector<?, S, ?> fit, S settings) {
    double[] scores = votes.crossFitted(fit, settings);
    figure.add(method, scores);
    return scores;
  }

  /** The paper's settings come first. */
  private static <L extends LearnedFusion, S extends Record> void chosenWithin(
      Figure figure, RecordedVotes votes, String name, FittedSelector<L, S, ?> fit, List<S> tried) {
    var chosen = new ArrayList<S>();
    figure.add(name + ", settings chosen within folds", votes.nested(fit, tried, chosen::add));
    REPORT.note(
        "%s: %s's settings, fold by fold, are %s; tried by cross-fitting within the fold: %s."
            .formatted(figure.set(), name, chosen, tried));
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
    chosenWithin(
        figure,
        votes,
        "dfpe",
        Dfpe.METHOD,
        List.of(
            new DfpeFit.Settings(form, "category", .5, .75, 1),
            new DfpeFit.Settings(form, "category", .5, .95, 1),
            new DfpeFit.Settings(form, "category", .25, .5, 10),
            new DfpeFit.Settings(form, "category", .25, .75, 10),
            new DfpeFit.Settings(form, "category", .25, .9, 10),
            new DfpeFit.Settings(form, "category", 0, .75, 10)));
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
