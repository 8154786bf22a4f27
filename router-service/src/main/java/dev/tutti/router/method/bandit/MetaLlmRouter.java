package dev.tutti.router.method.bandit;

import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.PositiveDefinite;
import dev.tutti.router.Feedback;
import dev.tutti.router.Observing;
import dev.tutti.router.OnlineState;
import dev.tutti.router.Pool;
import dev.tutti.router.Query;
import dev.tutti.router.Route;
import dev.tutti.router.Router;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/**
 * MetaLLM: a contextual bandit, disjoint LinUCB, over query embeddings.
 *
 * <p>Nguyen et al. 2024, arXiv:2407.10834; LinUCB is Li et al. 2010, arXiv:1003.0146. For each
 * member {@code A = lambda I}, {@code b = 0} at first;
 *
 * <pre>
 * theta = A^-1 b       score = theta^T phi + alpha sqrt(phi^T A^-1 phi)
 * r = quality - p c / c_max
 * A = gamma A + (1 - gamma) lambda I + phi phi^T       b = gamma b + r phi
 * </pre>
 *
 * <p>{@code gamma} below 1 forgets observations, but not the regulariser: {@code A} never falls
 * below {@code lambda I}, so that it stays positive definite however long nothing is seen of some
 * direction. It is {@code A} that is kept, symmetric, since both triangles are set from one number;
 * it is solved by Cholesky's factorisation, once an observation.
 *
 * <p>The published code explores nothing ({@code alpha} = 0, {@code lambda} = 12.94, {@code p} = 0;
 * 4096 dimensions): it starts from recorded outcomes. This one starts from nothing, so {@code
 * alpha} = 0.3 and {@code lambda} = 1 by default. {@code phi} is the embedding, projected at random
 * to {@code dimensions} (Johnson and Lindenstrauss 1984; always by the same matrix; 0 leaves it as
 * it is), and a constant 1, which carries a member's mean. Feedback without an embedding, or
 * without a rating, is refused. State a member: {@code {observations, A by rows, b}}. Costs {@code
 * dimensions^2 / 2} a member for a request with {@code alpha} above 0 and {@code dimensions^3 / 6}
 * for the first one after an observation.
 */
public final class MetaLlmRouter implements Router, Observing {

  private static final long PROJECTION = 20240710;

  private final Settings settings;
  private volatile OnlineState state;
  private volatile float[][] projection;

  /** By member; what was solved of an arm that is no longer the state's is solved anew. */
  private final Map<String, Solved> solved = new ConcurrentHashMap<>();

  private record Solved(double[] arm, double[] theta, PositiveDefinite a) {
    static Solved of(double[] arm, int d) {
      var rows = new double[d][];
      for (int i = 0; i < d; i++) {
        rows[i] = Arrays.copyOfRange(arm, 1 + i * d, 1 + (i + 1) * d);
      }
      var a = new PositiveDefinite(rows);
      return new Solved(arm, a.solve(Arrays.copyOfRange(arm, 1 + d * d, 1 + d * d + d)), a);
    }
  }

  /** What can be set. */
  public record Settings(
      @Setting(help = "alpha: how much uncertainty is worth", min = 0, max = 100) double alpha,
      @Setting(help = "lambda: the regulariser", min = 1e-6, max = 1e6) double lambda,
      @Setting(help = "gamma: what an observation keeps of those before", min = 0.5, max = 1)
          double gamma,
      @Setting(help = "p: quality that the greatest cost is worth", min = 0, max = 100)
          double price,
      @Setting(
              help = "c_max: cost that counts as the greatest",
              min = 1e-9,
              max = 1e6,
              unit = "USD")
          double mostUsd,
      @Setting(help = "to which the embedding is projected; 0 for not at all", min = 0, max = 256)
          int dimensions,
      @Setting(help = "probability that the first is drawn from all", min = 0, max = 1)
          double exploration) {

    /** For a start from nothing. */
    public Settings() {
      this(0.3, 1, 1, 0, 0.01, 64, 0);
    }
  }

  /** A router that knows nothing. */
  public MetaLlmRouter(Settings settings) {
    this(settings, OnlineState.EMPTY);
  }

  /** A router that goes on. */
  public MetaLlmRouter(Settings settings, OnlineState state) {
    this.settings = settings;
    this.state = state;
  }

  @Override
  public OnlineState state() {
    return state;
  }

  @Override
  public synchronized void observe(Feedback feedback) {
    state = learn(state, feedback);
  }

  @Override
  public synchronized void restore(OnlineState restored, List<Feedback> log) {
    state = restored;
  }

  @Override
  public synchronized void advance(OnlineState later, List<Feedback> since) {
    state = later;
  }

  @Override
  public Kind kind() {
    return Kind.BANDIT_ARM;
  }

