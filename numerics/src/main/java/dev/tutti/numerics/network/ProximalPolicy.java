package dev.tutti.numerics.network;

import dev.tutti.numerics.Adam;
import dev.tutti.numerics.Interruption;
import dev.tutti.numerics.Vectors;
import dev.tutti.numerics.network.FeedForward.Activation;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Proximal policy optimisation over small networks (PPO, Schulman et al. 2017, arXiv:1707.06347) as
 * DER trains its agent (Hu et al. 2024, arXiv:2412.07448, Algorithm 1): an actor {@code pi(a|s) =
 * softmax f(s)} and a critic {@code V(s)}, with old copies of both that draw the episodes and stay
 * as they are while a buffer of them is learned from.
 *
 * <p>With {@code rho = pi(a|s) / pi_old(a|s)} the actor climbs {@code min(rho A, clip(rho, 1 - e, 1
 * + e) A)} and, where an entropy weight is given, that weight times the entropy of {@code pi}. The
 * advantage is {@code A = r_t - V_old(s_t)} (DER's equation 5) or {@code A = G_t - V_old(s_t)} (its
 * published code) with {@code G_t = r_t + discount G_(t+1)} within the episode: nothing of one
 * episode reaches another. The critic descends the square of the temporal-difference error (DER's
 * equation 6) {@code r_t + discount V_old(s_(t+1)) - V(s_t)}, where {@code V_old} is 0 behind the
 * end. Advantages are standardised over the buffer, so that neither the unit of rewards nor what
 * the critic gets wrong everywhere moves the actor. Each update takes a sample of whole episodes,
 * uniformly and with repetition.
 *
 * <p>The networks have one hidden layer and begin silent: all actions are equally likely, all
 * states worth nothing. For one thread.
 */
public final class ProximalPolicy {

  /** Where advantages are all but equal, their differences are rounding. */
  private static final double LEAST_DEVIATION = 1e-6;

  /** What an action is held against the old critic by. */
  public enum Advantage {
    /** Its own reward. */
    REWARD,
    /** The discounted return from it on. */
    RETURN
  }

  /**
   * How it learns.
   *
   * @param clip e, above 0
   * @param discount of what comes later, 0 to 1
   * @param actorRate of Adam
   * @param criticRate of Adam
   * @param updates of a buffer, each of both networks; at least 1
   * @param batch episodes an update; at least 1
   * @param advantage what an action is held against the critic by
   * @param entropy weight of the entropy of what the actor does; 0 for none, as DER has it
   * @param decay of the weights, per update and rate; 0 for none, as DER has it
   */
  public record Settings(
      double clip,
      double discount,
      double actorRate,
      double criticRate,
      int updates,
      int batch,
      Advantage advantage,
      double entropy,
      double decay) {}

  /**
   * A step of an episode.
   *
   * @param state what was known
   * @param action what was done, from 0
   * @param reward what it gave
   */
  public record Step(double[] state, int action, double reward) {}

  /** A step with what is learned of it. */
  record Lesson(
      double[] state, int action, double oldLogProbability, double advantage, double target) {}

  private final Settings settings;
  private final FeedForward actor;
  private final FeedForward critic;
  private final Adam climb;
  private final Adam descent;
  private FeedForward oldActor;
  private FeedForward oldCritic;

  /**
   * One that knows nothing.
   *
   * @param inputs numbers of a state
   * @param hidden units of each network's hidden layer
   * @param actions number of them
   */
  public ProximalPolicy(
      Settings settings, int inputs, int hidden, int actions, RandomGenerator random) {
    this.settings = settings;
    this.actor = FeedForward.drawn(Activation.TANH, random, inputs, hidden, actions).silent();
    this.critic = FeedForward.drawn(Activation.TANH, random, inputs, hidden, 1).silent();
    this.climb = new Adam(actor.weights(), settings.actorRate(), settings.decay());
    this.descent = new Adam(critic.weights(), settings.criticRate(), settings.decay());
    this.oldActor = actor.copy();
    this.oldCritic = critic.copy();
  }

  /** What the actor has learned so far. */
  public FeedForward actor() {
    return oldActor;
  }

  /** What the critic has learned so far. */
  public FeedForward critic() {
    return oldCritic;
  }

  /** Draws an action by the old actor. */
  public int draw(double[] state, RandomGenerator random) {
    double[] probabilities = Vectors.softmax(oldActor.apply(state), 1);
    double left = random.nextDouble();
    for (int action = 0; action < probabilities.length - 1; action++) {
      left -= probabilities[action];
      if (left < 0) {
        return action;
      }
    }
    return probabilities.length - 1;
  }

