package dev.tutti.fusion.method.heads;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.fusion.method.heads.SelectLlm.Policy;
import dev.tutti.fusion.method.heads.SelectLlm.Settings;
import dev.tutti.fusion.method.vote.MajorityVote;
import dev.tutti.fusion.method.vote.MajorityVote.Weights;
import dev.tutti.kit.calls.Query;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** Who votes by {@link SelectLlm}'s policies, and how. */
final class ConfidenceVote {

  private static final double LABELLED = 0.5;

  /** Beside it no confidence that was learned is small. */
  private static final double WORTHLESS = 1e-6;

  private final Settings settings;
  private final MemberHeads learned;
  private final boolean weighted;
  private final MajorityVote vote;

  ConfidenceVote(Settings settings, MemberHeads learned) {
    this.settings = settings;
    this.learned = learned;
    this.weighted = settings.policy() == Policy.WEIGHTED_MAX_CONF;
    Weights weights = weighted ? Weights.PRIOR : Weights.UNIFORM;
    this.vote = new MajorityVote(new MajorityVote.Settings(settings.canonical(), weights, 2));
  }

  /** Places of those whom the policy chooses, the likeliest first; at least one. */
  List<Integer> chosen(double[] confidences) {
    List<Integer> falling = falling(confidences);
    long size =
        settings.policy() == Policy.LABELLED_MAX_CONF
            ? Math.max(1, Arrays.stream(confidences).filter(c -> c >= LABELLED).count())
            : settings.size() > 0
                ? settings.size()
                : weighted ? learned.weighted() : learned.plain();
    return falling.subList(0, (int) Math.min(size, falling.size()));
  }

  /** All places, the likeliest first; equal ones in their order. */
  static List<Integer> falling(double[] confidences) {
    return IntStream.range(0, confidences.length)
        .boxed()
        .sorted(Comparator.comparingDouble(m -> -confidences[m]))
        .toList();
  }

  /** What a member's prior is in the vote. */
  static double prior(double prior, double confidence) {
    return prior * Math.max(WORTHLESS, confidence);
  }

  /**
   * The vote.
   *
   * @param voters of whom each has {@link #prior}
   */
  Weighing weighed(Query query, List<Answer> voters) {
    return vote.weigh(query, new Candidates(voters));
  }

  /** Whether those that have that {@link #prior} and have not answered can change nothing. */
  boolean settled(List<Answer> voters, List<Double> pending) {
    return vote.isSettled(new Candidates(voters), pending);
  }

  /** {@link #ofEverybody}, by which a fit measures. */
  Selector measured() {
    return new Selector() {
      @Override
      public Weighing weigh(Query query, Candidates candidates) {
        return ofEverybody(query, candidates);
      }

      @Override
      public OptionalInt asks(Query query, Candidates candidates) {
        return OptionalInt.of(chosen(confidences(candidates)).size());
      }
    };
  }

  private double[] confidences(Candidates candidates) {
    return learned.confidences(
        candidates.answers().stream().map(Answer::knownAs).toList(), candidates.evidence().query());
  }

  /**
   * The vote on recorded answers of everybody: those weigh nothing whom the policy would not have
   * asked.
   */
  Weighing ofEverybody(Query query, Candidates candidates) {
    List<Answer> answers = candidates.answers();
    double[] confidences = confidences(candidates);
    List<Integer> chosen = chosen(confidences).stream().sorted().toList();
    Weighing weighing =
        weighed(
            query,
            chosen.stream()
                .map(i -> answers.get(i).withPrior(prior(answers.get(i).prior(), confidences[i])))
                .toList());
    var weights = new ArrayList<>(Collections.nCopies(answers.size(), 0.0));
    var said = new ArrayList<>(Collections.nCopies(answers.size(), Optional.<String>empty()));
    for (int i = 0; i < chosen.size(); i++) {
      weights.set(chosen.get(i), weighing.weights().get(i));
      said.set(chosen.get(i), weighing.answers().get(i));
    }
    return new Weighing(
        weights,
        said,
        OptionalInt.of(chosen.get(weighing.chosen().orElseThrow())),
        weighing.explanation());
  }
}
