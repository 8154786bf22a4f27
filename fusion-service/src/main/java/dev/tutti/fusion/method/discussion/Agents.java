package dev.tutti.fusion.method.discussion;

import dev.tutti.fusion.Deliberation.Ask;
import dev.tutti.fusion.method.prompt.Said;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.calls.MemberCard;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Those who take part in a discussion, each a member or one of several that a member plays, and
 * what each said. In the first round all are asked; whoever gives no answer in a round, or an empty
 * one, is asked no more, and what it said last stands.
 *
 * <p>An agent is known by the number of its call: each round asks those that are left, in their
 * order, a call each.
 */
final class Agents {

  private static final int NOTHING = -1;

  private final Episode episode;
  private final int each;
  private final int[] first;
  private final int[] last;
  private final List<Integer> present;

  /**
   * Of an episode.
   *
   * @param each so many agents a member plays
   */
  Agents(Episode episode, int each) {
    this.episode = episode;
    this.each = each;
    int count = episode.members().size() * each;
    this.first = new int[count];
    this.last = new int[count];
    Arrays.fill(first, NOTHING);
    Arrays.fill(last, NOTHING);
    List<Integer> asked = IntStream.range(0, count).boxed().toList();
    int calls = 0;
    for (int round = 1; round <= episode.rounds(); round++) {
      var answered = new ArrayList<Integer>();
      for (int stage : Said.in(episode, round).stages()) {
        int agent = asked.get(episode.stages().get(stage).asked().call() - calls);
        answered.add(agent);
        last[agent] = stage;
        if (round == 1) {
          first[agent] = stage;
        }
      }
      calls += asked.size();
      asked = answered;
    }
    this.present = asked;
  }

  /** Asks those that are left, a call each. */
  Ask ask(IntFunction<Generate> call, int turns) {
    return new Ask(present.stream().<Call>map(call::apply).toList(), turns);
  }

  /** Those that are left. */
  List<Integer> present() {
    return present;
  }

  /** Place of the member that plays an agent. */
  int member(int agent) {
    return agent / each;
  }

  /** What is known of that member. */
  MemberCard card(int agent) {
    return episode.members().get(member(agent));
  }

  /** Those that have ever said something. */
  List<Integer> heard() {
    return IntStream.range(0, last.length).filter(a -> last[a] != NOTHING).boxed().toList();
  }

  /** What each of those that were heard said last. */
  Said lastSaid() {
    return new Said(episode, heard().stream().map(a -> last[a]).toList());
  }

  /** What each of those that were heard said in the first round. */
  Said firstSaid() {
    return new Said(episode, heard().stream().map(a -> first[a]).toList());
  }

  /** What an agent that was heard said last. */
  String text(int agent) {
    Stage stage = episode.stages().get(last[agent]);
    return ((Answered) stage).text();
  }
}
