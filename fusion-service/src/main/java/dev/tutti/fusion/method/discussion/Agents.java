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
 * Those who take part in a discussion, and what each said. Every answer of the first round is an
 * agent's, so that a member may play several. Whoever gives no answer in a round, or an empty one,
 * is asked no more, and what it said last stands. Each round asks those that are left in their
 * order, a call each, so the calls of a round tell whose they are by their order.
 *
 * <p>Of an episode whose rounds have ended.
 */
final class Agents {

  private static final int NOTHING = -1;

  private final Episode episode;
  private final List<Integer> first;
  private final int[] last;
  private final List<Integer> present;

  /** Of an episode in which the first round has ended. */
  Agents(Episode episode) {
    this.episode = episode;
    this.first = stages(1);
    this.last = new int[first.size()];
    Arrays.fill(last, NOTHING);
    List<Integer> asked = IntStream.range(0, first.size()).boxed().toList();
    for (int round = 1; round <= episode.rounds(); round++) {
      List<Integer> stages = stages(round);
      var answered = new ArrayList<Integer>();
      for (int stage : Said.in(episode, round).stages()) {
        int agent = asked.get(stages.indexOf(stage));
        answered.add(agent);
        last[agent] = stage;
      }
      asked = answered;
    }
    this.present = asked;
  }

  private List<Integer> stages(int round) {
    return IntStream.range(0, episode.stages().size())
        .filter(i -> episode.stages().get(i).asked().round() == round)
        .boxed()
        .toList();
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
    return episode.stages().get(first.get(agent)).asked().member();
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
    return new Said(episode, heard().stream().map(first::get).toList());
  }

  /** What an agent that was heard said last. */
  String text(int agent) {
    Stage stage = episode.stages().get(last[agent]);
    return ((Answered) stage).text();
  }
}
