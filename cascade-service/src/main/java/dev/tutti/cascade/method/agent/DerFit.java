package dev.tutti.cascade.method.agent;

import dev.tutti.cascade.CascadeMethod;
import dev.tutti.cascade.LearnedCascade;
import dev.tutti.cascade.LiveAnswers;
import dev.tutti.cascade.LiveAnswers.LiveCall;
import dev.tutti.cascade.LiveCascade;
import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.kit.settings.Setting;
import dev.tutti.kit.settings.SettingsException;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.network.ProximalPolicy;
import dev.tutti.numerics.network.ProximalPolicy.Advantage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * How {@link Der} is trained: {@link ProximalPolicy} over episodes (the paper's Algorithm 1), then
 * the terminator, then the threshold at which it takes an answer. An answer that was recorded is
 * one to the question as it was asked, so there is no knowledge transfer in episodes of these.
 *
 * <p>Given money ({@code budget_usd}) it is trained live: a step that hands an answer on asks the
 * member, each once for the same answer so far; a step as the question was asked takes the recorded
 * answer. Costs must be recorded in US dollars then, and P held against references or a {@link
 * Judge}'s, who first grades each recorded answer once. Training ends where seven tenths of the
 * money left then are spent, an equal part for each agent; with the rest routes are gone on the
 * questions that are kept aside, as many as it pays for. How many that are nobody knows before: it
 * is the agents who choose whom to ask, and what answers they hand on. Where it pays for fewer than
 * ten, recorded answers stand for live ones there, and the fit says so. An answer is asked for only
 * where what it costs at most is left, by the member's prices, the length of the prompt and {@code
 * max_tokens}, so that no more than the money is spent; of a member without prices of its own, an
 * ensemble, where twice what its dearest answer did cost is left, which may be exceeded by one
 * answer. What is held out is measured on recorded answers and their scores all the same.
 *
 * <p>Reward (equations 3 and 4) with the quality P of the answer and the cost C of the member's
 * answer: {@code P(y_0) - alpha C} at first, {@code P(y_t) + beta (P(y_t) - P(y_(t-1))) - alpha C}
 * then; gamma more where {@code P >= p0}, which ends the episode, gamma less where the last step
 * ends without; the paper's {@code alpha = .001}, {@code p0 = .73}, {@code T_max = 4}, and {@code
 * beta = 5}, {@code gamma = 2}, discount .95, buffers of 32 episodes with 16 updates of 8 and 10
 * epochs of its code. Ours: rewards are divided by what the greatest can be; advantages are
 * standardised over each buffer; C is the cost in units of the dearest member's mean, where the
 * paper has billions of parameters; learning rate, weight decay and the width of the networks, as
 * theirs are a language model's; a little weight of the actor's entropy; and both see embeddings
 * along their main axes. With the return as the advantage a beta above 0 pays for a wrong answer
 * before a right one; the paper's own reward does not see it.
 *
 * <p>One agent is trained for each alpha. A fifth of the questions is kept aside: on it each agent
 * is measured at thresholds from 0 to .95 beside each member alone, and the points are kept that no
 * other beats in both mean cost and mean score; so the budget is kept wherever a member alone keeps
 * it. The terminator learns from all recorded answers to the other questions (50,000 at most, drawn
 * at random), those that an agent would not ask for too; where {@code signals} says so it sees the
 * log-probabilities of answers beside their texts, which the paper's does not, and another one,
 * which has learned from texts alone, judges answers that bring none. A buffer or network that
 * memory has no room for is refused.
 */
public final class DerFit implements LiveCascade<DerFit.Settings> {

  /** Name of the method. */
  public static final String NAME = "der";

  /** Where it comes from. */
  public static final String PAPER =
      "Hu et al. 2024, Dynamic Ensemble Reasoning for LLM Experts, arXiv:2412.07448";

