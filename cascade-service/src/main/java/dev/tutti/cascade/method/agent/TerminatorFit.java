package dev.tutti.cascade.method.agent;

import dev.tutti.cascade.method.agent.StepAnswers.Heard;
import dev.tutti.numerics.Shuffle;
import dev.tutti.numerics.network.ClassifierFit;
import dev.tutti.numerics.network.FeedForward;
import dev.tutti.numerics.network.FeedForward.Activation;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * How the terminator learns: from all recorded answers, those that no agent would ask for too, and
 * those that members gave live: {@value #MOST_JUDGED} at most, drawn at random. Where
 * log-probabilities are looked at it learns from the same answers once more, as if they told none.
 */
final class TerminatorFit {

  private static final int MOST_JUDGED = 50_000;
  private static final int UNITS = 32;
  private static final double RATE = 1e-3;
  private static final int BATCH = 32;
  private static final int ROUNDS = 30;
  private static final int PATIENCE = 3;

  private TerminatorFit() {}

  static Terminator fit(RecordedSteps answers, AgentState sees, RandomGenerator random) {
    List<Heard> all = answers.answers().heard();
    int[] order = Shuffle.of(all.size(), random);
    List<Heard> drawn = Arrays.stream(order).limit(MOST_JUDGED).mapToObj(all::get).toList();
    var good = new boolean[drawn.size()];
    for (int i = 0; i < good.length; i++) {
      good[i] = answers.isGood(drawn.get(i).said());
    }
    FeedForward network = fit(drawn, answers::judged, good, random);
    return new Terminator(
        network, sees.signals() ? fit(drawn, answers::judgedByText, good, random) : network);
  }

  private static FeedForward fit(
      List<Heard> drawn, Function<Heard, float[]> seen, boolean[] good, RandomGenerator random) {
    List<float[]> inputs = drawn.stream().map(seen).toList();
    return FeedForward.of(
        Activation.TANH,
        new ClassifierFit(inputs, good, Activation.TANH, random, UNITS)
            .fit(RATE, BATCH, ROUNDS, PATIENCE, random));
  }
}
