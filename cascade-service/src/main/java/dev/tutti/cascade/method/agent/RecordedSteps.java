package dev.tutti.cascade.method.agent;

import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.numerics.network.ProximalPolicy;
import dev.tutti.numerics.network.ProximalPolicy.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/**
 * Episodes over recorded answers, each to the question as it was asked: nothing of an answer
 * reaches whoever is asked next. An answer that was not recorded is one that failed: its quality is
 * 0, and it costs what the member's answers cost on average.
 */
final class RecordedSteps {

  private final RecordedOutcomes data;
  private final DerFit.Settings settings;
  private final AgentState sees;
  private final double[][] quality;
  private final double[][] cost;
  private final List<Optional<float[]>> questions = new ArrayList<>();
  private final List<List<Optional<float[]>>> answers = new ArrayList<>();
  private final double greatest;
  private final double mostCost;

  RecordedSteps(
      RecordedOutcomes data,
      DerFit.Settings settings,
      AgentState sees,
      EmbeddingAxes questionAxes,
      EmbeddingAxes answerAxes) {
    this.data = data;
    this.settings = settings;
    this.sees = sees;
    for (Row row : data.rows()) {
      questions.add(row.embedding().flatMap(questionAxes::along));
      answers.add(
          row.outcomes().stream()
              .map(its -> its.flatMap(Recorded::embedding).flatMap(answerAxes::along))
              .toList());
    }
    int members = data.members().size();
    this.quality = new double[data.rows().size()][members];
    this.cost = new double[data.rows().size()][members];
    double most = 0;
    double dearest = 0;
    for (int m = 0; m < members; m++) {
      double mean = data.usd(m);
      dearest = mean > dearest ? mean : dearest;
      for (int i = 0; i < quality.length; i++) {
        Row row = data.rows().get(i);
        Optional<Recorded> its = row.outcomes().get(m);
        quality[i][m] = its.map(answer -> settings.quality().of(answer, row)).orElse(0.0);
        cost[i][m] = its.map(Recorded::usd).orElse(mean);
        most = Math.max(most, Math.abs(quality[i][m]));
      }
    }
    double scale = settings.costScale() > 0 ? settings.costScale() : dearest > 0 ? 1 / dearest : 1;
    double dearestCost = 0;
    for (double[] its : cost) {
      for (int m = 0; m < members; m++) {
        its[m] = Double.isNaN(its[m]) ? 0 : scale * its[m];
        dearestCost = Math.max(dearestCost, its[m]);
      }
    }
    this.greatest = most * (1 + settings.beta()) + settings.gamma();
    this.mostCost = dearestCost;
  }

  int size() {
    return quality.length;
  }

  /** Whether an answer is good enough. */
  boolean isGood(int row, int member) {
    return quality[row][member] >= settings.p0();
  }

  /** An answer along its axes; empty where there is none, or it has no text. */
  Optional<float[]> answer(int row, int member) {
    return member == AgentState.NOBODY ? Optional.empty() : answers.get(row).get(member);
  }

  /** What the terminator sees of an answer that has a text. */
  float[] judged(int row, int member) {
    return judged(row, member, signals(row, member));
  }

  /** The same, of an answer that tells no log-probabilities. */
  float[] judgedByText(int row, int member) {
    return judged(row, member, AnswerSignals.NONE);
  }

  private float[] judged(int row, int member, AnswerSignals its) {
    return sees.judged(questions.get(row), answer(row, member).orElseThrow(), member, its);
  }

  private AnswerSignals signals(int row, int member) {
    return data.rows().get(row).outcomes().get(member).orElseThrow().signals();
  }

  private boolean tells(int row, int member) {
    return AgentState.tells(signals(row, member));
  }

  double[] state(int row, int step, int last) {
    return sees.of(questions.get(row), answer(row, last), step, last);
  }

