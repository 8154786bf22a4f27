package dev.tutti.fusion.method.vote;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.method.vote.Ballots.Ballot;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.testing.Recordings;
import dev.tutti.kit.testing.ReplayReport;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** A vote with learned weights over recorded answers of real models. */
final class WeightedVoteReplay {

  private static final int FOLDS = 5;
  private static final String SET = "mmlupro_votes";

  private record Row(String category, List<String> texts, float[] scores, Ballot ballot) {}

  private final List<String> members = new ArrayList<>();

  private List<Row> rows() {
    var rows = new ArrayList<Row>();
    Recordings.read(
        SET,
        json -> {
          if (members.isEmpty()) {
            json.get("models").fieldNames().forEachRemaining(members::add);
          }
          var texts = new ArrayList<String>();
          var scores = new float[members.size()];
          var answers = new int[members.size()];
          var different = new TreeMap<String, Integer>();
          for (int m = 0; m < scores.length; m++) {
            var said = json.get("models").get(members.get(m));
            texts.add(said.path("response").asText(""));
            scores[m] = (float) said.get("score").asDouble();
            answers[m] =
                AnswerForm.CHOICE
                    .canonical(texts.get(m))
                    .map(a -> different.computeIfAbsent(a, _ -> different.size()))
                    .orElse(-1);
          }
          String category = json.get("category").asText();
          rows.add(new Row(category, texts, scores, new Ballot(0, "", category, answers, scores)));
        });
    return rows;
  }

  /** Measures it, cross-fitted. */
  void measure(ReplayReport report) {
    List<Row> rows = rows();
    var whole = new double[rows.size()];
    var byCategory = new double[rows.size()];
    for (int fold = 0; fold < FOLDS; fold++) {
      var training = new ArrayList<Ballot>();
      for (int i = 0; i < rows.size(); i++) {
        if (i % FOLDS != fold) {
          training.add(rows.get(i).ballot());
        }
      }
      VoteWeights learned =
          VoteWeights.fit(
              new Ballots(members, training),
              VoteWeights.Settings.DEFAULTS,
              new SplittableRandom(1));
      var votes = new TreeMap<String, WeightedVote>();
      for (int i = fold; i < rows.size(); i += FOLDS) {
        Row row = rows.get(i);
        whole[i] = score(row, votes.computeIfAbsent("", c -> vote(learned, c)));
        byCategory[i] = score(row, votes.computeIfAbsent(row.category(), c -> vote(learned, c)));
      }
    }
    double over = Arrays.stream(whole).average().orElseThrow();
    double within = Arrays.stream(byCategory).average().orElseThrow();
    report.add(SET, "weighted-vote, learned over all", "accuracy", over);
    report.add(SET, "weighted-vote, learned by category", "accuracy", within);
    report.note(
        "weighted-vote: fitted with its defaults to four fifths of the %d rows, used on the other fifth (row number modulo 5), in turn; by category where the question's category is told."
            .formatted(rows.size()));
    assertTrue(over >= 0.722, over + " over all");
    assertTrue(within >= 0.725, within + " by category");
  }

  private static WeightedVote vote(VoteWeights learned, String category) {
    return new WeightedVote(new WeightedVote.Settings("", AnswerForm.CHOICE, category), learned, 0);
  }

  private double score(Row row, WeightedVote vote) {
    var answers = new ArrayList<Answer>();
    for (int m = 0; m < members.size(); m++) {
      answers.add(new Answer(members.get(m), 1, row.texts().get(m)));
    }
    return row.scores()[vote.weigh(new Query(""), new Candidates(answers)).chosen().orElseThrow()];
  }
}
