package dev.tutti.fusion.method.vote;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Deliberation;
import dev.tutti.fusion.Weighing;
import dev.tutti.fusion.method.prompt.Options;
import dev.tutti.fusion.method.prompt.Said;
import dev.tutti.fusion.method.vote.MajorityVote.Weights;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.SamplingChange;
import dev.tutti.kit.calls.Turn;
import dev.tutti.kit.settings.FitsMembers;
import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A prompt ensemble: each member is asked under several prompts, and all answers vote (survey term;
 * step by step: Kojima et al. 2022, arXiv:2205.11916; least to most: Zhou et al. 2023,
 * arXiv:2205.10625).
 *
 * <p>{@code argmax_a sum_n I[y_n = a]} over prompts n, as in {@link MajorityVote}: the request as
 * it was asked; its last message followed by instructions; and that message with its options
 * rotated, whose letters are mapped back before they vote, which takes a preference for a place out
 * of the vote. A question that has no options ({@link Options}) is not permuted.
 *
 * <p>An answer to rotated options has the wrong letter in it, so it votes but is never given: of
 * the others the one with the most votes is, of equals that of the higher prior, then the first.
 * Where only rotated ones were answered none is given.
 *
 * <p>Departures: probabilities of options are not averaged, votes are counted, so that any member
 * can take part. Least to most is one call, not one a subquestion. Instructions are ours. Cost per
 * request: a call a member and prompt, at once.
 */
public final class PromptVote implements Deliberation {

  private static final double ROUNDING = 1e-12;
  private static final String PERMUTED = "permuted ";

  private static final String STEP_BY_STEP =
      "\n\nLet's think step by step. Write your reasoning first, and then, on a last line of its"
          + " own: The answer is ...";

  private static final String LEAST_TO_MOST =
      "\n\nFirst list the simpler questions that have to be answered before this one, from the"
          + " simplest on. Answer each in turn, using what you have found so far. Then write on a"
          + " last line of its own: The answer is ...";

  /**
   * Settings.
   *
   * @param stepByStep whether it is asked so too
   * @param leastToMost whether it is asked so too
   * @param permutations prompts with rotated options
   * @param canonical form in which answers are compared
   */
  public record Settings(
      @Setting(help = "Whether members are also asked to think step by step.") boolean stepByStep,
      @Setting(help = "Whether members are also asked to solve simpler questions first.")
          boolean leastToMost,
      @Setting(
              help =
                  "How many more prompts have the question's lettered options in another order, all"
                      + " rotations at most.",
              min = 0,
              max = 25)
          int permutations,
      @Setting(help = "Form in which answers are compared, as for majority-vote.")
          AnswerForm canonical)
      implements FitsMembers {

    private static final int MOST_ANSWERS = 256;

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings(true, true, 0, AnswerForm.AUTO);

    @Override
    public void requireFit(int members) {
      int prompts = 1 + (stepByStep ? 1 : 0) + (leastToMost ? 1 : 0) + permutations;
      if (prompts * members > MOST_ANSWERS) {
        throw new IllegalArgumentException(
            "%d members are asked under up to %d prompts, %d answers; at most %d are allowed."
                .formatted(members, prompts, prompts * members, MOST_ANSWERS));
      }
    }
  }

  private final Settings settings;
  private final MajorityVote vote;

  /** One with these settings. */
  public PromptVote(Settings settings) {
    this.settings = settings;
    this.vote =
        new MajorityVote(new MajorityVote.Settings(settings.canonical(), Weights.UNIFORM, 2));
  }