  /**
   * Equations 3 and 4.
   *
   * @param step from 0
   * @param last who was asked before; {@link AgentState#NOBODY} at first
   */
  double reward(int row, int step, int member, int last, double alpha) {
    double p = quality[row][member];
    double reward = p - alpha * cost[row][member];
    if (step > 0) {
      reward += settings.beta() * (p - quality[row][last]);
    }
    if (p >= settings.p0()) {
      return reward + settings.gamma();
    }
    return step + 1 == settings.steps() ? reward - settings.gamma() : reward;
  }

  /** Rewards divided by this are of the size of 1, whatever the settings and the unit of cost. */
  double size(double alpha) {
    double size = greatest + alpha * mostCost;
    return size > 0 ? size : 1;
  }

  /** An episode as an agent in training draws it; its rewards are divided by {@link #size}. */
  List<Step> draw(int row, double alpha, ProximalPolicy policy, RandomGenerator random) {
    var steps = new ArrayList<Step>();
    int last = AgentState.NOBODY;
    double size = size(alpha);
    for (int step = 0; step < settings.steps(); step++) {
      double[] state = state(row, step, last);
      int member = policy.draw(state, random);
      steps.add(new Step(state, member, reward(row, step, member, last, alpha) / size));
      if (isGood(row, member)) {
        break;
      }
      last = member;
    }
    return steps;
  }

  /**
   * What an agent does with a question, and the terminator says of it.
   *
   * @param member who was asked
   * @param probability of a good answer; NaN where there is none with a text
   * @param usd what it did cost, in the dataset's unit
   * @param score what it is worth; NaN where it failed
   */
  record Taken(int member, double probability, double usd, double score) {

    boolean failed() {
      return Double.isNaN(score);
    }
  }

  /**
   * The greedy way through a question, as {@link Der} goes it: up to the last step, whatever the
   * answers are, and on where everybody failed.
   *
   * @param scores of a state, one a member
   */
  List<Taken> route(int row, UnaryOperator<double[]> scores, Terminator terminator) {
    var route = new ArrayList<Taken>();
    var left = new ArrayList<Integer>();
    int members = data.members().size();
    for (int m = 0; m < members; m++) {
      left.add(m);
    }
    var unasked = new ArrayList<>(left);
    int last = AgentState.NOBODY;
    for (int step = 0; step < settings.steps() && !left.isEmpty(); step++) {
      double[] of = scores.apply(state(row, step, last));
      int best = left.getFirst();
      for (int m : left) {
        best = of[m] > of[best] ? m : best;
      }
      route.add(taken(row, best, terminator));
      unasked.remove((Integer) best);
      if (route.getLast().failed()) {
        left.remove((Integer) best);
      }
      last = best;
    }
    boolean silent = route.stream().allMatch(taken -> Double.isNaN(taken.probability()));
    while (silent && route.getLast().failed() && !unasked.isEmpty()) {
      route.add(taken(row, unasked.removeFirst(), terminator));
    }
    return route;
  }

  private Taken taken(int row, int member, Terminator terminator) {
    Optional<Recorded> its = data.rows().get(row).outcomes().get(member);
    if (its.isEmpty()) {
      return new Taken(member, Double.NaN, 0, Double.NaN);
    }
    double probability =
        answer(row, member).isPresent()
            ? terminator.probability(judged(row, member), tells(row, member))
            : Double.NaN;
    return new Taken(member, probability, its.get().usd(), its.get().score());
  }

  /**
   * What is given at the end of a route, where answers of at least a probability are taken.
   *
   * @param score what it is worth; 0 of nothing
   * @param usd what it did cost
   */
  record Given(double score, double usd) {}

  Given given(List<Taken> route, double threshold) {
    double usd = 0;
    double score = 0;
    boolean says = false;
    for (int i = 0; i < route.size(); i++) {
      Taken taken = route.get(i);
      usd += taken.usd();
      if (taken.failed()) {
        continue;
      }
      boolean reply = !Double.isNaN(taken.probability());
      if (i + 1 >= settings.steps() || threshold <= 0 || taken.probability() >= threshold) {
        return new Given(taken.score(), usd);
      }
      if (reply || !says) {
        score = taken.score();
        says |= reply;
      }
    }
    return new Given(score, usd);
  }
}
