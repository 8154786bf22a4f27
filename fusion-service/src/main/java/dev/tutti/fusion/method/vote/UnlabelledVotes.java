package dev.tutti.fusion.method.vote;

import dev.tutti.fusion.method.vote.Ballots.Ballot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What each member's vote is worth, learned from answers of which nobody knows how good they were:
 * log-odds of the accuracies that {@link DawidSkene} finds. Members that agree on more than {@value
 * #CLONES} of the questions look accurate to it whatever they are: they are one voter, and share
 * its weight. By category one more estimate of the accuracies is made, from what was found to be
 * right over all questions, which is worth {@code shrinkage} votes there.
 */
final class UnlabelledVotes {

  private static final double CLONES = .95;
  private static final int LEAST_VOTERS = 3;
  private static final double CLOSE = 1e-6;

  private final List<Ballot> rows;
  private final VoteWeights.Settings settings;
  private final Clones clones;
  private final DawidSkene learned;

  UnlabelledVotes(Ballots ballots, VoteWeights.Settings settings) {
    this.settings = settings;
    int members = ballots.members().size();
    this.rows =
        ballots.rows().stream()
            .filter(row -> Arrays.stream(row.answers()).anyMatch(answer -> answer >= 0))
            .toList();
    this.clones = Clones.above(CLONES, rows, members);
    if (rows.isEmpty()) {
      throw new IllegalArgumentException(
          "Of %d questions none has an answer that can be read.".formatted(ballots.rows().size()));
    }
    if (clones.size() < LEAST_VOTERS) {
      throw new IllegalArgumentException(
          "Of %d members, %d are left where those that agree on more than %s of the questions are one; dawid_skene needs %d."
              .formatted(members, clones.size(), CLONES, LEAST_VOTERS));
    }
    this.learned = DawidSkene.fit(votes(rows), 0, CLOSE);
  }

  private int[][] votes(List<Ballot> of) {
    return of.stream().map(row -> clones.merged(row.answers())).toArray(int[][]::new);
  }

  /** One a member, at least 0. */
  double[] whole() {
    return weights(learned.accuracies());
  }

  /** The same by category. */
  SortedMap<String, double[]> categories() {
    var places = new TreeMap<String, List<Integer>>();
    for (int q = 0; q < rows.size(); q++) {
      if (!rows.get(q).category().isEmpty()) {
        places.computeIfAbsent(rows.get(q).category(), _ -> new ArrayList<>()).add(q);
      }
    }
    var categories = new TreeMap<String, double[]>();
    places.forEach(
        (category, its) ->
            categories.put(
                category,
                weights(
                    DawidSkene.accuracies(
                        votes(its.stream().map(rows::get).toList()),
                        its.stream().map(q -> learned.truths()[q]).toArray(double[][]::new),
                        learned.accuracies(),
                        settings.shrinkage()))));
    return categories;
  }

  private double[] weights(double[] accuracies) {
    int[] sizes = clones.sizes();
    return Arrays.stream(clones.groups())
        .mapToDouble(
            group ->
                Math.max(0, MajorityVote.logOdds(accuracies[group], settings.options()))
                    / sizes[group])
        .toArray();
  }
}
