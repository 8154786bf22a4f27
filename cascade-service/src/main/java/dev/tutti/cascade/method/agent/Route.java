package dev.tutti.cascade.method.agent;

import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Asked;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Embedded;
import dev.tutti.kit.calls.Episode.Stage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An episode as the agent's Markov decision process sees it.
 *
 * @param question its embedding, where there is one
 * @param steps how many steps members were asked in
 * @param failed places of members that failed
 * @param asked places of members that were asked
 * @param last place of the member that was asked last; {@link AgentState#NOBODY} before
 * @param replies answers that say something, in the order in which they were given
 * @param mute place of the last stage whose answer says nothing; -1 where none does
 * @param silent whether the last step has answers, and none says anything
 * @param judged whether the last step's replies' embeddings were asked for
 */
record Route(
    Optional<float[]> question,
    int steps,
    Set<Integer> failed,
    Set<Integer> asked,
    int last,
    List<Reply> replies,
    int mute,
    boolean silent,
    boolean judged) {

  /** Purposes of calls. */
  static final String QUESTION = "question";

  /** Purpose of the calls that embed answers. */
  static final String ANSWER = "answer";

  /** Purpose of the calls that hand an answer on. */
  static final String TRANSFER = "transfer";

  /**
   * An answer that says something.
   *
   * @param stage its place in the episode
   * @param member place of whoever gave it
   * @param text what it says
   * @param signals what it says of itself
   * @param step in which it was given, from 1
   * @param embedding of the text; empty where it is not asked for yet, or could not be told
   */
  record Reply(
      int stage,
      int member,
      String text,
      AnswerSignals signals,
      int step,
      Optional<float[]> embedding) {}

  static Route of(Episode episode) {
    Optional<float[]> question = Optional.empty();
    int steps = 0;
    int round = 0;
    var failed = new HashSet<Integer>();
    var asked = new HashSet<Integer>();
    int last = AgentState.NOBODY;
    var replies = new ArrayList<Reply>();
    int mute = -1;
    boolean silent = false;
    int awaited = 0;
    boolean judged = false;
    for (int i = 0; i < episode.stages().size(); i++) {
      Stage stage = episode.stages().get(i);
      Asked its = stage.asked();
      switch (its.purpose()) {
        case QUESTION -> question = vector(stage, 0);
        case ANSWER -> {
          int from = replies.size() - awaited;
          for (int r = 0; r < awaited; r++) {
            Reply reply = replies.get(from + r);
            replies.set(
                from + r,
                new Reply(
                    reply.stage(),
                    reply.member(),
                    reply.text(),
                    reply.signals(),
                    reply.step(),
                    vector(stage, r)));
          }
          awaited = 0;
          judged = true;
        }
        default -> {
          if (its.round() != round) {
            steps++;
            round = its.round();
            awaited = 0;
            silent = false;
            judged = false;
          }
          asked.add(its.member());
          last = its.member();
          if (stage instanceof Answered answered) {
            String text = answered.text().isBlank() ? answered.tools().orElse("") : answered.text();
            if (text.isBlank()) {
              mute = i;
              silent = awaited == 0;
            } else {
              silent = false;
              replies.add(
                  new Reply(i, its.member(), text, answered.signals(), steps, Optional.empty()));
              awaited++;
            }
          } else {
            failed.add(its.member());
          }
        }
      }
    }
    return new Route(question, steps, failed, asked, last, replies, mute, silent, judged);
  }

  private static Optional<float[]> vector(Stage stage, int place) {
    return stage instanceof Embedded embedded && place < embedded.vectors().size()
        ? Optional.of(embedded.vectors().get(place))
        : Optional.empty();
  }

  /** The replies of the last step. */
  List<Reply> latest() {
    return replies.stream().filter(reply -> reply.step() == steps).toList();
  }

  /** The last reply; empty where nobody has said anything. */
  Optional<Reply> reply() {
    return replies.isEmpty() ? Optional.empty() : Optional.of(replies.getLast());
  }
}
