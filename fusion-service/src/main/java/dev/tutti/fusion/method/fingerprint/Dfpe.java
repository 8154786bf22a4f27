package dev.tutti.fusion.method.fingerprint;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Evidence;
import dev.tutti.fusion.Fitted;
import dev.tutti.fusion.FittedSelector;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.fusion.method.vote.MajorityVote;
import dev.tutti.fusion.method.vote.WeightedVote;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Diverse fingerprint ensemble (arXiv:2501.17479): of the members that answer a subject's questions
 * alike only the best one votes, if it is among the most accurate, with a weight that grows with
 * its accuracy there.
 *
 * <p>On recorded answers of a subject the members' fingerprints are clustered by DBSCAN (cosine
 * distance at most {@code distance}, one member makes a cluster); of each cluster the most accurate
 * member stays; of those, whose accuracy is at least the {@code quantile}; they weigh {@code w_i =
 * exp(sharpness acc_i) / sum_j exp(sharpness acc_j)}, everybody else 0. Everything else is as in
 * {@link MajorityVote} with these weights as priors. {@link DfpeFit} has the defaults.
 *
 * <p>Where no subject is named, the question is taken for one of the subject whose questions' mean
 * embedding is the most similar to its own; the weights over all questions hold where it could not
 * be embedded or no subject was learned about, and where one is named that was not.
 *
 * <p>Departures: a fingerprint is which answers the member gave (a 1 for each pair of question and
 * answer), where the paper embeds the answers' letters as one text, so that a distance of .5 is an
 * agreement on half of the questions. Who is left out weighs nothing, where the paper's code gives
 * 1 and adds a plain vote. Such a member, like one that was not learned about, decides only where
 * nobody else said anything that can be read. Cost per request: one call a member, those that weigh
 * nothing too, and one embedding where no subject is named.
 */
public final class Dfpe implements Selector {

  /**
   * Settings.
   *
   * @param artifact name of what was learned
   * @param canonical form in which answers are compared
   * @param category of the questions
   */
  public record Settings(
      @Setting(help = "name of the artifact that the weights come from") String artifact,
      @Setting(help = Selector.CANONICAL) AnswerForm canonical,
      @Setting(
              help =
                  "subject of the questions, as the dataset's label named it; where it is empty, the"
                      + " one whose questions are the most similar")
          String category)
      implements Fitted.Settings {

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings("", AnswerForm.AUTO, "");
  }

  /** As it is fitted, and made of what that learned. */
  public static final FittedSelector<SubjectWeights, DfpeFit.Settings, Settings> METHOD =
      new FittedSelector<>(
          "dfpe",
          "Of members that answer a subject's questions alike the best one votes",
          "DFPE, diverse fingerprint ensemble, arXiv:2501.17479 (2025)",
          Members.atLeast(2),
          Set.of(Evidence.Kind.QUERY),
          DfpeFit.Settings.DEFAULTS,
          DfpeFit::fit,
          SubjectWeights::new,
          Dfpe.class,
          Settings.DEFAULTS,
          Dfpe::new,
          (learned, its) -> new Dfpe(new Settings("", its.canonical(), ""), learned, 0));

  private final Settings settings;
  private final SubjectWeights learned;
  private final WeightedVote vote;

  /**
   * A vote with these weights.
   *
   * @param version of the artifact; 0 where nobody keeps it
   */
  public Dfpe(Settings settings, SubjectWeights learned, int version) {
    this.settings = settings;
    this.learned = learned;
    this.vote =
        new WeightedVote(
            new WeightedVote.Settings(
                settings.artifact(), settings.canonical(), settings.category()),
            learned.votes(),
            version);
  }

  @Override
  public Set<Evidence.Kind> evidence() {
    return settings.category().isEmpty() ? Set.of(Evidence.Kind.QUERY) : Set.of();
  }

  @Override
  public Weighing weigh(Query query, Candidates candidates) {
    return settings.category().isEmpty()
        ? vote.weigh(
            query, candidates, candidates.evidence().query().map(learned::nearest).orElse(""))
        : vote.weigh(query, candidates);
  }

  /** Only where the subject is named: else the weights are not known before all is in. */
  @Override
  public boolean isSettled(Candidates candidates, List<Double> pending) {
    return settings.category().isEmpty() ? pending.isEmpty() : vote.isSettled(candidates, pending);
  }

  /** Over all questions where the subject is not named. */
  @Override
  public double weight(String knownAs, double prior) {
    return vote.weight(knownAs, prior);
  }

  @Override
  public Optional<Fitted> fitted() {
    return vote.fitted();
  }
}
