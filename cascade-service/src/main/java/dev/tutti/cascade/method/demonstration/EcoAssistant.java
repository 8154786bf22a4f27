package dev.tutti.cascade.method.demonstration;

import dev.tutti.cascade.Policy;
import dev.tutti.cascade.Recalled;
import dev.tutti.cascade.Recalled.Example;
import dev.tutti.cascade.Recalling;
import dev.tutti.cascade.method.prompt.JudgePrompt;
import dev.tutti.cascade.method.prompt.PromptCost;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.References;
import dev.tutti.kit.calls.SamplingChange;
import dev.tutti.kit.calls.Turn;
import dev.tutti.kit.settings.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * EcoAssistant (Zhang et al. 2023, arXiv:2310.03046): the cheapest member is asked first, a
 * stronger one where its answer does not do, and what was accepted is shown as an example with
 * questions like it, so that the answers of stronger members teach weaker ones.
 *
 * <p>Assistants answer in the order of the recipe. Where a member is the {@value #VERIFIER}, it is
 * asked after each answer whether that does (the paper's autonomous mode, in which a model stands
 * for the user); only a reply whose first word is "yes" accepts. Confidence is 1 where it does, 0
 * where it says anything else, fails, or where the answer is blank. Where all are rejected, or
 * nobody can be asked any more, the last answer is given and the decision says that nobody accepted
 * it; an answer that the verifier's context does not hold, with the conversation, is nobody's to
 * accept either. Assistants whom the budget does not pay are passed over. Without a verifier the
 * user judges, afterwards, by feedback: the first answer is given, while it is written, and
 * whoever's answer to the very same question was rejected is passed over when it is asked again
 * (all of them: the last one answers).
 *
 * <p>The example is the most similar question ({@code 1 - cosine < distance}, 0.5 as in the paper,
 * whose embedder is another) that was solved, with its answer, as fenced material in front of the
 * last question. It is shown whole, or not at all: not to a member whose context does not hold it
 * and an answer of its length, nor where the budget pays an answer only without it. The key of what
 * is kept is the question as it was asked, never with its example (the published code keeps it with
 * it). Only questions that stand alone recall and are kept: a follow-up means nothing without what
 * went before.
 *
 * <p>Departures: there is no code executor, so an answer is a text, not a conversation of a model
 * with its own code; the instructions are ours.
 *
 * <p>Cost per request: at most one call an assistant, and as many of the verifier, whose prompt
 * holds the conversation and the answer; one embedding of the question.
 */
public final class EcoAssistant implements Recalling {

  /** Role of those who answer. */
  public static final String ASSISTANT = "assistant";

  /** Role of the member that judges. */
  public static final String VERIFIER = "verifier";

  private static final String VERIFY = "verify";

  private static final String JUDGE =
      "Below are a conversation and an answer to its last message. Does the answer do what was"
          + " asked for: is it right, complete, and in the form that was asked for? Reply with yes"
          + " or no, and with nothing else.";

  /** Characters of a verdict. */
  private static final int VERDICT = 4;

  private static final String EXAMPLE =
      "Below is a question like the one after it, with an answer that was accepted. Follow the way"
          + " in which it was solved where that fits; the question after it may differ in what"
          + " matters.";

  /**
   * Settings.
   *
   * @param distance of the farthest question that is shown as an example
   */
  public record Settings(
      @Setting(
              help =
                  "How far (1 - cosine) a solved question may be, at most, to be shown as an"
                      + " example; 0 shows none.",
              min = 0,
              max = 2)
          double distance) {

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings(0.5);
  }

  private final Settings settings;

  /** One with these settings. */
  public EcoAssistant(Settings settings) {
    this.settings = settings;
  }

  @Override
  public double similarityAbove() {
    // The same question may be nearer than 0, by a rounding.
    return settings.distance() == 0 ? Double.POSITIVE_INFINITY : 1 - settings.distance();
  }

  @Override
  public Policy policy(Recalled recalled) {
    return episode -> next(recalled, episode);
  }

  private static Policy.Step next(Recalled recalled, Episode episode) {
    List<Integer> assistants = assistants(recalled, episode);
    OptionalInt verifier = verifier(episode);
    if (episode.stages().isEmpty()) {
      return ask(recalled, episode, assistants, 0, verifier, "");
    }
    Stage latest = episode.stages().getLast();
    boolean judged = latest.asked().purpose().equals(VERIFY);
    Stage answer = judged ? episode.stages().get(episode.stages().size() - 2) : latest;
    int place = assistants.indexOf(answer.asked().member());
    int left = assistants.size() - 1 - place;
    if (answer instanceof Answered its && verifier.isEmpty()) {
      return new Policy.Accept(
          episode.stages().size() - 1,
          OptionalDouble.empty(),
          recalled(recalled, "Its user judges."));
    }
    if (!judged && answer instanceof Answered its && !said(its).isBlank() && !episode.exhausted()) {
      Optional<Call> verify = verify(episode, verifier.getAsInt(), its);
      if (verify.isPresent()) {
        return new Policy.Ask(
            List.of(verify.get()), 1 + 2 * left, false, OptionalDouble.empty(), "");
      }
    }
    if (judged && accepts(latest)) {
      return new Policy.Accept(
          episode.stages().size() - 2,
          OptionalDouble.of(1),
          OptionalDouble.of(1),
          recalled(recalled, "The verifier accepts it."));
    }
    String why =
        answer instanceof Answered its
            ? said(its).isBlank() ? "It says nothing." : rejection(latest, judged)
            : "It failed.";
    return episode.exhausted() || left == 0
        ? last(recalled, episode, why)
        : ask(recalled, episode, assistants, place + 1, verifier, why);
  }

  private static String rejection(Stage latest, boolean judged) {
    if (!judged) {
      return "Nobody judged it.";
    }
    return latest instanceof Answered ? "The verifier rejects it." : "The verifier failed.";
  }

  /** Those who may answer: where every one of them was rejected, the last one. */
  private static List<Integer> assistants(Recalled recalled, Episode episode) {
    List<Integer> all =
        IntStream.range(0, episode.members().size())
            .filter(m -> !episode.members().get(m).role().equals(VERIFIER))
            .boxed()
            .toList();
    List<Integer> left =
        all.stream()
            .filter(m -> !recalled.rejected().contains(episode.members().get(m).name()))
            .toList();
    return verifier(episode).isPresent() ? all : left.isEmpty() ? List.of(all.getLast()) : left;
  }

  private static OptionalInt verifier(Episode episode) {
    return IntStream.range(0, episode.members().size())
        .filter(m -> episode.members().get(m).role().equals(VERIFIER))
        .findFirst();
  }

  private static Policy.Ask ask(
      Recalled recalled,
      Episode episode,
      List<Integer> assistants,
      int from,
      OptionalInt verifier,
      String why) {
    // Where nobody is paid, whoever would be asked first is named.
    int place =
        IntStream.range(from, assistants.size())
            .filter(a -> episode.pays(assistants.get(a)))
            .findFirst()
            .orElse(from);
    int left = assistants.size() - place;
    int member = assistants.get(place);
    boolean judged = verifier.isPresent();
    OptionalDouble none = OptionalDouble.empty();
    boolean rejected = judged && !why.isEmpty();
    return new Policy.Ask(
        List.of(
            new Generate(member, prompt(recalled, episode, member), 1, SamplingChange.NONE, "")),
        judged ? 2 * left : left,
        !judged,
        rejected ? OptionalDouble.of(0) : none,
        rejected ? OptionalDouble.of(1) : none,
        why);
  }

  private static Prompt prompt(Recalled recalled, Episode episode, int member) {
    if (recalled.example().isEmpty()) {
      return Prompt.AS_ASKED;
    }
    Example example = recalled.example().get();
    List<Turn> turns = episode.query().turns();
    int last = turns.size() - 1;
    while (last >= 0 && turns.get(last).role() != Turn.Role.USER) {
      last--;
    }
    if (last < 0) {
      return Prompt.AS_ASKED;
    }
    String shown =
        new References(
                List.of("a question", "its answer"), List.of(example.question(), example.answer()))
            .whole(EXAMPLE);
    var rewritten = new ArrayList<>(turns);
    rewritten.set(last, new Turn(Turn.Role.USER, shown + "\n\n" + turns.get(last).text()));
    var prompt = new Prompt.Rewritten(rewritten);
    MemberCard card = episode.members().get(member);
    boolean pays =
        PromptCost.usd(card, episode.query(), prompt)
            <= episode.usdLeft().orElse(Double.POSITIVE_INFINITY);
    // Its own answer may be as long as the example's.
    boolean fits = PromptCost.fits(card, prompt, example.answer().length());
    return pays && fits ? prompt : Prompt.AS_ASKED;
  }

  private static Optional<Call> verify(Episode episode, int verifier, Answered answer) {
    return JudgePrompt.of(episode, answer, JUDGE, verifier, VERDICT)
        .map(prompt -> new Generate(verifier, prompt, 1, SamplingChange.temperature(0), VERIFY));
  }

  /** What an answer says; the tools that it wants called are what it says where it wants any. */
  private static String said(Answered answer) {
    return answer.tools().orElse(answer.text());
  }

  private static boolean accepts(Stage verdict) {
    return verdict instanceof Answered its && firstWord(its.text()).equalsIgnoreCase("yes");
  }

  private static String firstWord(String text) {
    return text.replaceFirst("^[^\\p{L}\\p{N}]+", "").split("[^\\p{L}\\p{N}]", 2)[0];
  }

  private static Policy.Step last(Recalled recalled, Episode episode, String why) {
    List<Stage> stages = episode.stages();
    for (int i = stages.size() - 1; i >= 0; i--) {
      if (stages.get(i) instanceof Answered && stages.get(i).asked().purpose().isEmpty()) {
        return new Policy.Accept(
            i,
            OptionalDouble.of(0),
            OptionalDouble.of(1),
            recalled(recalled, why + " Nobody accepted an answer; the last one stands."));
      }
    }
    return new Policy.Abstain(OptionalDouble.empty(), "No member answered.");
  }

  private static String recalled(Recalled recalled, String why) {
    return recalled
        .example()
        .map(
            its ->
                why
                    + " A solved question at distance %.3f was at hand."
                        .formatted(1 - its.similarity()))
        .orElse(why);
  }
}
