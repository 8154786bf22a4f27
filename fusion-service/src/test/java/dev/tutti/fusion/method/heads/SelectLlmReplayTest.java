package dev.tutti.fusion.method.heads;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.FusionReplays;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.RecordedAnswers.Row;
import dev.tutti.fusion.Weighing;
import dev.tutti.fusion.method.heads.SelectLlm.Policy;
import dev.tutti.fusion.method.vote.RecordedVotes;
import dev.tutti.kit.testing.ReplayReport;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whom heads choose of recorded answers of real models, cross-fitted. */
@Tag("replay")
class SelectLlmReplayTest {

  private static final ReplayReport REPORT = FusionReplays.REPORT;

  @AfterAll
  static void write() {
    REPORT.note(
        "select-llm: fitted with its defaults to four fifths of the questions, used on the other"
            + " fifth (row number modulo 5), in turn; how many are asked is chosen by three-fold"
            + " cross-fitting within the four fifths; \"asked\" is the mean number of members. Of"
            + " penalties of .01, .001 and .0001 cross-fitting within the first four fifths prefers"
            + " the default, .001.");
    REPORT.write();
  }

  /** What was given, and of how many. */
  private record Measured(double[] scores, double[] asked) {}

  private static Map<Policy, Measured> measure(RecordedVotes votes, AnswerForm form) {
    RecordedAnswers all = votes.answers();
    int size = all.rows().size();
    var measured = new EnumMap<Policy, Measured>(Policy.class);
    for (Policy policy : Policy.values()) {
      measured.put(policy, new Measured(new double[size], new double[size]));
    }
    var settings = new SelectLlmFit.Settings(form, SelectLlmFit.Settings.DEFAULTS.lambda());
    for (int fold = 0; fold < RecordedVotes.FOLDS; fold++) {
      int held = fold;
      int[] others =
          IntStream.range(0, size).filter(i -> i % RecordedVotes.FOLDS != held).toArray();
      MemberHeads heads = SelectLlmFit.fit(all.at(others), settings, new SplittableRandom(1));
      measured.forEach(
          (policy, its) -> {
            var vote = new ConfidenceVote(new SelectLlm.Settings("", form, policy, 0), heads);
            for (int i = held; i < size; i += RecordedVotes.FOLDS) {
              Row row = all.rows().get(i);
              Weighing weighing = vote.ofEverybody(row.query(), row.candidates());
              its.scores()[i] = row.scores()[weighing.chosen().orElseThrow()];
              its.asked()[i] = weighing.weights().stream().filter(weight -> weight > 0).count();
            }
          });
    }
    return measured;
  }

  private static double add(
      String set,
      AnswerForm form,
      String metric,
      ToDoubleFunction<double[]> of,
      RecordedVotes votes) {
    Map<Policy, Measured> measured = measure(votes, form);
    measured.forEach(
        (policy, its) -> {
          String method = "select-llm, " + policy.name().toLowerCase(Locale.ROOT);
          REPORT.add(set, method, metric, of.applyAsDouble(its.scores()));
          REPORT.add(set, method, "asked", mean(its.asked()));
        });
    return of.applyAsDouble(measured.get(Policy.WEIGHTED_MAX_CONF).scores());
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  @Test
  void mmluPro() {
    double reached =
        add(
            "mmlupro_votes",
            AnswerForm.CHOICE,
            "accuracy",
            SelectLlmReplayTest::mean,
            new RecordedVotes("mmlupro_votes", true));
    assertTrue(reached >= .715, "reached " + reached);
  }

  @Test
  void moreExperts() {
    var votes = new RecordedVotes("more_experts4", true);
    double reached =
        add("more_experts4", AnswerForm.TEXT, "macro exact match", votes::macro, votes);
    assertTrue(reached >= .55, "reached " + reached);
  }
}
