package dev.tutti.fusion.method.vote;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Evidence;
import dev.tutti.fusion.Fitted;
import dev.tutti.fusion.FittedSelector;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A vote whose weights were learned and follow the question: the answer wins that is most probable
 * by a conditional logit (McFadden 1974), {@code p(a) = softmax_a(sum_i u_i I[y_i = a])} with
 * {@code u = w_0 + sum_t P(t | question) w_t}. Topics t are the categories of the recorded
 * questions; P is a softmax regression on the question's embedding (a gate, as in mixtures of
 * experts, Jacobs et al. 1991), so that nobody has to name a category. {@link LearnedVoteFit} has
 * the losses and the defaults.
 *
 * <p>Weights may be negative. They are multiplied by the members' own in the ensemble; a member
 * that was not learned about has 0. A candidate weighs its answer's probability, divided by how
 * many gave it: {@code least_agreement} is a bound of the probability. Ties go to the answer that
 * the member with the higher prior supports, else to the one that comes first; the text is that of
 * the supporter with the highest prior, the first of equals. An answer that cannot be read weighs
 * nothing; where none can be read all weigh alike, and the member with the highest prior speaks.
 * Where the question could not be embedded, the topics are as likely as they were recorded.
 *
 * <p>Cost per request: one call a member and one embedding.
 */
public final class LearnedVote implements Selector {

  /**
   * Settings.
   *
   * @param artifact name of what was learned
   * @param canonical form in which answers are compared
   */
  public record Settings(
      @Setting(help = "name of the artifact that the weights come from") String artifact,
      @Setting(help = Selector.CANONICAL) AnswerForm canonical)
      implements Fitted.Settings {

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings("", AnswerForm.AUTO);
  }

  /** As it is fitted, and made of what that learned. */
  public static final FittedSelector<TopicWeights, LearnedVoteFit.Settings, Settings> METHOD =
      new FittedSelector<>(
          "learned-vote",
          "Every member answers; votes count what they proved to be worth on questions like it",
          "McFadden 1974 (conditional logit); Jacobs et al. 1991 (weights gated by the input)",
          Members.atLeast(2),
          Set.of(Evidence.Kind.QUERY),
          LearnedVoteFit.Settings.DEFAULTS,
          LearnedVoteFit::fit,
          TopicWeights::new,
          LearnedVote.class,
          Settings.DEFAULTS,
          LearnedVote::new,
          (learned, its) -> new LearnedVote(new Settings("", its.canonical()), learned, 0));

  private final Settings settings;
  private final TopicWeights learned;
  private final Fitted fitted;

  /**
   * A vote with these weights.
   *
   * @param version of the artifact; 0 where nobody keeps it
   */
  public LearnedVote(Settings settings, TopicWeights learned, int version) {
    this.settings = settings;
    this.learned = learned;
    this.fitted = new Fitted(settings.artifact(), version, learned.members());
  }

  @Override
  public Set<Evidence.Kind> evidence() {
    return Set.of(Evidence.Kind.QUERY);
  }

  @Override
  public Weighing weigh(Query query, Candidates candidates) {
    List<Optional<String>> answers = AnswerOdds.answers(settings.canonical(), candidates);
    return AnswerOdds.weigh(
        candidates, answers, odds(candidates.answers(), answers, candidates.evidence().query()));
  }

  /** Sum of the weights behind each answer, in the order in which they first appear. */
  private Map<String, Double> odds(
      List<Answer> members, List<Optional<String>> answers, Optional<float[]> query) {
    double[] weights = learned.weights(query);
    var odds = new LinkedHashMap<String, Double>();
    IntStream.range(0, members.size())
        .forEach(
            i -> {
              int column = learned.members().indexOf(members.get(i).knownAs());
              double weight = column < 0 ? 0 : weights[column] * members.get(i).prior();
              answers.get(i).ifPresent(answer -> odds.merge(answer, weight, Double::sum));
            });
    return odds;
  }

  /** Over all topics: what the question is about is looked at last. Votes against count too. */
  @Override
  public double weight(String knownAs, double prior) {
    int column = learned.members().indexOf(knownAs);
    return column < 0 ? 0 : prior * Math.abs(learned.weights(Optional.empty())[column]);
  }

  @Override
  public Optional<Fitted> fitted() {
    return Optional.of(fitted);
  }
}