  /**
   * Settings of the fit.
   *
   * @param quality P
   * @param p0 quality that is good enough
   * @param alpha weights of cost; an agent each
   * @param beta weight of what an answer is better than the one before
   * @param gamma bonus
   * @param steps T_max
   * @param costScale unit of C
   * @param advantage what an action is held against the critic by
   * @param discount of later rewards
   * @param clip epsilon
   * @param epochs passes over the questions
   * @param buffer M
   * @param updates of a buffer
   * @param batch episodes an update
   * @param rate of learning
   * @param units of each network's hidden layer
   * @param entropy weight of the actor's entropy
   * @param decay of the networks' weights
   * @param signals whether the terminator sees log-probabilities
   * @param axes numbers that are kept of an embedding
   * @param budget mean cost that a question may have
   * @param transfer with which members that are asked live get the answer so far
   * @param maxTokens of an answer that is asked for live
   * @param judge who grades answers, where P is that
   */
  public record Settings(
      @Setting(
              help =
                  "Quality of an answer: its recorded score; against the reference exact (1 or 0),"
                      + " token_f1 or rouge_l; or what the judge says of it, (grade - 1) / 9 of"
                      + " grades from 1 to 10, paid of budget_usd.")
          Worth quality,
      @Setting(help = "Least quality of an answer that is good enough, p0.") double p0,
      @Setting(
              help =
                  "Weights of cost, alpha: an agent is trained for each, and the artifact's curve is"
                      + " over all of them.",
              min = 0)
          List<Double> alpha,
      @Setting(help = "Weight of what an answer is better than the one before it, beta.", min = 0)
          double beta,
      @Setting(
              help = "Bonus of an answer that is good enough, and price of ending without, gamma.",
              min = 0)
          double gamma,
      @Setting(help = "Most steps of a question, T_max.", min = 1, max = 16) int steps,
      @Setting(
              help =
                  "What the dataset's costs are multiplied with; 0 takes the dearest member's mean"
                      + " cost for 1.",
              min = 0)
          double costScale,
      @Setting(
              help =
                  "What an action is held against the critic by: its reward (equation 5), or the"
                      + " return from it on (the published code).")
          Advantage advantage,
      @Setting(help = "Discount of later rewards.", min = 0, max = 1) double discount,
      @Setting(help = "How far a step may change a probability, epsilon.", min = 0.01, max = 1)
          double clip,
      @Setting(help = "Passes over the questions.", min = 1, max = 1_000) int epochs,
      @Setting(help = "Episodes of a buffer, M.", min = 1, max = 10_000) int buffer,
      @Setting(help = "Updates of a buffer.", min = 1, max = 1_000) int updates,
      @Setting(help = "Episodes an update, drawn from the buffer.", min = 1, max = 10_000)
          int batch,
      @Setting(help = "Learning rate of actor and critic.", min = 1e-7, max = 1) double rate,
      @Setting(help = "Units of each network's hidden layer.", min = 1, max = 1_024) int units,
      @Setting(help = "Weight of the entropy of what the actor does; 0 for none.", min = 0, max = 1)
          double entropy,
      @Setting(help = "Decay of the networks' weights; 0 for none.", min = 0, max = 10)
          double decay,
      @Setting(
              help =
                  "Whether the terminator sees the log-probabilities of answers too; then members"
                      + " are asked to tell them.")
          boolean signals,
      @Setting(
              help = "Numbers that are kept of each embedding, along its main axes.",
              min = 1,
              max = 4_096)
          int axes,
      @Setting(
              help = "Mean cost that a question may have, in the dataset's unit; 0 for any.",
              min = 0)
          double budget,
      @Setting(
              help =
                  "Instruction with which members that are asked live get the answer so far, as the"
                      + " method's setting of this name; empty: they get the question as it is."
                      + " Nobody is asked live without budget_usd.")
          String transfer,
      @Setting(help = "Most tokens of an answer that is asked for live.", min = 1, max = 1_000_000)
          int maxTokens,
      @Setting(
              help =
                  "Name of the model or ensemble that grades answers, with a quality of judge; one"
                      + " of the members or another.")
          String judge) {

    /** The defaults. */
    public static final Settings DEFAULTS =
        new Settings(
            Worth.SCORE,
            .73,
            List.of(.001),
            5,
            2,
            4,
            0,
            Advantage.REWARD,
            .95,
            .2,
            10,
            32,
            16,
            8,
            1e-3,
            32,
            .01,
            .1,
            false,
            32,
            0,
            Der.Settings.DEFAULTS.transfer(),
            1_024,
            "");
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String paper() {
    return PAPER;
  }

  @Override
  public Settings defaults() {
    return Settings.DEFAULTS;
  }

  @Override
  public Members members() {
    return Members.atLeast(1);
  }

  @Override
  public boolean embeds() {
    return true;
  }

  @Override
  public boolean embedsAnswers() {
    return true;
  }

  @Override
  public boolean readsReferences() {
    return true;
  }

  /** Recorded answers are to the question as it was asked. */
  @Override
  public Map<String, String> measuredWith() {
    return Map.of("transfer", "");
  }

  @Override
  public DerAgents fit(RecordedOutcomes data, Settings settings, RandomGenerator random) {
    return fit(data, settings, random, (_, _, _) -> {});
  }

  @Override
  public DerAgents fit(
      RecordedOutcomes data, Settings settings, RandomGenerator random, Progress progress) {
    requireSettings(settings, false);
    return DerTraining.of(data, settings, random, progress, Optional.empty());
  }

  @Override
  public void requireSettings(Settings settings, boolean live) {
    boolean judged = settings.quality() == Worth.JUDGE;
    if (judged && settings.judge().isEmpty()) {
      throw new SettingsException(
          "judge", "judge is empty; a quality of judge needs the name of a model or ensemble.");
    }
    if (!judged && !settings.judge().isEmpty()) {
      throw new SettingsException(
          "judge",
          "judge is '%s', but a quality of %s asks none; leave it out, or choose a quality of judge."
              .formatted(
                  FitRequest.shown(settings.judge()),
                  settings.quality().name().toLowerCase(Locale.ROOT)));
    }
    if (judged && !live) {
      throw new SettingsException(
          "quality",
          "quality is judge, whose grades cost money, those of recorded answers too; give"
              + " budget_usd, or choose score, exact, token_f1 or rouge_l.");
    }
    if (live && settings.quality() == Worth.SCORE) {
      throw new SettingsException(
          "quality",
          "quality is score, but nobody scores what members answer live; with budget_usd exact,"
              + " token_f1, rouge_l and judge are allowed.");
    }
  }

  @Override
  public LiveCall shortestCall(Settings settings, String member, Query query) {
    return HandedOn.call(settings, member, query, Optional.of(""));
  }

  @Override
  public Optional<LiveCall> shortestVerdict(Settings settings, Query query) {
    return settings.quality() == Worth.JUDGE
        ? Optional.of(Judge.call(settings.judge(), query, Optional.empty(), ""))
        : Optional.empty();
  }

  @Override
  public double leastUsd(Settings settings, double callUsd) {
    return AgentFit.leastUsd(settings, callUsd);
  }

  @Override
  public DerAgents fit(
      RecordedOutcomes data,
      Settings settings,
      RandomGenerator random,
      Progress progress,
      LiveAnswers members) {
    requireSettings(settings, true);
    var live = new HandedOn(members, settings, data);
    return DerTraining.of(data, settings, random, progress, Optional.of(live));
  }

  @Override
  public DerAgents read(Parameters parameters) {
    return DerAgents.read(parameters);
  }

  @Override
  public Parameters parameters(LearnedCascade learned) {
    return learned.parameters();
  }

  @Override
  public List<CascadeMethod> points(
      LearnedCascade learned, Settings settings, List<MemberCard> members) {
    var agents = (DerAgents) learned;
    var asAsked = new Der.Settings("", 0, "", 1);
    var points = new ArrayList<CascadeMethod>();
    agents.points().points().forEach(its -> points.add(new Der(asAsked, agents, its.values())));
    points.add(new Der(asAsked, agents));
    return points;
  }
}
