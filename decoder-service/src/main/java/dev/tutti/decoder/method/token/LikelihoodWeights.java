package dev.tutti.decoder.method.token;

import dev.tutti.decoder.PromptReading;
import dev.tutti.decoder.StepCombiner.Vote;
import dev.tutti.decoder.StepGate;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.Vocabulary;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Weights that follow how likely each member finds the answer as it is written, so that one which
 * does not know the task falls silent.
 *
 * <p>With {@code l_m = ln p_m} of the piece that the answer went on with, floored at -8 nats a
 * byte: {@code pi_m <- pi_m exp(eta l_m)}, scaled to the sum that those had who said something, and
 * then {@code pi_m <- (1 - share) pi_m + share / K} of that sum, over these K. With eta 1 and share
 * 0 that is Bayes' rule: the mean of the members by {@code pi} gives a text the weighted mean of
 * the probabilities that they give it, which is at most {@code ln K} nats below the best of them.
 *
 * <p>The first weights are those of the plan, times {@code exp(-prior n L_m)}, where {@code L_m}
 * are the mean nats a byte in which a member read the last {@value #MOST_READ} bytes of its prompt,
 * and n how many of these the shortest reading has; below {@value #LEAST_READ} nobody is judged by
 * it. Special tokens are not counted.
 *
 * <p>Who has less than {@code asleep} of the weight of those who said something for {@value
 * #PATIENCE} bytes falls asleep: it is asked nothing. {@value #SLEEP} bytes later it is back with
 * just that weight, reads what it missed in one pass, and has to earn more; where all others have
 * nothing more to say it is back at once. The leader of those who said something never sleeps.
 *
 * @param members of the plan
 * @param eta how fast they learn, at least 0
 * @param share of the weight that is spread evenly at each step, 0 to 1, so that what was long ago
 *     counts less
 * @param prior how much the reading of the prompt counts, at least 0; 0 for not at all
 * @param asleep share of the weight, 0 for never
 */
record LikelihoodWeights(
    List<TokenMember> members, double eta, double share, double prior, double asleep)
    implements StepGate {

  static final String ETA_HELP =
      "How fast the members' weights follow how likely each finds the answer as it is written; 0"
          + " keeps them as they are, 1 is Bayes' rule.";
  static final String SHARE_HELP =
      "Share of the weight that is spread evenly at each step, so that what was long ago counts"
          + " less.";
  static final String PRIOR_HELP =
      "How much it counts for the first weights how likely each member finds its prompt; 0 for not"
          + " at all.";
  static final String ASLEEP_HELP =
      "A member whose weight is below this for 16 bytes is not asked for 256; 0 asks all always.";

  private static final double FLOOR = -8;

  /** However far behind, who has a weight can still be counted when all others are gone. */
  private static final double LEAST_WEIGHT = 1e-300;

  private static final int MOST_READ = 200;
  private static final int LEAST_READ = 50;
  private static final int PATIENCE = 16;
  private static final int SLEEP = 256;

  /** The gate of a method with these settings. */
  static StepGate of(
      List<TokenMember> members, double eta, double share, double prior, double asleep) {
    return eta == 0 && prior == 0
        ? StepGate.EVERYONE
        : new LikelihoodWeights(members, eta, share, prior, asleep);
  }

  /** Refuses settings that would do nothing. */
  static void requireLearning(double eta, double share, double asleep) {
    if (eta == 0 && (share > 0 || asleep > 0)) {
      throw new IllegalArgumentException(
          "share is %s and asleep is %s; with eta 0 nothing is learned, so both must be 0."
              .formatted(share, asleep));
    }
  }

  /** Refuses a share that lifts everyone above where members fall asleep. */
  static void requireRest(double share, double asleep, int members) {
    if (members > 1 && asleep > 0 && asleep <= share / members) {
      throw new IllegalArgumentException(
          ("asleep is %s and share is %s; of %d members each keeps a weight of share / %d, so"
                  + " nobody would ever fall asleep: asleep must be 0 or above %s.")
              .formatted(asleep, share, members, members, share / members));
    }
  }

  /** How a member read the end of its prompt: nats and bytes. */
  private record Reading(double nats, int bytes) {}

  @Override
  public boolean readsPrompts() {
    return prior > 0;
  }

  @Override
  public State begin(double[] weights, List<Optional<PromptReading>> prompts) {
    double[] pi = weights.clone();
    if (!prompts.isEmpty()) {
      weigh(pi, prompts);
    }
    return new Belief(pi, new int[pi.length], new int[pi.length]);
  }

  private void weigh(double[] pi, List<Optional<PromptReading>> prompts) {
    var readings = new Reading[pi.length];
    int shortest = MOST_READ;
    double least = Double.POSITIVE_INFINITY;
    for (int m = 0; m < pi.length; m++) {
      if (prompts.get(m).isPresent()) {
        readings[m] = reading(members.get(m).tokenizer(), prompts.get(m).get());
        shortest = Math.min(shortest, readings[m].bytes());
      }
    }
    if (shortest < LEAST_READ) {
      return;
    }
    for (Reading reading : readings) {
      least = reading == null ? least : Math.min(least, reading.nats() / reading.bytes());
    }
    for (int m = 0; m < pi.length; m++) {
      // Nobody knows how an endpoint reads: it counts like the best.
      double nats = readings[m] == null ? least : readings[m].nats() / readings[m].bytes();
      pi[m] = counted(pi[m], pi[m] * Math.exp(-prior * shortest * (nats - least)));
    }
    // By name, so that it rounds alike whatever the order of the members.
    double sum =
        IntStream.range(0, pi.length)
            .boxed()
            .sorted(Comparator.comparing((Integer m) -> members.get(m).name()))
            .mapToDouble(m -> pi[m])
            .sum();
    for (int m = 0; m < pi.length; m++) {
      pi[m] /= sum;
    }
  }

  /** A weight that was above 0 stays so. */
  private static double counted(double before, double after) {
    return before > 0 ? Math.max(LEAST_WEIGHT, after) : 0;
  }

  private static Reading reading(Vocabulary vocabulary, PromptReading prompt) {
    int[] tokens = prompt.tokens();
    double[] logprobs = prompt.logprobs();
    double nats = 0;
    int bytes = 0;
    for (int t = tokens.length - 1; t > 0 && bytes < MOST_READ; t--) {
      int length = vocabulary.bytes(tokens[t]).length;
      if (length > 0) {
        int counted = Math.min(length, MOST_READ - bytes);
        nats -= logprobs[t - 1] * counted / length;
        bytes += counted;
      }
    }
    return new Reading(nats, bytes);
  }

  /** What is believed before a step. */
  private final class Belief implements State {

    private final double[] pi;
    // Bytes for which a member has been too light, and bytes that it still sleeps.
    private final int[] light;
    private final int[] sleeps;
    private final double[] weights;

    Belief(double[] pi, int[] light, int[] sleeps) {
      this.pi = pi;
      this.light = light;
      this.sleeps = sleeps;
      this.weights = pi.clone();
      for (int m = 0; m < weights.length; m++) {
        weights[m] = sleeps[m] > 0 ? 0 : pi[m];
      }
    }

    @Override
    public double[] weights() {
      return weights;
    }

    /** {@inheritDoc} {@code weight_NAME}: how much each member counts at the end. */
    @Override
    public Map<String, Double> measures() {
      double sum = Arrays.stream(weights).sum();
      return IntStream.range(0, members.size())
          .boxed()
          .collect(
              Collectors.toMap(
                  m -> "weight_" + members.get(m).name(), m -> weights[m] / sum, Double::sum));
    }

    @Override
    public State after(Step step) {
      int bytes = Math.max(1, step.piece().length);
      double[] next = pi.clone();
      if (!step.votes().isEmpty()) {
        learn(next, step, bytes);
      }
      return asleep > 0 ? rested(next, step.votes(), bytes) : new Belief(next, light, sleeps);
    }

    private void learn(double[] next, Step step, int bytes) {
      List<Vote> votes = step.votes();
      double[] likelihoods =
          votes.stream()
              .mapToDouble(v -> Math.max(FLOOR * bytes, Math.log(v.ratings()[step.token()])))
              .toArray();
      double best = Arrays.stream(likelihoods).max().orElseThrow();
      double before = 0;
      double after = 0;
      for (int v = 0; v < likelihoods.length; v++) {
        int m = votes.get(v).member();
        before += pi[m];
        next[m] = counted(pi[m], pi[m] * Math.exp(eta * (likelihoods[v] - best)));
        after += next[m];
      }
      for (Vote vote : votes) {
        int m = vote.member();
        next[m] = counted(pi[m], before * ((1 - share) * next[m] / after + share / votes.size()));
      }
    }

    private Belief rested(double[] next, List<Vote> votes, int bytes) {
      // In the order of the votes, by name, so that it rounds alike.
      double awake = 0;
      double leader = 0;
      for (Vote vote : votes) {
        awake += next[vote.member()];
        leader = Math.max(leader, next[vote.member()]);
      }
      int[] nextLight = light.clone();
      int[] nextSleeps = sleeps.clone();
      for (int m = 0; m < next.length; m++) {
        if (sleeps[m] > 0) {
          // Beside whom it is to be weighed is known where somebody said something.
          nextSleeps[m] = Math.max(votes.isEmpty() ? 1 : 0, sleeps[m] - bytes);
          next[m] = nextSleeps[m] == 0 ? asleep * awake : next[m];
        }
      }
      for (Vote vote : votes) {
        int m = vote.member();
        // Who was called out of its sleep, as nobody else was left, stays.
        nextSleeps[m] = 0;
        nextLight[m] = next[m] < asleep * awake && next[m] < leader ? light[m] + bytes : 0;
        if (nextLight[m] >= PATIENCE) {
          nextLight[m] = 0;
          nextSleeps[m] = SLEEP;
        }
      }
      return new Belief(next, nextLight, nextSleeps);
    }
  }
}
