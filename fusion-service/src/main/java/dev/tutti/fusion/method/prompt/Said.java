package dev.tutti.fusion.method.prompt;

import dev.tutti.fusion.Deliberation.Give;
import dev.tutti.fusion.Deliberation.Weighed;
import dev.tutti.fusion.Weighing;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.MemberCard;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Answers that say something: empty ones, and calls that failed, are dropped.
 *
 * @param stages places of the answers among the episode's stages; may be none
 */
public record Said(Episode episode, List<Integer> stages) {

  /** Keeps its own list. */
  public Said {
    stages = List.copyOf(stages);
  }

  /** What was said in a round, in the order of its calls. */
  public static Said in(Episode episode, int round) {
    return new Said(
        episode,
        episode.answered(round).stream().filter(i -> !text(episode, i).isBlank()).toList());
  }

  /** What was said in the last round in which anybody said something. */
  public static Said last(Episode episode) {
    for (int round = episode.rounds(); round > 1; round--) {
      Said said = in(episode, round);
      if (said.size() > 0) {
        return said;
      }
    }
    return in(episode, 1);
  }

  /**
   * Whether two or more have said something in this round, and more than are pending: then the
   * others get as long again as these took.
   */
  public static boolean isEnough(Episode episode, List<Integer> pending) {
    int said = in(episode, episode.rounds()).size();
    return said >= 2 && said > pending.size();
  }

  /** How many there are. */
  public int size() {
    return stages.size();
  }

  /** The answer of this number, from 0. */
  public String text(int i) {
    return text(episode, stages.get(i));
  }

  /** All of them. */
  public List<String> texts() {
    return stages.stream().map(i -> text(episode, i)).toList();
  }

  /** Place of the member that gave the answer of this number. */
  public int member(int i) {
    return episode.stages().get(stages.get(i)).asked().member();
  }

  /** What is known of that member. */
  public MemberCard card(int i) {
    return episode.members().get(member(i));
  }

  /**
   * Gives one of them as it stands, where nobody can make more of them: that of the member with the
   * highest prior, the first one of equals. Where nobody said anything, so much is given.
   */
  public Give best(String explanation) {
    if (stages.isEmpty()) {
      return new Said(episode, episode.answered(1)).best(explanation);
    }
    int best = 0;
    for (int i = 1; i < size(); i++) {
      if (card(i).prior() > card(best).prior()) {
        best = i;
      }
    }
    return give(Collections.nCopies(size(), 1.0 / size()), best, explanation);
  }

  /**
   * Gives the answer of this number; nobody held the answers against each other word by word.
   *
   * @param weights one an answer; they sum to 1
   */
  public Give give(List<Double> weights, int chosen, String explanation) {
    return new Give(weighed(weights, chosen, explanation), false);
  }

  /** The same, where another answer is written of them. */
  public Weighed weighed(List<Double> weights, int chosen, String explanation) {
    List<Optional<String>> answers = Collections.nCopies(size(), Optional.empty());
    return new Weighed(stages, new Weighing(weights, answers, chosen, explanation));
  }

  private static String text(Episode episode, int stage) {
    return ((Answered) episode.stages().get(stage)).text();
  }
}