  /**
   * Learns from a buffer, and takes the old copies from what it has learned.
   *
   * @param buffer episodes that the old actor drew, at least one, none empty
   */
  public void learn(List<List<Step>> buffer, RandomGenerator random) {
    List<List<Lesson>> lessons = standardised(buffer.stream().map(this::lessons).toList());
    for (int update = 0; update < settings.updates(); update++) {
      Interruption.check();
      var drawn = new ArrayList<Lesson>();
      for (int i = 0; i < settings.batch(); i++) {
        drawn.addAll(lessons.get(random.nextInt(lessons.size())));
      }
      for (Lesson lesson : drawn) {
        learn(lesson, 1.0 / drawn.size());
      }
      climb.step();
      descent.step();
    }
    oldActor = actor.copy();
    oldCritic = critic.copy();
  }

  /** With advantages of mean 0 and variance 1 over the buffer. */
  static List<List<Lesson>> standardised(List<List<Lesson>> lessons) {
    double[] advantages =
        lessons.stream().flatMap(List::stream).mapToDouble(Lesson::advantage).toArray();
    double mean = Vectors.mean(advantages);
    double variance = 0;
    for (double advantage : advantages) {
      variance += (advantage - mean) * (advantage - mean) / advantages.length;
    }
    double scale = 1 / Math.max(LEAST_DEVIATION, Math.sqrt(variance));
    return lessons.stream()
        .map(
            episode ->
                episode.stream()
                    .map(
                        its ->
                            new Lesson(
                                its.state(),
                                its.action(),
                                its.oldLogProbability(),
                                scale * (its.advantage() - mean),
                                its.target()))
                    .toList())
        .toList();
  }

  /** What is learned of an episode, its last step first. */
  List<Lesson> lessons(List<Step> episode) {
    var lessons = new ArrayList<Lesson>();
    double after = 0;
    double valueAfter = 0;
    for (Step step : episode.reversed()) {
      double value = oldCritic.apply(step.state())[0];
      double gain = step.reward() + settings.discount() * after;
      lessons.add(
          new Lesson(
              step.state(),
              step.action(),
              logProbability(oldActor.apply(step.state()), step.action()),
              (settings.advantage() == Advantage.RETURN ? gain : step.reward()) - value,
              step.reward() + settings.discount() * valueAfter));
      after = gain;
      valueAfter = value;
    }
    return lessons;
  }

  static double logProbability(double[] scores, int action) {
    return Math.log(Math.max(Double.MIN_NORMAL, Vectors.softmax(scores, 1)[action]));
  }

  private void learn(Lesson lesson, double share) {
    var acted = actor.pass(lesson.state());
    actor.descend(
        acted,
        scaled(
            share,
            slopes(
                acted.output(), lesson.action(), lesson.oldLogProbability(), lesson.advantage())),
        climb.gradient());
    var valued = critic.pass(lesson.state());
    critic.descend(
        valued,
        new double[] {share * 2 * (valued.output()[0] - lesson.target())},
        descent.gradient());
  }

  private static double[] scaled(double share, double[] slopes) {
    for (int i = 0; i < slopes.length; i++) {
      slopes[i] *= share;
    }
    return slopes;
  }

  /** What the actor's loss changes by with each of its scores. */
  double[] slopes(double[] scores, int action, double oldLogProbability, double advantage) {
    double[] p = Vectors.softmax(scores, 1);
    double ratio = Math.exp(logProbability(scores, action) - oldLogProbability);
    boolean clipped = advantage > 0 ? ratio > 1 + settings.clip() : ratio < 1 - settings.clip();
    double pull = clipped ? 0 : ratio * advantage;
    double entropy = settings.entropy() == 0 ? 0 : entropy(p);
    var slopes = new double[p.length];
    for (int k = 0; k < slopes.length; k++) {
      slopes[k] = -pull * ((k == action ? 1 : 0) - p[k]);
      if (settings.entropy() > 0 && p[k] > 0) {
        slopes[k] += settings.entropy() * p[k] * (Math.log(p[k]) + entropy);
      }
    }
    return slopes;
  }

  /** The actor's loss, which {@link #slopes} are the slopes of. */
  double loss(double[] scores, int action, double oldLogProbability, double advantage) {
    double ratio = Math.exp(logProbability(scores, action) - oldLogProbability);
    double near = Math.clamp(ratio, 1 - settings.clip(), 1 + settings.clip());
    return -Math.min(ratio * advantage, near * advantage)
        - settings.entropy() * entropy(Vectors.softmax(scores, 1));
  }

  private static double entropy(double[] p) {
    double entropy = 0;
    for (double its : p) {
      entropy -= its > 0 ? its * Math.log(its) : 0;
    }
    return entropy;
  }
}
