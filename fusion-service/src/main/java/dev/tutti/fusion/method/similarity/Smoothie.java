package dev.tutti.fusion.method.similarity;

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
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Smoothie: the answer of the member that lies nearest to all others is given, without any labels
 * (Guha et al. 2024, NeurIPS, arXiv:2412.04692).
 *
 * <p>{@code theta_i ~ 1 / delta_i}, where {@code delta_i} is the error of member i as triples of
 * members tell it ({@link dev.tutti.numerics.TripletQuality}) from the squared distances of
 * answers' embeddings; {@code argmax_i theta_i}. Global (a fit with {@code neighbours} 0): from all
 * recorded questions, always the same member. Local: from the {@code neighbours} recorded questions
 * most similar to the one asked (20; the paper tries 1 to 50), and from the answers to that one, as
 * in its test-time variant. The train-time variant asks one member only: router-service's {@code
 * smoothie-train}.
 *
 * <p>Departures: answers alone are embedded, as in the authors' code, by the platform's embedder;
 * deltas are clamped; members whose recorded answers are as good as the same are one voice. Ties go
 * to the member with the higher prior, then to the first; of several samples of a member the first
 * is given. A member that the fit has not seen, or that says nothing, is given only where nobody
 * else says anything. Cost per request: one call a member; local, one of embeddings, and distances
 * that grow with the square of the answers and the cube of the members.
 */
public final class Smoothie implements Selector {

  /** Equal weights may differ by this much, relative to them. */
  private static final double ROUNDING = 1e-9;

  /**
   * Settings.
   *
   * @param artifact name of what was learned
   */
  public record Settings(
      @Setting(help = "Name of the artifact that tells whom to believe.") String artifact)
      implements Fitted.Settings {

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings("");
  }

  /** As it is fitted, and made of what that learned. */
  public static final FittedSelector<SmoothieVoices, SmoothieVoices.Settings, Settings> METHOD =
      new FittedSelector<>(
          "smoothie",
          "Every member answers; the one is believed whose answers lie nearest to all others'",
          "Guha et al. 2024, Smoothie, NeurIPS, arXiv:2412.04692",
          Members.atLeast(3),
          Set.of(Evidence.Kind.EMBEDDINGS),
          SmoothieVoices.Settings.DEFAULTS,
          (data, settings, _) -> SmoothieVoices.fit(data, settings),
          SmoothieVoices::new,
          Smoothie.class,
          Settings.DEFAULTS,
          Smoothie::new,
          (learned, _) -> new Smoothie(Settings.DEFAULTS, learned, 0));

  private final SmoothieVoices learned;
  private final Fitted fitted;

  /**
   * One with these voices.
   *
   * @param version of the artifact; 0 where nobody keeps it
   */
  public Smoothie(Settings settings, SmoothieVoices learned, int version) {
    this.learned = learned;
    this.fitted = new Fitted(settings.artifact(), version, learned.members());
  }

  @Override
  public Set<Evidence.Kind> evidence() {
    return learned.isLocal() ? Set.of(Evidence.Kind.EMBEDDINGS) : Set.of();
  }

  @Override
  public Weighing weigh(Query query, Candidates candidates) {
    List<Answer> answers = candidates.answers();
    List<Optional<String>> said = answers.stream().map(AgentForest::said).toList();
    var own = new SmoothieVoices.Distances(learned.members().size());
    own.add(learned.members(), answers, candidates.evidence());
    double[] theta = learned.weights(candidates.evidence().query(), own.mean());
    var believed = new double[answers.size()];
    for (int i = 0; i < believed.length; i++) {
      int column = learned.members().indexOf(answers.get(i).knownAs());
      believed[i] = said.get(i).isEmpty() || column < 0 ? 0 : theta[column];
    }
    int chosen = chosen(candidates, said, believed);
    var weighing =
        new Weighing(weights(answers, believed), said, chosen, explanation(answers, chosen));
    return candidates.evidence().embeddings().isEmpty()
        ? weighing
        : weighing.comparing(AgentForest.cosine(candidates));
  }

  private static int chosen(Candidates candidates, List<Optional<String>> said, double[] believed) {
    List<Answer> answers = candidates.answers();
    boolean silence = said.stream().allMatch(Optional::isEmpty);
    int chosen = -1;
    for (int i = 0; i < believed.length; i++) {
      if (said.get(i).isEmpty() && !silence) {
        continue;
      }
      double lead = chosen < 0 ? 1 : believed[i] - believed[chosen];
      if (chosen >= 0 && Math.abs(lead) <= ROUNDING * believed[chosen]
          ? answers.get(i).prior() > answers.get(chosen).prior()
          : lead > 0) {
        chosen = i;
      }
    }
    return chosen;
  }

  /** A member's samples share its weight. */
  private static List<Double> weights(List<Answer> answers, double[] believed) {
    var weights = new double[believed.length];
    for (int i = 0; i < weights.length; i++) {
      Answer its = answers.get(i);
      long samples = answers.stream().filter(a -> a.member().equals(its.member())).count();
      weights[i] = believed[i] / samples;
    }
    double sum = Arrays.stream(weights).sum();
    return IntStream.range(0, weights.length)
        .mapToObj(i -> sum == 0 ? 1.0 / weights.length : weights[i] / sum)
        .toList();
  }

  private String explanation(List<Answer> answers, int chosen) {
    return "Of %d answers that of '%s' is expected to lie nearest to the truth, by how members' answers to %s lie."
        .formatted(
            answers.size(),
            answers.get(chosen).member(),
            learned.isLocal() ? "this and similar questions" : "recorded questions");
  }

  @Override
  public Optional<Fitted> fitted() {
    return Optional.of(fitted);
  }
}
