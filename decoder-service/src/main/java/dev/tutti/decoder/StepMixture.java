package dev.tutti.decoder;

import dev.tutti.decoder.AnswerSource.Opinion;
import dev.tutti.decoder.StepCombiner.Vote;
import dev.tutti.decoder.Table.Seat;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What those who speak in a step say together. Confined to one thread at a time. */
final class StepMixture {

  private final Optional<Vocabulary> shared;
  private Vocabulary tokens;
  private double[] combined = {};
  private Distribution distribution;
  // In the order of the votes, with what each of the table counts.
  private List<Seat> voters = List.of();
  private double[] weights = {};
  private StepCombiner combiner = StepCombiner.MEAN;
  private List<Vote> votes = List.of();

  /**
   * Before the first step.
   *
   * @param shared the members' vocabulary; empty where each step has its own
   */
  StepMixture(Optional<Vocabulary> shared) {
    this.shared = shared;
    this.tokens = shared.orElse(PieceUnion.NONE);
  }

  /** The tokens of the step. */
  Vocabulary tokens() {
    return tokens;
  }

  /** Those of the step that another one is at. */
  void keepTokens(StepMixture other) {
    tokens = other.tokens;
  }

  /** What they say together. */
  Distribution distribution() {
    return distribution;
  }

  /** What each of them says. */
  List<Vote> votes() {
    return votes;
  }

  /**
   * Begins a step.
   *
   * @param voters at least one; sums go in their order
   * @param weights one a member of the table
   */
  void mix(List<Seat> voters, double[] weights, StepCombiner combiner) {
    this.voters = voters;
    this.weights = weights;
    this.combiner = combiner;
    double total = total();
    if (shared.isEmpty()) {
      tokens = PieceUnion.of(voters.stream().map(seat -> seat.member).toList());
    }
    var all = new ArrayList<Vote>(voters.size());
    for (Seat seat : voters) {
      double weight = weights[seat.index] / total;
      all.add(new Vote(seat.index, weight, seat.member.ratings(tokens), seat.member));
    }
    if (combined.length != tokens.size()) {
      combined = new double[tokens.size()];
      distribution = new Distribution(tokens.size());
    }
    combiner.combine(all, combined);
    distribution.setProbabilities(combined);
    votes = all;
  }

  /**
   * The same step over what its members have listed since, without those who failed over it.
   *
   * @return whether anybody is left
   */
  boolean widen() {
    List<Seat> left = voters.stream().filter(Seat::speaks).toList();
    if (!left.isEmpty()) {
      mix(left, weights, combiner);
    }
    return !left.isEmpty();
  }

  /** Each kind of plan rounds it as it always has, so that its answers stay the same to the bit. */
  private double total() {
    if (shared.isEmpty()) {
      return voters.stream().mapToDouble(seat -> weights[seat.index]).sum();
    }
    double total = 0;
    for (Seat seat : voters) {
      total += weights[seat.index];
    }
    return total;
  }

  /** Weight of those who hold the most probable token for that themselves. */
  double agreement() {
    double agreement = 0;
    int first = distribution.mostProbable();
    for (int v = 0; v < votes.size(); v++) {
      if (voters.get(v).member.favours(tokens, first)) {
        agreement += votes.get(v).weight();
      }
    }
    return agreement;
  }

  /** What each of them thinks of a token, in the order of the recipe. */
  List<Opinion> opinions(int token) {
    var all = new ArrayList<Opinion>(votes.size());
    for (int v = 0; v < votes.size(); v++) {
      Vote vote = votes.get(v);
      double rating = vote.ratings()[token];
      JointMember member = voters.get(v).member;
      all.add(
          new Opinion(
                  vote.member(),
                  vote.weight(),
                  // Over a union of pieces members tell logarithms.
                  Math.min(0, shared.isPresent() ? Math.log(rating) : rating),
                  member.favours(tokens, token))
              .wanting(member.favourite(tokens)));
    }
    all.sort(Comparator.comparingInt(Opinion::member));
    return all;
  }
}
