package dev.tutti.cascade.method.agent;

import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.method.agent.StepAnswers.Heard;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.numerics.network.ProximalPolicy;
import dev.tutti.numerics.network.ProximalPolicy.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/**
 * Episodes over what members said: recorded, each to the question as it was asked, and, where
 * members are asked live, to the question with the answer so far.
 */
final class RecordedSteps {

  private final DerFit.Settings settings;
  private final AgentState sees;
  private final int members;
  private final List<Optional<float[]>> questions;
  private final StepAnswers answers;

  RecordedSteps(
      RecordedOutcomes data,
      DerFit.Settings settings,
      AgentState sees,
      EmbeddingAxes questionAxes,
      EmbeddingAxes answerAxes) {
    this(data, settings, sees, questionAxes, answerAxes, Optional.empty());
  }

  /**
   * Episodes.
   *
   * @param live who answers what is not recorded
   */
  RecordedSteps(
      RecordedOutcomes data,
      DerFit.Settings settings,
      AgentState sees,
      EmbeddingAxes questionAxes,
      EmbeddingAxes answerAxes,
      Optional<HandedOn> live) {
    this.settings = settings;
    this.sees = sees;
    this.members = data.members().size();
    this.questions =
        data.rows().stream().map(row -> row.embedding().flatMap(questionAxes::along)).toList();
    this.answers = new StepAnswers(data, settings, answerAxes, live);
  }

  int size() {
    return answers.size();
  }

  /** What members say. */
  StepAnswers answers() {
    return answers;
  }

  /** Whether an answer is good enough. */
  boolean isGood(Said said) {
    return said.quality() >= settings.p0();
  }

  /** What the terminator sees of an answer. */
  float[] judged(Heard its) {
    return judged(its, its.said().signals());
  }

  /** The same, of an answer that tells no log-probabilities. */
  float[] judgedByText(Heard its) {
    return judged(its, AnswerSignals.NONE);
  }

  private float[] judged(Heard its, AnswerSignals signals) {
    return sees.judged(
        questions.get(its.row()), its.said().along().orElseThrow(), its.said().member(), signals);
  }

  private double[] state(int row, int step, Optional<Said> last) {
    return sees.of(
        questions.get(row),
        last.flatMap(Said::along),
        step,
        last.map(Said::member).orElse(AgentState.NOBODY));
  }

  /**
   * Equations 3 and 4.
   *
   * @param step from 0
   * @param last what was said before; empty at first
   */
  double reward(int step, Said said, Optional<Said> last, double alpha) {
    double p = said.quality();
    double reward = p - alpha * said.cost();
    if (step > 0) {
      reward += settings.beta() * (p - last.orElseThrow().quality());
    }
    if (p >= settings.p0()) {
      return reward + settings.gamma();
    }
    return step + 1 == settings.steps() ? reward - settings.gamma() : reward;
  }

  /**
   * An episode as an agent in training draws it; its rewards are divided by {@link
   * StepAnswers#size}.
   *
   * @return empty where the money does not pay for it
   */
  Optional<List<Step>> draw(int row, double alpha, ProximalPolicy policy, RandomGenerator random) {
    var steps = new ArrayList<Step>();
    Optional<Said> last = Optional.empty();
    Optional<Said> handed = Optional.empty();
    double size = answers.size(alpha);
    for (int step = 0; step < settings.steps(); step++) {
      double[] state = state(row, step, last);
      int member = policy.draw(state, random);
      Optional<Said> said = answers.said(row, member, handed);
      if (said.isEmpty()) {
        return Optional.empty();
      }
      steps.add(new Step(state, member, reward(step, said.get(), last, alpha) / size));
      if (isGood(said.get())) {
        break;
      }
      last = said;
      handed = said.get().text().isPresent() ? said : handed;
    }
    return Optional.of(steps);
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
   * The greedy way through a question, as {@link Der} goes it: up to the last step, unless an
   * answer is taken whatever the threshold, and on where everybody failed.
   *
   * @param scores of a state, one a member
   * @param threshold the greatest by which the route is read
   * @return empty where the money does not pay for it
   */
  Optional<List<Taken>> route(
      int row, UnaryOperator<double[]> scores, Terminator terminator, float threshold) {
    var route = new ArrayList<Taken>();
    var left = new ArrayList<Integer>();
    for (int m = 0; m < members; m++) {
      left.add(m);
    }
    var unasked = new ArrayList<>(left);
    Optional<Said> last = Optional.empty();
    Optional<Said> handed = Optional.empty();
    for (int step = 0; step < settings.steps() && !left.isEmpty(); step++) {
      double[] of = scores.apply(state(row, step, last));
      int best = left.getFirst();
      for (int m : left) {
        best = of[m] > of[best] ? m : best;
      }
      Optional<Said> said = answers.said(row, best, handed);
      if (said.isEmpty()) {
        return Optional.empty();
      }
      Taken taken = taken(row, said.get(), terminator);
      route.add(taken);
      unasked.remove((Integer) best);
      if (taken.failed()) {
        left.remove((Integer) best);
      } else if (threshold <= 0 || taken.probability() >= threshold) {
        return Optional.of(route);
      }
      last = said;
      handed = said.get().text().isPresent() ? said : handed;
    }
    boolean silent = route.stream().allMatch(taken -> Double.isNaN(taken.probability()));
    while (silent && route.getLast().failed() && !unasked.isEmpty()) {
      Optional<Said> said = answers.said(row, unasked.removeFirst(), Optional.empty());
      if (said.isEmpty()) {
        return Optional.empty();
      }
      route.add(taken(row, said.get(), terminator));
    }
    return Optional.of(route);
  }

  private Taken taken(int row, Said said, Terminator terminator) {
    double probability =
        said.along().isPresent()
            ? terminator.probability(judged(new Heard(row, said)), said.tells())
            : Double.NaN;
    return new Taken(said.member(), probability, said.usd(), said.score());
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
