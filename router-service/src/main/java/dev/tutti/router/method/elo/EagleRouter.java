package dev.tutti.router.method.elo;

import dev.tutti.kit.settings.Setting;
import dev.tutti.router.Feedback;
import dev.tutti.router.Observing;
import dev.tutti.router.OnlineState;
import dev.tutti.router.Pool;
import dev.tutti.router.Query;
import dev.tutti.router.Route;
import dev.tutti.router.Router;
import dev.tutti.router.method.bandit.Exploration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * Eagle: an Elo rating of each member over all feedback, and another one over the feedback on
 * similar queries.
 *
 * <p>Zhao, Jin, Mao 2024, arXiv:2409.15518. A comparison of {@code a} and {@code b} with score
 * {@code S} (1 {@code a} is better, 0.5 a tie, 0 {@code b} is better) moves
 *
 * <pre>
 * E_a = 1 / (1 + 10^((R_b - R_a) / 400))     R_a += K (S - E_a)     R_b += K ((1 - S) - (1 - E_a))
 * score(m | x) = P G[m] + (1 - P) L_x[m]
 * </pre>
 *
 * {@code G} over everything in order of arrival, {@code L_x} over all comparisons on the {@code N}
 * most similar queries, in order of arrival. {@code P} = 0.5, {@code N} = 20, {@code K} = 32. New
 * members start at {@value #INITIAL}.
 *
 * <p>What the paper leaves open: local ratings start from {@code G} or flat ({@code local_init};
 * the card's default, GLOBAL, does not flatter members that no similar query has seen). Where a
 * router learns from its own choices, that flattery is what makes it try them: in a simulation
 * ({@code LearningTest}) FLAT with {@code P} = 0.25 and {@code N} = 100 finds four specialists
 * within 2,000 requests (0.98 of the oracle choice), the defaults reach 0.74. Departures: a rating
 * {@code q} of one answer is a comparison with a par of fixed rating {@value #INITIAL}, so that
 * {@code R} settles where the expected score is the mean quality; the paper has pairs only. A
 * budget is the ensemble's and has been applied before. With probability {@code exploration} the
 * first is drawn from the whole pool.
 *
 * <p>The state is {@code {rating, observations}} a member; the local part needs the feedback
 * itself, which is given again on a restart. It remembers the last {@value #MOST} pieces (up to
 * {@value #CHUNK} more, forgotten together), about 1.6 KB each. Costs one search and {@code N} Elo
 * steps; an observation costs one step and, now and then, a new index. Without an embedding,
 * feedback counts globally only.
 */
public final class EagleRouter implements Router, Observing {

  static final double INITIAL = 1000;
  private static final double SPREAD = 400;

  static final int MOST = 20_000;
  static final int CHUNK = 2_000;

  private final Settings settings;
  private volatile Known known;

  /** Where local ratings start. */
  public enum LocalInit {
    /** From the initial rating. */
    FLAT,
    /** From the global ones. */
    GLOBAL
  }

  /** What can be set. */
  public record Settings(
      @Setting(help = "share P of the global rating in a score", min = 0, max = 1) double global,
      @Setting(
              help = "similar queries N whose comparisons make the local rating",
              min = 1,
              max = 1000)
          int neighbours,
      @Setting(help = "K: most points that a comparison moves a rating", min = 0, max = 400)
          double k,
      @Setting(help = "where local ratings start") LocalInit localInit,
      @Setting(help = "probability that the first is drawn from all, to learn", min = 0, max = 1)
          double exploration) {

    /** The paper's; exploration is ours. */
    public Settings() {
      this(0.5, 20, 32, LocalInit.GLOBAL, 0.05);
    }
  }

  private record Known(OnlineState state, FeedbackIndex log) {}

  /** A router that knows nothing. */
  public EagleRouter(Settings settings) {
    this.settings = settings;
    this.known = new Known(OnlineState.EMPTY, FeedbackIndex.of(List.of()));
  }

  /**
   * A router that goes on.
   *
   * @param state as it was
   * @param log the feedback that made it, in order
   */
  public EagleRouter(Settings settings, OnlineState state, List<Feedback> log) {
    this(settings);
    restore(state, log);
  }

  @Override
  public synchronized void observe(Feedback feedback) {
    advance(learn(known.state(), feedback), List.of(feedback));
  }

  @Override
  public OnlineState learn(OnlineState known, Feedback feedback) {
    var ratings = new HashMap<String, Double>();
    known.arms().forEach((member, arm) -> ratings.put(member, arm[0]));
    step(ratings, feedback, settings.k());
    var arms = new TreeMap<String, double[]>();
    for (String member : members(feedback)) {
      double[] before = known.arms().getOrDefault(member, new double[] {INITIAL, 0});
      arms.put(member, new double[] {ratings.get(member), before[1] + 1});
    }
    return known.with(arms);
  }

  @Override
  public synchronized void restore(OnlineState state, List<Feedback> log) {
    long kept = state.observed() - first(state.observed());
    known =
        new Known(
            state, FeedbackIndex.of(log.subList((int) Math.max(0, log.size() - kept), log.size())));
  }

  @Override
  public synchronized void advance(OnlineState state, List<Feedback> since) {
    FeedbackIndex log = known.log().with(since);
    long kept = state.observed() - first(state.observed());
    known = new Known(state, kept < log.size() ? log.last((int) kept) : log);
  }

  /** Which piece of so many is the oldest that is remembered: the same however they came. */
  private static long first(long observed) {
    return Math.max(0, observed / CHUNK * CHUNK - MOST);
  }

  @Override
  public int remembered() {
    return MOST + CHUNK;
  }

  @Override
  public Kind kind() {
    return Kind.ELO_RATING;
  }

  /** {@code K} alone: the others are about how ratings are used. */
  @Override
  public String basis() {
    return "k=" + settings.k();
  }

  @Override
  public SortedMap<String, Double> shown(double[] arm) {
    return new TreeMap<>(Map.of("rating", arm[0], "observations", arm[1]));
  }

  @Override
  public OnlineState state() {
    return known.state();
  }

  @Override
  public Route route(Query query, Pool pool, RandomGenerator random) {
    Known now = known;
    var global = new HashMap<String, Double>();
    now.state().arms().forEach((member, arm) -> global.put(member, arm[0]));
    Map<String, Double> local =
        settings.localInit() == LocalInit.GLOBAL ? new HashMap<>(global) : new HashMap<>();
    for (Feedback feedback : now.log().nearest(query.embedding(), settings.neighbours())) {
      step(local, feedback, settings.k());
    }
    return Exploration.greedy(
        pool,
        member ->
            settings.global() * global.getOrDefault(member, INITIAL)
                + (1 - settings.global()) * local.getOrDefault(member, INITIAL),
        settings.exploration(),
        random,
        "rating");
  }

  private static List<String> members(Feedback feedback) {
    return switch (feedback) {
      case Feedback.Compared c -> List.of(c.first(), c.second());
      case Feedback.Rated r -> List.of(r.member());
      case Feedback.Failed _ -> List.of();
    };
  }

  /** One Elo step. */
  static void step(Map<String, Double> ratings, Feedback feedback, double k) {
    switch (feedback) {
      case Feedback.Compared c -> {
        double a = ratings.getOrDefault(c.first(), INITIAL);
        double b = ratings.getOrDefault(c.second(), INITIAL);
        double moved = k * (c.score() - expected(a, b));
        ratings.put(c.first(), a + moved);
        ratings.put(c.second(), b - moved);
      }
      case Feedback.Rated r -> {
        double rating = ratings.getOrDefault(r.member(), INITIAL);
        ratings.put(r.member(), rating + k * (r.quality() - expected(rating, INITIAL)));
      }
      case Feedback.Failed _ ->
          throw new IllegalArgumentException(
              "eagle learns how good answers are; a call without an answer does not tell.");
    }
  }

  private static double expected(double a, double b) {
    return 1 / (1 + StrictMath.pow(10, (b - a) / SPREAD));
  }
}
