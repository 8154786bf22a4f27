package dev.tutti.fusion.method.team;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Fitted;
import dev.tutti.fusion.FittedSelector;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.fusion.method.vote.AnswerOdds;
import dev.tutti.fusion.method.vote.MajorityVote;
import dev.tutti.fusion.method.vote.WeightedVote;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * LLM-TOPLA's pruned team (Tekin et al. 2024, arXiv:2410.03953): of all members those vote, one
 * vote each, who made the fittest team on recorded answers: {@code fitness = diversity x
 * focalDiversity + (1 - diversity) x accuracy of the vote} ({@link FocalDiversity}, {@link
 * TeamSearch}). Everything else is as in {@link MajorityVote}. Where its fit learned a weighting
 * too, the answer wins to which a network gives the greatest probability ({@link SlotNetwork}), and
 * a candidate weighs its answer's probability, divided by how many gave it.
 *
 * <p>Departures: the paper's weights of the two are not known; they count alike by default. All
 * teams are tried up to 16 members, where the paper searches always; they are compared on 2,000
 * questions at most. Who is pruned is still asked, and decides where nobody of the team said
 * anything that can be read: to save its cost leave it out of the ensemble. Questions that not all
 * members were asked teach nothing. The network knows answers by how many support them, as the
 * paper does for numbers, also where they are options: a letter means nothing in another question.
 * The softmax is taken once, where the paper's code takes it after sigmoids and again in the loss;
 * what tells when to stop is not learned from. Cost per request: one call a member.
 */
public final class Topla implements Selector {

  /**
   * Settings.
   *
   * @param artifact name of what was learned
   * @param canonical form in which answers are compared
   */
  public record Settings(
      @Setting(help = "name of the artifact that the team comes from") String artifact,
      @Setting(help = Selector.CANONICAL) AnswerForm canonical)
      implements Fitted.Settings {

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings("", AnswerForm.AUTO);
  }

  /** As it is fitted, and made of what that learned. */
  public static final FittedSelector<TeamWeights, ToplaFit.Settings, Settings> METHOD =
      new FittedSelector<>(
          "topla",
          "Those members vote who are right together and seldom wrong together",
          "Tekin et al. 2024, LLM-TOPLA, arXiv:2410.03953 (pruning, weighting)",
          new Members(2, ToplaFit.MOST_MEMBERS),
          Set.of(),
          ToplaFit.Settings.DEFAULTS,
          ToplaFit::fit,
          TeamWeights::new,
          Topla.class,
          Settings.DEFAULTS,
          Topla::new,
          (learned, its) -> new Topla(new Settings("", its.canonical()), learned, 0));

  private final Settings settings;
  private final TeamWeights learned;
  private final WeightedVote vote;

  /**
   * A vote of this team.
   *
   * @param version of the artifact; 0 where nobody keeps it
   */
  public Topla(Settings settings, TeamWeights learned, int version) {
    this.settings = settings;
    this.learned = learned;
    this.vote =
        new WeightedVote(
            new WeightedVote.Settings(settings.artifact(), settings.canonical(), ""),
            learned.team(),
            version);
  }

  @Override
  public Weighing weigh(Query query, Candidates candidates) {
    if (learned.network().isEmpty()) {
      return vote.weigh(query, candidates);
    }
    SlotNetwork network = learned.network().get();
    List<Optional<String>> answers = AnswerOdds.answers(settings.canonical(), candidates);
    Slots slots =
        Slots.of(
            candidates,
            answers,
            learned.members(),
            learned.team().weights(""),
            network.out().columns());
    if (slots.answers().isEmpty()) {
      return vote.weigh(query, candidates);
    }
    double[] odds = network.apply(slots.given());
    var byAnswer = new LinkedHashMap<String, Double>();
    for (int slot = 0; slot < slots.answers().size(); slot++) {
      byAnswer.put(slots.answers().get(slot), odds[slot]);
    }
    return AnswerOdds.weigh(candidates, answers, byAnswer);
  }

  @Override
  public boolean isSettled(Candidates candidates, List<Double> pending) {
    return learned.network().isEmpty() ? vote.isSettled(candidates, pending) : pending.isEmpty();
  }

  @Override
  public double weight(String knownAs, double prior) {
    return vote.weight(knownAs, prior);
  }

  @Override
  public Optional<Fitted> fitted() {
    return vote.fitted();
  }
}
