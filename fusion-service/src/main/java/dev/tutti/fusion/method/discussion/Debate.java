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
import dev.tutti.kit.settings.FitsMembers;
import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * LLM debate: agents answer, then for some rounds each sees what the others said last and answers
 * again; the majority of the last answers wins (Du et al. 2023, Improving Factuality and Reasoning
 * through Multiagent Debate, arXiv:2305.14325).
 *
 * <p>{@code a_i = ask(x)}; for r rounds {@code a_i = ask(x, a_i, others' a)}; {@code majority(a)}.
 * In a round an agent gets the conversation as it was, its own last answer as the model's turn, and
 * those of the others as fenced {@link References} in a turn of the user's.
 *
 * <p>Agents may talk each other into what is wrong, so the initial answers are kept: answers that
 * are even at the end are told apart by the votes that they had at first, then by the members'
 * priors; where no last answer can be read, the first ones are voted on. An agent that gives no
 * answer in a round leaves the debate, and what it said last counts. The debate ends early where
 * fewer than two are left, or the budget forbids another round.
 *
 * <p>Defaults: 2 rounds after the first answers, an agent a member (the paper's main experiments: 3
 * agents of one model, 2 rounds, which is one member with {@code agents} 3). Departures: an agent
 * sees its own last answer and the others', not all of the rounds before. Instructions are ours.
 *
 * <p>Cost per request: {@code n (1 + rounds)} calls for n agents; each prompt of a later round
 * holds n answers. The form in which answers are compared is as for {@code majority-vote}.
 */
public final class Debate implements Deliberation {

  private static final String OTHERS =
      "Others have answered the same; what they said is below (answers: %d). Take it as advice:"
          + " where it shows that you were wrong, correct yourself, where they are wrong, keep to"
          + " your answer. Then answer again, completely and in the form that was asked for, and do"
          + " not mention the others.";

  /** Most agents of one debate. */
  static final int MOST_AGENTS = 64;

  private static final int MOST_ROUNDS = 8;

  /**
   * Settings.
   *
   * @param rounds r
   * @param agents of each member
   * @param temperature of all answers; empty for the request's
   * @param canonical form in which answers are compared
   */
  public record Settings(
      @Setting(
              help = "Rounds in which each sees the others' answers, after the first answers.",
              min = 0,
              max = MOST_ROUNDS)
          int rounds,
      @Setting(
              help = "How many agents each member plays; all of them together 64 at most.",
              min = 1,
              max = MOST_AGENTS)
          int agents,
      @Setting(
              help =
                  "Temperature of the answers; null for the request's. At 0 all agents of a member"
                      + " say the same at first.",
              min = 0,
              max = 2)
          OptionalDouble temperature,
      @Setting(help = "Form in which answers are compared, as for majority-vote.")
          AnswerForm canonical)
      implements FitsMembers {

    /** The defaults. */
    public static final Settings DEFAULTS =
        new Settings(2, 1, OptionalDouble.empty(), AnswerForm.AUTO);

    @Override
    public void requireFit(int members) {
      if (agents * members > MOST_AGENTS) {
        throw new IllegalArgumentException(
            "agents is %d of each of %d members, %d agents; at most %d are allowed."
                .formatted(agents, members, agents * members, MOST_AGENTS));
      }
    }
  }

  private final Settings settings;
  private final SamplingChange change;

  /** One with these settings. */
  public Debate(Settings settings) {
    this.settings = settings;
    this.change = new SamplingChange(settings.temperature(), OptionalInt.empty(), false);
  }

  @Override
  public Step next(Episode episode) {
    int rounds = episode.rounds();
    int left = settings.rounds() + 1 - rounds;
    if (rounds == 0) {
      List<Call> calls =
          IntStream.range(0, episode.members().size() * settings.agents())
              .<Call>mapToObj(
                  a -> new Generate(a / settings.agents(), Prompt.AS_ASKED, 1, change, ""))
              .toList();
      return new Ask(calls, left);
    }
    var agents = new Agents(episode);
    if (left > 0 && agents.present().size() > 1 && !episode.exhausted()) {
      return agents.ask(a -> again(episode, agents, a), left);
    }
    return vote(agents);
  }

  @Override
  public boolean isEnough(Episode episode, List<Integer> pending) {
    return Said.isEnough(episode, pending);
  }

  private Generate again(Episode episode, Agents agents, int agent) {
    List<String> others =
        agents.heard().stream().filter(a -> a != agent).map(agents::text).toList();
    String advice =
        References.of(others).after(OTHERS.formatted(others.size()), agents.card(agent));
    var turns = new ArrayList<>(episode.query().turns());
    turns.add(new Turn(Turn.Role.ASSISTANT, agents.text(agent)));
    turns.add(new Turn(Turn.Role.USER, advice));
    return new Generate(agents.member(agent), new Prompt.Rewritten(turns), 1, change, "debate");
  }

  private Give vote(Agents agents) {
    Said last = agents.lastSaid();
    if (last.size() == 0) {
      return last.best("Nobody said anything.");
    }
    Said first = agents.firstSaid();
    FinalVote vote = FinalVote.of(last, settings.canonical());
    if (vote.answers().stream().noneMatch(Optional::isPresent)) {
      vote = FinalVote.of(first, settings.canonical());
    }
    List<Optional<String>> answers = vote.answers();
    List<Optional<String>> initial = first.texts().stream().map(vote.form()::canonical).toList();
    return vote.give(
        Weights.UNIFORM,
        i -> {
          double prior = last.card(i).prior();
          // A vote more at first decides before any prior does.
          return initial.stream().filter(answers.get(i)::equals).count() + prior / (1 + prior);
        });
  }
}
