package dev.tutti.decoder.method.routing;

import dev.tutti.decoder.StepCombiner.Vote;
import dev.tutti.decoder.TokenMember;
import java.util.Arrays;
import java.util.List;

/**
 * How a step is combined that one member writes: what it says stands. Where nobody is left of those
 * who should, the others' weighted mean does.
 */
final class SingleVoice {

  private SingleVoice() {}

  /**
   * The members' weights, scaled to sum 1.
   *
   * @throws IllegalArgumentException when there are none
   */
  static List<Double> weights(List<TokenMember> members) {
    if (members.isEmpty()) {
      throw new IllegalArgumentException("An ensemble has at least one member.");
    }
    double sum = members.stream().mapToDouble(TokenMember::weight).sorted().sum();
    return members.stream().map(member -> member.weight() / sum).toList();
  }

  static void combine(List<Vote> votes, double[] combined) {
    Arrays.fill(combined, 0);
    for (Vote vote : votes) {
      for (int u = 0; u < combined.length; u++) {
        combined[u] += vote.weight() * vote.ratings()[u];
      }
    }
  }
}