  @Override
  public Step next(Episode episode) {
    if (episode.stages().isEmpty()) {
      var calls = new ArrayList<Call>();
      for (int m = 0; m < episode.members().size(); m++) {
        calls.addAll(calls(episode, m));
      }
      return new Ask(calls, 1);
    }
    List<Integer> answered = episode.answered(1);
    Weighing weighing = vote.weigh(episode.query(), new Candidates(voters(episode, answered)));
    int given = given(episode, answered, weighing);
    if (given < 0) {
      return new Abstain(
          Optional.empty(),
          "Only prompts with rotated options were answered; their letters are not the question's.");
    }
    return new Give(
        new Weighed(
            answered,
            new Weighing(
                weighing.weights(),
                weighing.answers(),
                weighing.support(),
                OptionalInt.of(given),
                "%.2f of %d answers to several prompts say the same as this one."
                    .formatted(weighing.support().get(given), answered.size()))));
  }

  @Override
  public boolean isSettled(Episode episode, List<Integer> pending) {
    List<Integer> answered = episode.answered(1);
    return settings.permutations() == 0
        && !answered.isEmpty()
        && vote.isSettled(
            new Candidates(voters(episode, answered)),
            pending.stream().map(m -> episode.members().get(m).prior()).toList());
  }

  @Override
  public boolean isEnough(Episode episode, List<Integer> pending) {
    return Said.isEnough(episode, pending);
  }

  private List<Call> calls(Episode episode, int member) {
    var calls = new ArrayList<Call>(List.of(Generate.asAsked(member)));
    String question = episode.query().text();
    if (settings.stepByStep()) {
      calls.add(call(episode, member, question + STEP_BY_STEP, "step by step"));
    }
    if (settings.leastToMost()) {
      calls.add(call(episode, member, question + LEAST_TO_MOST, "least to most"));
    }
    Options.of(question)
        .ifPresent(
            options -> {
              for (int by = 1; by <= settings.permutations() && by < options.size(); by++) {
                calls.add(call(episode, member, options.rotated(by), PERMUTED + by));
              }
            });
    return calls;
  }

  /** The conversation with another last message of the user's. */
  private static Generate call(Episode episode, int member, String text, String purpose) {
    var turns = new ArrayList<>(episode.query().turns());
    int last = turns.size() - 1;
    while (last > 0 && turns.get(last).role() != Turn.Role.USER) {
      last--;
    }
    turns.set(last, new Turn(Turn.Role.USER, text));
    return new Generate(member, new Prompt.Rewritten(turns), 1, SamplingChange.NONE, purpose);
  }

  private List<Answer> voters(Episode episode, List<Integer> answered) {
    var voters = new ArrayList<Answer>();
    for (int stage : answered) {
      var its = (Answered) episode.stages().get(stage);
      MemberCard card = episode.members().get(its.asked().member());
      // Which of its answers it is plays no part; no two may be the same.
      voters.add(
          new Answer(
              card.name(), stage, card.prior(), read(episode, its), its.tools(), card.knownAs()));
    }
    return voters;
  }

  /** As it votes: what was chosen of rotated options by the question's own letter. */
  private static String read(Episode episode, Answered answer) {
    if (!isPermuted(answer)) {
      return answer.text();
    }
    int by = Integer.parseInt(answer.asked().purpose().substring(PERMUTED.length()));
    return Options.of(episode.query().text())
        .flatMap(
            options ->
                AnswerForm.CHOICE
                    .canonical(answer.text())
                    .flatMap(letter -> options.original(letter, by)))
        .orElse("");
  }

  private static boolean isPermuted(Answered answer) {
    return answer.asked().purpose().startsWith(PERMUTED);
  }

  private static int given(Episode episode, List<Integer> answered, Weighing weighing) {
    int given = -1;
    for (int i = 0; i < answered.size(); i++) {
      if (isPermuted((Answered) episode.stages().get(answered.get(i)))) {
        continue;
      }
      double lead = given < 0 ? 1 : weighing.support().get(i) - weighing.support().get(given);
      if (Math.abs(lead) <= ROUNDING
          ? prior(episode, answered, i) > prior(episode, answered, given)
          : lead > 0) {
        given = i;
      }
    }
    return given;
  }

  private static double prior(Episode episode, List<Integer> answered, int i) {
    int member = episode.stages().get(answered.get(i)).asked().member();
    return episode.members().get(member).prior();
  }
}
