package dev.tutti.fusion.method.ranking;

import dev.tutti.fusion.Deliberation;
import dev.tutti.fusion.Fitted;
import dev.tutti.fusion.LearnedFusion;
import dev.tutti.fusion.method.prompt.Roles;
import dev.tutti.fusion.method.prompt.Said;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.References;
import dev.tutti.kit.calls.SamplingChange;
import dev.tutti.kit.settings.FitsMembers;
import dev.tutti.kit.settings.Setting;
import dev.tutti.kit.settings.SettingsException;
import dev.tutti.learning.ArtifactSource;
import dev.tutti.learning.LiveArtifact;
import dev.tutti.numerics.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * LLM-Blender: candidates are compared by pairs and ranked, and the best ones are fused into one
 * answer (Jiang et al. 2023, arXiv:2306.02561).
 *
 * <p>Who compares is either a member with the role judge or, where the setting {@code artifact}
 * names one, the head that a fit of {@link PairRanker} made; one of both there must be. The judge
 * compares each pair in both orders: {@code M_ij} is 1 where it prefers i, shown first, -1 where it
 * prefers j, 0 where they are even to it. A pair of which only one order could be read counts for
 * nothing, so a judge that prefers a place, whatever stands there, changes nothing. Equal texts are
 * not compared. The head ({@link PairHead}) tells each {@code M_ij = -M_ji} of all candidates that
 * are not blank, and asks nobody. The ranking is by {@code max_logits} ({@code s_i = mean_j M_ij -
 * M_ji}), {@code max_wins} ({@code s_i = mean_j I[M_ij > 0] + I[M_ji < 0]}), or {@code bubble}: in
 * an order drawn from the answers themselves, a champion meets one candidate after the other and is
 * beaten where {@code M_cj - M_jc < 0}. A judge always ranks more than ten candidates by bubble.
 * Those that are even stand by the members' priors, then in their order.
 *
 * <p>The {@code top} best ones, best first, are {@link References} of a member with the role fuser,
 * which writes the answer. Without a fuser, or where it fails or the budget forbids it, the best
 * candidate is given. Bubble knows who is best only; behind the champion stand those that were it
 * before, the last one first, then the others.
 *
 * <p>Defaults: max_logits, top 3 (the paper's); the judge's temperature is 0. Departures: a judge
 * that is asked, or a head over {@link dev.tutti.fusion.method.features.AnswerFeatures}, takes the
 * place of the paper's trained cross-encoder; the authors' code mixes sums and means in max_wins,
 * means are taken here. Instructions are ours. Weights in the decision are the scores' softmax; the
 * judge's calls tell each pair and its verdict. What a decision tells of a head's fit ({@code
 * held_out}) is of the best candidate, before anything is fused.
 *
 * <p>Cost per request: K candidates, {@code K (K - 1)} comparisons at once, or by bubble {@code 2
 * (K - 1)} one pair after the other, none with a head; and one call of the fuser, whose text is
 * passed on while it is written.
 */
public final class LlmBlender implements Deliberation {

  private static final String FUSE = "fuse";
  private static final String BY_HEAD = "a fitted head";

  /** Beyond so many candidates a judge is asked by bubble only. */
  private static final int MOST_PAIRED = 10;

  /** Each meets the champion in a round of its own. */
  private static final int MOST_CANDIDATES = 60;

  /** How comparisons rank the candidates. */
  public enum Aggregation {
    /** By how much better each is on average. */
    MAX_LOGITS,
    /** By how often each is better. */
    MAX_WINS,
    /** A champion meets one after the other. */
    BUBBLE
  }

  /**
   * Settings.
   *
   * @param artifact of a fit of pair-ranker, whose head compares; empty where a judge does
   * @param aggregation how comparisons rank the candidates
   * @param top so many are fused
   * @param samples candidates of each member
   * @param temperature of the candidates; empty for the request's
   */
  public record Settings(
      @Setting(
              help =
                  "Name of the artifact of a fit of pair-ranker, whose head compares the candidates;"
                      + " empty where a member with the role judge does. One of both is needed, never both.")
          String artifact,
      @Setting(
              help =
                  "max_logits: by how much better each is on average, max_wins: by how often, bubble:"
                      + " a champion meets one after the other; of a judge more than 10 candidates"
                      + " always bubble.")
          Aggregation aggregation,
      @Setting(help = "How many of the best are fused.", min = 1, max = 16) int top,
      @Setting(
              help = "How many candidates each member writes; all of them together 60 at most.",
              min = 1,
              max = MOST_CANDIDATES)
          int samples,
      @Setting(help = "Temperature of the candidates; null for the request's.", min = 0, max = 2)
          OptionalDouble temperature)
      implements FitsMembers {

    /** The defaults. */
    public static final Settings DEFAULTS =
        new Settings("", Aggregation.MAX_LOGITS, 3, 1, OptionalDouble.empty());

    @Override
    public void requireFit(int members) {
      int proposers = artifact.isEmpty() ? members - 1 : members;
      int candidates = samples * proposers;
      if (candidates > MOST_CANDIDATES) {
        throw new IllegalArgumentException(
            "samples is %d for %d members, up to %d candidates; at most %d are allowed."
                .formatted(samples, members, candidates, MOST_CANDIDATES));
      }
    }

    @Override
    public void requireRoles(List<String> roles) {
      boolean judged = roles.contains(Roles.JUDGE);
      if (judged && !artifact.isEmpty()) {
        throw new SettingsException(
            "artifact",
            "artifact is '%s', and there is a member with the role judge; only one of both compares the answers: leave one out."
                .formatted(artifact));
      }
      if (!judged && artifact.isEmpty()) {
        throw new SettingsException(
            "artifact",
            "artifact is empty, and there is no member with the role judge; one of both compares the answers: name the artifact of a fit of pair-ranker, or give a member that role.");
      }
    }
  }

  private final Settings settings;

  /** Who compares; empty where a judge does. */
  private final Optional<FittedPairs> head;

  /**
   * One with these settings.
   *
   * @param kept where the artifact is that they name, if they name one
   * @throws SettingsException when none of it is active, or it is of another method
   */
  public LlmBlender(Settings settings, ArtifactSource<LearnedFusion> kept) {
    this(settings, settings.artifact().isEmpty() ? Optional.empty() : head(settings, kept));
  }

  /** A head compares, or else a judge. */
  LlmBlender(Settings settings, Optional<FittedPairs> head) {
    this.settings = settings;
    this.head = head;
  }

  private static Optional<FittedPairs> head(Settings settings, ArtifactSource<LearnedFusion> kept) {
    LiveArtifact<LearnedFusion> live = kept.require(PairRanker.METHOD.name(), settings.artifact());
    // An artifact of this method is nothing else.
    var its = (PairHead) live.learned();
    return Optional.of(FittedPairs.of(settings.artifact(), its, live.artifact().version()));
  }

  @Override
  public Optional<Fitted> fitted() {
    return head.map(FittedPairs::fitted);
  }

  /** Candidates as they are ranked, or what must be asked first. */
  private sealed interface Ranking {}

  private record Ranked(double[] scores, List<Integer> order, String by) implements Ranking {}

  private record Missing(List<Call> comparisons, int turns) implements Ranking {}

  @Override
  public Step next(Episode episode) {
    List<Integer> proposers = Roles.all(episode, Roles.PROPOSER);
    Optional<Integer> fuser = Roles.first(episode, Roles.FUSER);
    int after = fuser.isPresent() ? 1 : 0;
    if (episode.rounds() == 0) {
      var change =
          new SamplingChange(settings.temperature(), OptionalInt.empty(), head.isPresent());
      List<Call> calls =
          proposers.stream()
              .<Call>map(m -> new Generate(m, Prompt.AS_ASKED, settings.samples(), change, ""))
              .toList();
      int candidates = settings.samples() * proposers.size();
      int comparing = head.isPresent() ? 0 : isBubble(candidates) ? candidates - 1 : 1;
      return new Ask(calls, 1 + comparing + after);
    }
    Said said = Said.in(episode, 1);
    if (said.size() < 2) {
      return said.best("There is one answer, and nothing to compare it with.");
    }
    return switch (ranking(said)) {
      case Missing missing -> new Ask(missing.comparisons(), missing.turns() + after);
      case Ranked ranked -> end(said, ranked, fuser);
    };
  }

  @Override
  public boolean isEnough(Episode episode, List<Integer> pending) {
    return episode.rounds() == 1 && Said.isEnough(episode, pending);
  }

  private boolean isBubble(int candidates) {
    return settings.aggregation() == Aggregation.BUBBLE
        || head.isEmpty() && candidates > MOST_PAIRED;
  }

  private Ranking ranking(Said said) {
    var verdicts = new Verdicts(said);
    PairwiseMatrix matrix = head.map(its -> its.compare(said)).orElseGet(verdicts::matrix);
    return isBubble(said.size()) ? bubble(said, matrix, verdicts) : paired(said, matrix, verdicts);
  }

  /** All pairs in both orders. */
  private Ranking paired(Said said, PairwiseMatrix matrix, Verdicts verdicts) {
    List<Call> open = head.isPresent() || verdicts.asked() > 0 ? List.of() : verdicts.open();
    if (!open.isEmpty()) {
      return new Missing(open, 1);
    }
    double[] scores =
        settings.aggregation() == Aggregation.MAX_WINS ? matrix.maxWins() : matrix.maxLogits();
    String by = head.isPresent() ? BY_HEAD : "%d comparisons".formatted(verdicts.asked());
    return new Ranked(scores, PairwiseMatrix.ranked(scores, i -> said.card(i).prior()), by);
  }

  /** One pair after the other; scores tell the places. */
  private Ranking bubble(Said said, PairwiseMatrix matrix, Verdicts verdicts) {
    var order = new ArrayList<>(IntStream.range(0, said.size()).boxed().toList());
    Collections.shuffle(order, new Random(said.texts().hashCode()));
    var champions = new ArrayList<>(List.of(order.getFirst()));
    var beaten = new ArrayList<Integer>();
    for (int place = 1; place < order.size(); place++) {
      int champion = champions.getLast();
      int next = order.get(place);
      if (head.isEmpty() && verdicts.isOpen(champion, next)) {
        return new Missing(
            List.of(verdicts.ask(champion, next), verdicts.ask(next, champion)),
            order.size() - place);
      }
      double difference = matrix.difference(champion, next);
      if (difference < 0 || difference == 0 && isBefore(said, next, champion)) {
        champions.add(next);
      } else {
        beaten.add(next);
      }
    }
    List<Integer> ranked = new ArrayList<>(champions.reversed());
    ranked.addAll(beaten);
    var scores = new double[said.size()];
    for (int place = 0; place < ranked.size(); place++) {
      scores[ranked.get(place)] = ranked.size() - place;
    }
    String by = head.isPresent() ? BY_HEAD : "%d comparisons by bubble".formatted(verdicts.asked());
    return new Ranked(scores, ranked, by);
  }

  /** Whether one that is even to another stands before it. */
  private static boolean isBefore(Said said, int one, int other) {
    double prior = said.card(one).prior();
    double its = said.card(other).prior();
    return prior > its || prior == its && one < other;
  }

  private Step end(Said said, Ranked ranked, Optional<Integer> fuser) {
    Episode episode = said.episode();
    int best = ranked.order().getFirst();
    boolean tried = episode.stages().stream().anyMatch(s -> s.asked().purpose().equals(FUSE));
    List<Double> weights = Arrays.stream(Vectors.softmax(ranked.scores(), 1)).boxed().toList();
    String ranking =
        "'%s' gave the best of %d answers, by %s."
            .formatted(said.card(best).name(), said.size(), ranked.by());
    if (fuser.isEmpty() || tried || episode.exhausted()) {
      return said.give(weights, best, ranking);
    }
    List<String> top = ranked.order().stream().limit(settings.top()).map(said::text).toList();
    References references = References.of(top);
    return new Write(
        references.call(episode, fuser.get(), references.synthesis(), SamplingChange.NONE, FUSE),
        Optional.of(said.weighed(weights, best, ranking)),
        "%s '%s' wrote one of the best %d."
            .formatted(ranking, episode.members().get(fuser.get()).name(), top.size()));
  }
}
