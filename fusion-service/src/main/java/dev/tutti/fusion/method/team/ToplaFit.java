package dev.tutti.fusion.method.team;

import dev.tutti.fusion.FittedSelector;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.method.vote.AnswerOdds;
import dev.tutti.fusion.method.vote.Ballots;
import dev.tutti.fusion.method.vote.Ballots.Ballot;
import dev.tutti.fusion.method.vote.VoteWeights;
import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.Shuffle;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** How {@link Topla} is fitted. */
public final class ToplaFit {

  /** Questions that teams are compared on; of more, so many are drawn. */
  private static final int MOST_QUESTIONS = 2_000;

  static final int MOST_MEMBERS = 63;
  private static final int SLOTS = 10;
  private static final int HIDDEN = 100;

  /**
   * Settings of the fit.
   *
   * @param canonical form in which answers are compared
   * @param right least score of an answer that is right
   * @param diversity its share of the fitness
   * @param smoothing failures that the team's own figure counts as
   * @param epochs of the network; none learns where it is 0
   */
  public record Settings(
      @Setting(help = Selector.CANONICAL) AnswerForm canonical,
      @Setting(help = "score from which on an answer is right", min = -1e9, max = 1e9) double right,
      @Setting(
              help =
                  "share of the focal diversity in a team's fitness; the rest is the accuracy of its"
                      + " plain vote",
              min = 0,
              max = 1)
          double diversity,
      @Setting(
              help =
                  "so many failures of a member is the team's common diversity worth; 0 for none",
              min = 0,
              max = 1e6)
          double smoothing,
      @Setting(
              help =
                  "so often a network sees each question that learns whom of the team to believe (300 in"
                      + " the paper); 0 for a plain vote",
              min = 0,
              max = 1000)
          int epochs) {

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings(AnswerForm.AUTO, .5, .5, 1, 0);
  }

  private ToplaFit() {}

  /** As {@link FittedSelector#fit}. */
  static TeamWeights fit(RecordedAnswers data, Settings settings, RandomGenerator random) {
    int members = data.members().size();
    List<Ballot> rows =
        Ballots.of(data, settings.canonical(), "").rows().stream()
            .filter(row -> !anyUnasked(row))
            .toList();
    if (rows.isEmpty()) {
      throw new IllegalArgumentException(
          "Of %d questions none was asked of all %d members."
              .formatted(data.rows().size(), members));
    }
    List<Ballot> some =
        rows.size() <= MOST_QUESTIONS
            ? rows
            : Arrays.stream(Shuffle.of(rows.size(), random))
                .limit(MOST_QUESTIONS)
                .mapToObj(rows::get)
                .toList();
    var diversity =
        new FocalDiversity(
            some.stream().mapToLong(row -> failing(row, settings.right())).toArray(),
            settings.smoothing());
    long team =
        new TeamSearch(
                members,
                candidates ->
                    settings.diversity() * diversity.of(candidates)
                        + (1 - settings.diversity()) * accuracy(some, candidates, settings.right()))
            .best(random);
    var weights = new double[members];
    Arrays.setAll(weights, m -> team >> m & 1);
    return new TeamWeights(
        VoteWeights.of(data.members(), weights, new TreeMap<>()),
        settings.epochs() == 0
            ? Optional.empty()
            : Optional.of(network(data, settings, weights, random)));
  }

  /** Learns whom of a team to believe. */
  static SlotNetwork network(
      RecordedAnswers data, Settings settings, double[] team, RandomGenerator random) {
    var examples = new ArrayList<SlotNetwork.Example>();
    for (RecordedAnswers.Row row : data.rows()) {
      List<Optional<String>> answers = AnswerOdds.answers(settings.canonical(), row.candidates());
      Slots slots = Slots.of(row.candidates(), answers, data.members(), team, SLOTS);
      int right = -1;
      for (int i = 0; i < answers.size() && right < 0; i++) {
        right =
            row.scores()[i] >= settings.right()
                ? answers.get(i).map(slots.answers()::indexOf).orElse(-1)
                : -1;
      }
      if (right >= 0) {
        examples.add(new SlotNetwork.Example(slots.given(), right));
      }
    }
    if (examples.isEmpty()) {
      throw new IllegalArgumentException(
          "Of %d questions the team answered none right.".formatted(data.rows().size()));
    }
    return SlotNetwork.fit(examples, SLOTS, HIDDEN, settings.epochs(), random);
  }

  private static boolean anyUnasked(Ballot row) {
    for (float score : row.scores()) {
      if (Float.isNaN(score)) {
        return true;
      }
    }
    return false;
  }

  private static long failing(Ballot row, double right) {
    long failing = 0;
    for (int m = 0; m < row.scores().length; m++) {
      failing |= row.scores()[m] < right ? 1L << m : 0;
    }
    return failing;
  }

  /** Share of the questions that a team's plain vote gets right; ties to the first member. */
  static double accuracy(List<Ballot> rows, long team, double right) {
    int hits = 0;
    var votes = new int[Long.SIZE];
    for (Ballot row : rows) {
      Arrays.fill(votes, 0);
      for (long rest = team; rest != 0; rest &= rest - 1) {
        int answer = row.answers()[Long.numberOfTrailingZeros(rest)];
        if (answer >= 0) {
          votes[answer]++;
        }
      }
      int voice = Long.numberOfTrailingZeros(team);
      int most = 0;
      for (long rest = team; rest != 0; rest &= rest - 1) {
        int member = Long.numberOfTrailingZeros(rest);
        int answer = row.answers()[member];
        if (answer >= 0 && votes[answer] > most) {
          most = votes[answer];
          voice = member;
        }
      }
      hits += row.scores()[voice] >= right ? 1 : 0;
    }
    return (double) hits / rows.size();
  }
}
