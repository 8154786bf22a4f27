package dev.tutti.fusion;

import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.calls.MemberCard;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * In which order members are asked for their answers: first those whose answers count much for what
 * they cost ({@link Selector#weight} divided by the expected cost; by the weight alone where
 * somebody is free), each once; then each of those again who give several.
 *
 * @param selector says what answers count
 * @param asking how many answers each gives that has no number of its own, and how many at once
 */
record AskOrder(Selector selector, AskSettings asking) {

  private static final Set<String> JUDGES = Set.of("judge", "reward");

  /** Places of the members that are there to score. */
  static List<Integer> judges(Episode episode) {
    return members(episode, true);
  }

  /** Places of those that answer. */
  static List<Integer> writers(Episode episode) {
    return members(episode, false);
  }

  private static List<Integer> members(Episode episode, boolean judges) {
    List<MemberCard> members = episode.members();
    return IntStream.range(0, members.size())
        .filter(m -> JUDGES.contains(members.get(m).role()) == judges)
        .boxed()
        .toList();
  }

  /** Whether an answer was asked for. */
  static boolean isAnswer(Stage stage) {
    return stage.asked().member() != Call.PLATFORM && stage.asked().purpose().isEmpty();
  }

  /** Whose answers are still to be asked for, in order; those of calls that run among them. */
  List<Integer> rest(Episode episode) {
    if (asking.askAtOnce() == 0 && !episode.stages().isEmpty()) {
      return new ArrayList<>();
    }
    List<Integer> rest = order(episode);
    // What members cost is known better after each round, so that the order may be another by now.
    episode.stages().stream()
        .filter(AskOrder::isAnswer)
        .forEach(stage -> rest.remove((Integer) stage.asked().member()));
    return rest;
  }

  /** These, whose calls run, and whoever has not been asked yet. */
  List<Integer> open(Episode episode, List<Integer> pending) {
    List<Integer> rest = rest(episode);
    pending.forEach(rest::remove);
    var open = new ArrayList<>(pending);
    open.addAll(rest);
    return open;
  }

  private List<Integer> order(Episode episode) {
    List<MemberCard> cards = episode.members();
    List<Integer> members = writers(episode);
    boolean priced = members.stream().allMatch(m -> cards.get(m).expectedUsd() > 0);
    List<Integer> byValue =
        members.stream()
            .sorted(
                Comparator.comparingDouble(
                    m -> -weight(cards.get(m)) / (priced ? cards.get(m).expectedUsd() : 1)))
            .toList();
    var order = new ArrayList<Integer>();
    int most = byValue.stream().mapToInt(m -> answers(cards.get(m))).max().orElse(0);
    for (int sample = 0; sample < most; sample++) {
      for (int member : byValue) {
        if (sample < answers(cards.get(member))) {
          order.add(member);
        }
      }
    }
    return order;
  }

  private int answers(MemberCard card) {
    return card.samples().orElse(asking.samples());
  }

  private double weight(MemberCard card) {
    return selector.weight(card.knownAs(), card.prior());
  }
}
