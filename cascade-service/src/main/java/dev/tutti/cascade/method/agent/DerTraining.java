package dev.tutti.cascade.method.agent;

import dev.tutti.cascade.FittedCascade.Progress;
import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Shuffle;
import dev.tutti.numerics.network.FeedForward;
import dev.tutti.numerics.network.FeedForward.Activation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Training as {@link DerFit} has it: the agents, then the terminator, then the threshold. */
final class DerTraining {

  /** Share of the questions that thresholds are chosen on. */
  private static final double ASIDE = .2;

  /** Before anything is tuned. */
  private static final TunedPoints UNKNOWN =
      new TunedPoints(List.of(new TunedPoints.Point(0, 0, new float[2])), 0);

  /** Fewer questions are not parted. */
  private static final int FEW = 10;

  private DerTraining() {}

  /**
   * Trains.
   *
   * @param live who answers what is not recorded
   * @throws dev.tutti.cascade.BudgetException where the money does not do
   * @throws IllegalArgumentException when the data are nothing that it can learn from
   */
  static DerAgents of(
      RecordedOutcomes data,
      DerFit.Settings settings,
      RandomGenerator random,
      Progress progress,
      Optional<HandedOn> live) {
    if (settings.alpha().isEmpty()) {
      throw new IllegalArgumentException("alpha is empty; at least one weight of cost is needed.");
    }
    List<float[]> asked = data.rows().stream().flatMap(row -> row.embedding().stream()).toList();
    List<float[]> said =
        data.rows().stream()
            .flatMap(row -> row.outcomes().stream())
            .flatMap(its -> its.flatMap(Recorded::embedding).stream())
            .toList();
    if (asked.isEmpty() || said.isEmpty()) {
      throw new IllegalArgumentException(
          "No %s has a text; der looks at both the question and the answer."
              .formatted(asked.isEmpty() ? "question" : "answer"));
    }
    AgentFit.requireSignals(data, settings);
    EmbeddingAxes questions = EmbeddingAxes.of(asked, settings.axes(), random);
    EmbeddingAxes answers = EmbeddingAxes.of(said, settings.axes(), random);
    var sees =
        new AgentState(
            questions.axes().rows(), settings.steps(), data.members().size(), settings.signals());
    AgentFit.requireRoom(sees, settings);
    RecordedOutcomes worth = live.isPresent() ? live.get().graded(data, progress) : data;
    int size = worth.rows().size();
    int[] order = Shuffle.of(size, random);
    int aside = size < FEW ? size : (int) Math.ceil(ASIDE * size);
    int[] mine = size < FEW ? order : Arrays.copyOfRange(order, aside, size);
    var episodes = new RecordedSteps(worth.at(mine), settings, sees, questions, answers, live);
    var tuned =
        new RecordedSteps(
            worth.at(Arrays.copyOf(order, aside)), settings, sees, questions, answers, live);
    var actors = new ArrayList<FeedForward>();
    var returns = new Matrix(settings.alpha().size(), settings.epochs());
    for (int agent = 0; agent < settings.alpha().size(); agent++) {
      actors.add(kept(AgentFit.fit(episodes, sees, settings, agent, returns, random, progress)));
    }
    progress.told(returns.values().length, returns.values().length, "train: the terminator");
    Terminator terminator = TerminatorFit.fit(episodes, sees, random);
    var agents =
        new DerAgents(
            data.members(), sees, questions, answers, actors, terminator, UNKNOWN, returns, 0);
    TriedPoints.Tried tried = new TriedPoints(agents, tuned).points(progress);
    return agents.with(TunedPoints.of(tried.points(), settings.budget()), tried.live());
  }

  /** As it is kept, so that what is measured is what is read. */
  private static FeedForward kept(FeedForward network) {
    return FeedForward.of(Activation.TANH, network.layers());
  }
}
