package dev.tutti.fusion.method.discussion;

import dev.tutti.fusion.Deliberation;
import dev.tutti.fusion.method.prompt.Said;
import dev.tutti.fusion.method.vote.MajorityVote.Weights;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.References;
import dev.tutti.kit.calls.SamplingChange;
import dev.tutti.kit.calls.Turn;
import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * ReConcile: members answer with an explanation and a confidence, discuss the answers by groups
 * until they agree, and vote by confidence (Chen et al. 2024, ReConcile, arXiv:2309.13007).
 *
 * <p>{@code (a, e, c)_i}; for some rounds, as long as not all a are equal, each member gets the
 * conversation, its own last answer as the model's turn, and all answers by groups, with the
 * explanations and confidences of those who gave them; {@code argmax_a sum_i f(c_i) I[a_i = a]}.
 * The confidence p is recalibrated by steps: f = 0.1 up to 0.6, 0.3 below 0.8, 0.5 below 0.9, 0.8
 * below 1, and 1 at 1. Answers that are even go to the surest who gave one of them, else to the
 * first.
 *
 * <p>A member is asked for a last line that tells its confidence from 0 to 1; per cent and "8/10"
 * are read too. One that tells none, or what is no share, is heard as the least sure. A member that
 * gives no answer in a round leaves the discussion, and what it said last counts. It ends early
 * where fewer than two are left, or the budget forbids another round.
 *
 * <p>Defaults: 2 rounds of discussion (the authors' code). Departures: there are no convincing
 * samples (explanations by people that once turned a member round), as nobody has them; answers
 * that cannot be read are not shown to the others. Instructions are ours. The text that is given is
 * the winner's explanation and answer, without the line that tells its confidence.
 *
 * <p>Cost per request: n calls, and as many for each round of discussion that there is; its prompts
 * hold all answers.
 */
public final class Reconcile implements Deliberation {

  private static final String FORM =
      "Explain your answer to the user's last message in a few sentences. Then write a line that"
          + " begins with 'Answer: ' and holds the answer alone, in the form that the user asked"
          + " for, and a last line that begins with 'Confidence: ' and holds a number from 0 to 1:"
          + " how sure you are that the answer is right.";

  private static final String GROUPS =
      "Several have answered the same, you among them. Below are their answers (different ones:"
          + " %d), each with what those say who gave it, and how sure they are. Weigh them against"
          + " each other, and against your own. Then answer again in the same form: explanation,"
          + " 'Answer: ', 'Confidence: '.";

  private static final int MOST_ROUNDS = 8;

  /**
   * Settings.
   *
   * @param rounds of discussion
   * @param canonical form in which answers are compared
   */
  public record Settings(
      @Setting(
              help = "Most rounds of discussion; it ends once all agree.",
              min = 0,
              max = MOST_ROUNDS)
          int rounds,
      @Setting(help = "Form in which answers are compared, as for majority-vote.")
          AnswerForm canonical) {

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings(2, AnswerForm.AUTO);
  }

  private final Settings settings;

  /** One with these settings. */
  public Reconcile(Settings settings) {
    this.settings = settings;
  }

  @Override
  public Step next(Episode episode) {
    int rounds = episode.rounds();
    int left = settings.rounds() + 1 - rounds;
    List<Turn> asked = References.instructed(episode.query().turns(), FORM);
    if (rounds == 0) {
      List<Call> calls =
          IntStream.range(0, episode.members().size())
              .<Call>mapToObj(m -> generate(m, asked, "explain"))
              .toList();
      return new Ask(calls, left);
    }
    var agents = new Agents(episode);
    Said last = agents.lastSaid();
    if (last.size() == 0) {
      return last.best("Nobody said anything.");
    }
    List<Opinion> opinions = last.texts().stream().map(Opinion::of).toList();
    FinalVote vote =
        FinalVote.of(last, opinions.stream().map(Opinion::text).toList(), settings.canonical());
    boolean over = left <= 0 || agents.present().size() < 2 || episode.exhausted();
    References groups = groups(vote.answers(), opinions);
    if (over || vote.isUnanimous() || groups.texts().isEmpty()) {
      Weighed weighed = vote.give(Weights.PRIOR, i -> opinions.get(i).weight()).weighed();
      int chosen = weighed.weighing().chosen().orElseThrow();
      return new Give(weighed, true, Optional.of(opinions.get(chosen).text()));
    }
    return agents.ask(
        a -> {
          var turns = new ArrayList<>(asked);
          turns.add(new Turn(Turn.Role.ASSISTANT, agents.text(a)));
          String shown = groups.after(GROUPS.formatted(groups.texts().size()), agents.card(a));
          turns.add(new Turn(Turn.Role.USER, shown));
          return generate(agents.member(a), turns, "discuss");
        },
        left);
  }

  @Override
  public boolean isEnough(Episode episode, List<Integer> pending) {
    return Said.isEnough(episode, pending);
  }

  private static Generate generate(int member, List<Turn> turns, String purpose) {
    return new Generate(member, new Prompt.Rewritten(turns), 1, SamplingChange.NONE, purpose);
  }

  /** What those say who gave the same answer, an entry an answer, in the order of appearance. */
  private static References groups(List<Optional<String>> answers, List<Opinion> opinions) {
    var groups = new LinkedHashMap<String, List<String>>();
    for (int i = 0; i < opinions.size(); i++) {
      Opinion its = opinions.get(i);
      String told =
          "Confidence %s:\n%s"
              .formatted(String.format(Locale.ROOT, "%.2f", its.confidence()), its.text());
      answers.get(i).ifPresent(a -> groups.computeIfAbsent(a, _ -> new ArrayList<>()).add(told));
    }
    var names = new ArrayList<String>();
    var texts = new ArrayList<String>();
    groups
        .values()
        .forEach(
            told -> {
              names.add("answer %d, given by %d".formatted(names.size() + 1, told.size()));
              texts.add(String.join("\n\n", told));
            });
    return new References(names, texts);
  }
}
