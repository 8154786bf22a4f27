package dev.tutti.fusion.method.team;

import dev.tutti.fusion.Candidates;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The answers that a team's members give, the most supported one first, the earlier one of equals.
 *
 * @param answers at most as many as there are slots
 * @param given how much each member gives to each slot: the share of its answers, slot by slot of
 *     the first member, then of the second; 0 for those who do not belong to the team
 */
record Slots(List<String> answers, float[] given) {

  /**
   * Of these candidates.
   *
   * @param said one a candidate
   * @param members all that were learned about
   * @param team 1 for who belongs to it, 0 for who does not
   * @param slots most answers
   */
  static Slots of(
      Candidates candidates,
      List<Optional<String>> said,
      List<String> members,
      double[] team,
      int slots) {
    var columns = new int[candidates.size()];
    var often = new int[members.size()];
    Map<String, Integer> votes = new LinkedHashMap<>();
    for (int i = 0; i < columns.length; i++) {
      int column = members.indexOf(candidates.answers().get(i).knownAs());
      columns[i] = column >= 0 && team[column] > 0 ? column : -1;
      if (columns[i] >= 0) {
        often[column]++;
        said.get(i).ifPresent(answer -> votes.merge(answer, 1, Integer::sum));
      }
    }
    var order = new ArrayList<>(votes.keySet());
    order.sort((a, b) -> votes.get(b) - votes.get(a));
    List<String> answers = List.copyOf(order.subList(0, Math.min(slots, order.size())));
    var given = new float[members.size() * slots];
    for (int i = 0; i < columns.length; i++) {
      int slot = columns[i] < 0 ? -1 : said.get(i).map(answers::indexOf).orElse(-1);
      if (slot >= 0) {
        given[columns[i] * slots + slot] += 1f / often[columns[i]];
      }
    }
    return new Slots(answers, given);
  }
}
