package dev.tutti.fusion.method.heads;

import dev.tutti.fusion.FittedSelector;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.RecordedAnswers.Row;
import dev.tutti.fusion.method.vote.Ballots;
import dev.tutti.fusion.method.vote.Ballots.Ballot;
import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.LinearHeads;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Vectors;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * How {@link SelectLlm} is fitted: a logistic regression a member on the questions' embeddings, to
 * the scores of its answers as they are, and the number of members r with the best mean score over
 * the recorded questions, each told by heads that were fitted to two other thirds of them; of equal
 * ones the smallest r, which costs least. A pure function of the data: no chance is used.
 */
public final class SelectLlmFit {

  private static final int ROUNDS = 120;
  private static final int PARTS = 3;

  /** Means of the same scores in another order may differ by this much. */
  private static final double ROUNDING = 1e-9;

  /**
   * Settings of the fit.
   *
   * @param canonical form in which answers are compared
   * @param lambda pull of the heads' weights to 0
   */
  public record Settings(
      @Setting(help = "Form in which answers are compared, as for majority-vote.")
          AnswerForm canonical,
      @Setting(help = "L2 penalty of the heads' mean loss.", min = 0, max = 10) double lambda) {

    /** The penalty by cross-validation on the recordings. */
    public static final Settings DEFAULTS = new Settings(AnswerForm.AUTO, 1e-3);
  }

  private SelectLlmFit() {}

  /** As {@link FittedSelector#fit}. */
  static MemberHeads fit(RecordedAnswers data, Settings settings, RandomGenerator random) {
    List<Ballot> ballots = Ballots.of(data, settings.canonical(), "").rows();
    requireFractions(data.members(), ballots);
    List<Row> rows = data.rows();
    int[] told =
        IntStream.range(0, rows.size()).filter(i -> query(rows.get(i)).isPresent()).toArray();
    if (told.length == 0) {
      throw new IllegalArgumentException("None of the questions says anything.");
    }
    MemberHeads whole = heads(data, ballots, told, settings.lambda());
    var weighted = new double[data.members().size()];
    var plain = new double[weighted.length];
    for (int part = 0; part < PARTS; part++) {
      int held = part;
      int[] others = Arrays.stream(told).filter(i -> part(rows.get(i)) != held).toArray();
      MemberHeads heads =
          others.length == 0 ? whole : heads(data, ballots, others, settings.lambda());
      for (int i : told) {
        if (part(rows.get(i)) == part) {
          double[] confidences = heads.confidences(query(rows.get(i)));
          Vectors.add(weighted, 1, bySize(ballots.get(i), confidences, true));
          Vectors.add(plain, 1, bySize(ballots.get(i), confidences, false));
        }
      }
    }
    return new MemberHeads(
        data.members(), whole.heads(), whole.means(), 1 + first(weighted), 1 + first(plain));
  }

  private static Optional<float[]> query(Row row) {
    return row.candidates().evidence().query();
  }

  /** By the question: equal ones are never on both sides. */
  private static int part(Row row) {
    return Math.floorMod(row.number(), PARTS);
  }

  private static void requireFractions(List<String> members, List<Ballot> ballots) {
    for (Ballot ballot : ballots) {
      for (int m = 0; m < members.size(); m++) {
        float score = ballot.scores()[m];
        if (score < 0 || score > 1) {
          throw new IllegalArgumentException(
              "A score of %s is %s; this method takes fractions from 0 to 1."
                  .formatted(members.get(m), score));
        }
      }
    }
  }

  private static MemberHeads heads(
      RecordedAnswers data, List<Ballot> ballots, int[] places, double lambda) {
    int size = data.members().size();
    double[][] labels =
        Arrays.stream(places)
            .mapToObj(i -> Vectors.doubles(ballots.get(i).scores()))
            .toArray(double[][]::new);
    var alike = new double[size];
    Arrays.fill(alike, 1);
    LinearHeads heads =
        LinearHeads.logistic(
            Matrix.of(
                Arrays.stream(places).mapToObj(i -> query(data.rows().get(i)).get()).toList()),
            labels,
            alike,
            lambda,
            ROUNDS);
    double[] means = Ballots.means(Arrays.stream(places).mapToObj(ballots::get).toList(), size);
    // As they are kept.
    return new MemberHeads(
        data.members(), heads, Vectors.doubles(Matrix.row(means).values()), 1, 1);
  }

  /**
   * The score of the answer that wins where so many vote, from one to all, the likeliest first: as
   * {@link SelectLlm} votes, of those that answered.
   *
   * @param weighted whether they count as likely as they are right
   */
  static double[] bySize(Ballot ballot, double[] confidences, boolean weighted) {
    List<Integer> falling = new ArrayList<>();
    for (int m = 0; m < confidences.length; m++) {
      if (!Float.isNaN(ballot.scores()[m])) {
        falling.add(m);
      }
    }
    falling.sort(Comparator.comparingDouble(m -> -confidences[m]));
    var votes = new double[confidences.length];
    var voices = new int[confidences.length];
    Arrays.fill(voices, -1);
    var scores = new double[confidences.length];
    int best = -1;
    for (int r = 0; r < scores.length && !falling.isEmpty(); r++) {
      if (r < falling.size()) {
        int member = falling.get(r);
        int answer = ballot.answers()[member];
        if (answer >= 0) {
          votes[answer] += weighted ? confidences[member] : 1;
          voices[answer] = voices[answer] < 0 ? r : voices[answer];
          best = best < 0 || leads(answer, best, votes, voices) ? answer : best;
        }
      }
      // Where nothing can be read, the likeliest speaks.
      scores[r] = ballot.scores()[falling.get(best < 0 ? 0 : voices[best])];
    }
    return scores;
  }

  /** By votes; of equal ones by the likelier voice, which is the earlier one. */
  private static boolean leads(int answer, int best, double[] votes, int[] voices) {
    double lead = votes[answer] - votes[best];
    return Math.abs(lead) <= ROUNDING ? voices[answer] < voices[best] : lead > 0;
  }

  /** Place of the greatest, the first of equal ones. */
  private static int first(double[] sums) {
    double most = Arrays.stream(sums).max().orElseThrow();
    return IntStream.range(0, sums.length)
        .filter(i -> sums[i] >= most - ROUNDING * Math.max(1, most))
        .findFirst()
        .orElseThrow();
  }
}
