package dev.tutti.fusion.method.ranking;

import dev.tutti.fusion.Deliberation;
import dev.tutti.fusion.method.prompt.Roles;
import dev.tutti.fusion.method.prompt.Said;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Scored;
import dev.tutti.kit.calls.Episode.TextScore;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.References;
import dev.tutti.kit.calls.SamplingChange;
import dev.tutti.kit.settings.FitsMembers;
import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * URG: candidates are ranked one by one, poor ones are dropped, and what is left is fused by who
 * sees how good each is (Lv et al. 2024, Unified Ranking and Generation, Findings of ACL).
 *
 * <p>{@code w = softmax(s(x, y_i))}; {@code keep = {i: w_i >= keep max(w)}}; {@code y = fuser(x,
 * kept by falling w, with their w)}. A member with the role judge scores all candidates in one
 * call: a reward as it is, a log-likelihood by token, so that long answers are not worse for being
 * long. The fuser, which has its own role, is told that all may be poor, and that it may pass over
 * them.
 *
 * <p>Without a judge it all happens in one call, as in the paper's single model: the fuser gets all
 * candidates, ranks them for itself and writes the answer.
 *
 * <p>Where the judge fails, all count alike. Where the fuser fails or writes nothing, or the budget
 * forbids to ask it, the candidate with the greatest weight is given; those that are even stand by
 * the members' priors, then in their order. A single candidate is given as it stands.
 *
 * <p>Defaults: keep 0.5. The paper trains one encoder-decoder for both, with a ranking and a
 * generation loss; only its abstract is known here, so this is the same protocol by members that
 * are asked, not the same model. Instructions are ours.
 *
 * <p>Cost per request: K candidates, one scoring call over K texts where there is a judge, and one
 * call of the fuser, whose text is passed on while it is written.
 */
public final class Urg implements Deliberation {

  private static final String FUSE = "fuse";

  private static final String WEIGHED =
      " They stand by the weight that a judge gave them, the best one first; weights sum to 1 over"
          + " all that there were. The judge may err, and all may be poor: then answer without them.";

  private static final String UNWEIGHED =
      " Rank them first, for yourself and without writing it down, and pass over those that are"
          + " poor; all may be: then answer without them.";

  /**
   * Settings.
   *
   * @param keep share of the greatest weight, 0 to 1
   * @param samples candidates of each member
   * @param temperature of the candidates; empty for the request's
   */
  public record Settings(
      @Setting(
              help =
                  "Candidates with less than this share of the greatest weight are dropped; 0 keeps"
                      + " all. Only a judge's weights drop any.",
              min = 0,
              max = 1)
          double keep,
      @Setting(
              help = "How many candidates each member writes; all of them together 64 at most.",
              min = 1,
              max = Call.MOST)
          int samples,
      @Setting(help = "Temperature of the candidates; null for the request's.", min = 0, max = 2)
          OptionalDouble temperature)
      implements FitsMembers {

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings(0.5, 1, OptionalDouble.empty());

    @Override
    public void requireFit(int members) {
      // One of them writes.
      int candidates = samples * (members - 1);
      if (candidates > Call.MOST) {
        throw new IllegalArgumentException(
            "samples is %d for %d members, up to %d candidates; at most %d are allowed."
                .formatted(samples, members, candidates, Call.MOST));
      }
    }
  }

  private final Settings settings;

  /** One with these settings. */
  public Urg(Settings settings) {
    this.settings = settings;
  }

  @Override
  public Step next(Episode episode) {
    Optional<Integer> judge = Roles.first(episode, Roles.JUDGE);
    if (episode.rounds() == 0) {
      var change = new SamplingChange(settings.temperature(), OptionalInt.empty(), false);
      List<Call> calls =
          Roles.all(episode, Roles.PROPOSER).stream()
              .<Call>map(m -> new Generate(m, Prompt.AS_ASKED, settings.samples(), change, ""))
              .toList();
      return new Ask(calls, judge.isPresent() ? 3 : 2);
    }
    Said said = Said.in(episode, 1);
    if (said.size() < 2) {
      return said.best("There is one answer, and nothing to rank.");
    }
    if (judge.isPresent() && episode.rounds() == 1 && !episode.exhausted()) {
      return new Ask(
          List.of(new Call.Score(judge.get(), Prompt.AS_ASKED, said.texts(), "judge")), 2);
    }
    Optional<double[]> judged = judged(episode, said);
    double[] weights = judged.orElseGet(() -> new double[said.size()]);
    if (judged.isEmpty()) {
      Arrays.fill(weights, 1.0 / said.size());
    }
    List<Integer> order = PairwiseMatrix.ranked(weights, i -> said.card(i).prior());
    boolean tried = episode.stages().stream().anyMatch(s -> s.asked().purpose().equals(FUSE));
    int best = order.getFirst();
    var weighed =
        said.weighed(
            Arrays.stream(weights).boxed().toList(),
            best,
            "Nobody could write an answer of all; that of '%s' stands, with %.2f of the weight."
                .formatted(said.card(best).name(), weights[best]));
    return tried || episode.exhausted()
        ? new Give(weighed, false)
        : write(said, judged.isPresent() ? kept(order, weights) : order, weighed, judged);
  }

  @Override
  public boolean isEnough(Episode episode, List<Integer> pending) {
    return episode.rounds() == 1 && Said.isEnough(episode, pending);
  }

  /** Those whose weight is near enough to the greatest one. */
  private List<Integer> kept(List<Integer> order, double[] weights) {
    double least = settings.keep() * weights[order.getFirst()];
    return order.stream().filter(i -> weights[i] >= least).toList();
  }

  private static Write write(
      Said said, List<Integer> kept, Weighed weighed, Optional<double[]> judged) {
    int fuser = Roles.first(said.episode(), Roles.FUSER).orElseThrow();
    var names = new ArrayList<String>();
    for (int i : kept) {
      String name = "answer %d".formatted(names.size() + 1);
      names.add(
          judged.isPresent()
              ? String.format(
                  Locale.ROOT, "%s, weight %.2f", name, weighed.weighing().weights().get(i))
              : name);
    }
    var references = new References(names, kept.stream().map(said::text).toList());
    return new Write(
        references.call(
            said.episode(),
            fuser,
            references.synthesis() + (judged.isPresent() ? WEIGHED : UNWEIGHED),
            SamplingChange.NONE,
            FUSE),
        judged.map(_ -> weighed),
        "'%s' wrote an answer of %d of %d answers%s."
            .formatted(
                said.episode().members().get(fuser).name(),
                kept.size(),
                said.size(),
                judged.isPresent() ? ", those that the judge weighed most" : ""));
  }

  /** The weights that the judge's scores give; empty where it gave none that can be read. */
  private static Optional<double[]> judged(Episode episode, Said said) {
    return episode.stages().stream()
        .filter(Scored.class::isInstance)
        .map(stage -> ((Scored) stage).scores())
        .filter(scores -> scores.size() == said.size())
        .findFirst()
        .map(scores -> scores.stream().mapToDouble(Urg::score).toArray())
        .filter(scores -> Arrays.stream(scores).allMatch(Double::isFinite))
        .map(scores -> Vectors.softmax(scores, 1));
  }

  private static double score(TextScore score) {
    return score.sum() / Math.max(1, score.tokens().size());
  }
}