  /** All but {@code alpha} and {@code exploration}. */
  @Override
  public String basis() {
    return "lambda=%s gamma=%s p=%s c_max=%s dimensions=%d"
        .formatted(
            settings.lambda(),
            settings.gamma(),
            settings.price(),
            settings.mostUsd(),
            settings.dimensions());
  }

  /** The mean reward is that of the constant's row: {@code b / (A - lambda)}. */
  @Override
  public SortedMap<String, Double> shown(double[] arm) {
    int d = (int) Math.round((Math.sqrt(4.0 * arm.length - 3) - 1) / 2);
    double weight = arm[d * d] - settings.lambda();
    var shown = new TreeMap<String, Double>();
    shown.put("observations", arm[0]);
    if (weight > 0) {
      shown.put("mean_reward", arm[d * d + d] / weight);
    }
    return shown;
  }

  @Override
  public OnlineState learn(OnlineState known, Feedback feedback) {
    if (!(feedback instanceof Feedback.Rated rated)) {
      throw new IllegalArgumentException(
          "metallm learns from ratings; %s carries no reward."
              .formatted(
                  feedback instanceof Feedback.Failed
                      ? "a call without an answer"
                      : "a comparison of two answers"));
    }
    double[] phi = phi(feedback.embedding());
    double cost = Math.min(1, rated.usd() / settings.mostUsd());
    double reward = rated.quality() - settings.price() * cost;
    return known.with(rated.member(), updated(arm(known, rated.member(), phi), phi, reward));
  }

  private double[] updated(double[] arm, double[] phi, double reward) {
    int d = phi.length;
    double gamma = settings.gamma();
    double ridge = (1 - gamma) * settings.lambda();
    double[] next = arm.clone();
    next[0]++;
    for (int i = 0; i < d; i++) {
      for (int j = 0; j <= i; j++) {
        double value = gamma * arm[1 + i * d + j] + phi[i] * phi[j] + (i == j ? ridge : 0);
        next[1 + i * d + j] = value;
        next[1 + j * d + i] = value;
      }
      next[1 + d * d + i] = gamma * arm[1 + d * d + i] + reward * phi[i];
    }
    return next;
  }

  @Override
  public Route route(Query query, Pool pool, RandomGenerator random) {
    OnlineState now = state;
    double[] phi = phi(query.embedding());
    return Exploration.greedy(
        pool, member -> score(now, member, phi), settings.exploration(), random, "upper bound");
  }

  private double score(OnlineState now, String member, double[] phi) {
    double[] arm = now.arms().get(member);
    if (arm == null) {
      // A = lambda I, b = 0.
      return settings.alpha() * Math.sqrt(dot(phi, phi) / settings.lambda());
    }
    Solved its = solved.get(member);
    if (its == null || its.arm() != arm || its.theta().length != phi.length) {
      its = Solved.of(arm(now, member, phi), phi.length);
      solved.put(member, its);
    }
    double value = dot(its.theta(), phi);
    return settings.alpha() == 0
        ? value
        : value + settings.alpha() * Math.sqrt(its.a().inverseForm(phi));
  }

  /** The state of an arm; that of a new one where there is none. */
  private double[] arm(OnlineState now, String member, double[] phi) {
    int d = phi.length;
    double[] arm = now.arms().get(member);
    if (arm == null) {
      arm = new double[1 + d * d + d];
      for (int i = 0; i < d; i++) {
        arm[1 + i * d + i] = settings.lambda();
      }
    } else if (arm.length != 1 + d * d + d) {
      throw new IllegalArgumentException(
          "The state of %s has %d numbers; %d dimensions take %d."
              .formatted(member, arm.length, d, 1 + d * d + d));
    }
    return arm;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** What the bandit sees. */
  private double[] phi(float[] embedding) {
    if (embedding.length == 0) {
      throw new IllegalArgumentException("metallm needs the query's embedding; there is none.");
    }
    int d = settings.dimensions();
    if (d == 0 || d >= embedding.length) {
      var phi = new double[embedding.length + 1];
      for (int i = 0; i < embedding.length; i++) {
        phi[i] = embedding[i];
      }
      phi[embedding.length] = 1;
      return phi;
    }
    float[][] axes = axes(embedding.length, d);
    var phi = new double[d + 1];
    for (int i = 0; i < embedding.length; i++) {
      for (int k = 0; k < d; k++) {
        phi[k] += (double) embedding[i] * axes[i][k];
      }
    }
    phi[d] = 1;
    return phi;
  }

  private float[][] axes(int inputs, int d) {
    float[][] axes = projection;
    if (axes == null || axes.length != inputs) {
      var random = new SplittableRandom(PROJECTION);
      axes = new float[inputs][d];
      for (float[] row : axes) {
        for (int k = 0; k < d; k++) {
          row[k] = (float) (random.nextGaussian() / Math.sqrt(d));
        }
      }
      projection = axes;
    }
    return axes;
  }
}
