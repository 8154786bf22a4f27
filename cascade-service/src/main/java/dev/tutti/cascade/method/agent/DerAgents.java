package dev.tutti.cascade.method.agent;

import dev.tutti.cascade.FittedCascade;
import dev.tutti.cascade.LearnedCascade;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.network.FeedForward;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Agents that say whom to ask next, one for each weight of cost that was trained for, and a
 * terminator that says how probable it is that an answer is good enough.
 *
 * @param members whom they know
 * @param sees what they see
 * @param questions axes of questions' embeddings
 * @param answers axes of answers' embeddings
 * @param actors each gives a score a member
 * @param terminator over a question, an answer and whose it is
 * @param points what was tuned: which agent (from 0; {@code -1 - m}: always the m-th member alone),
 *     and the least probability at which an answer is taken
 * @param returns a row an agent: the mean return of the episodes of each epoch
 * @param live questions that members were asked live about for the points; 0 where they stand on
 *     recorded answers
 */
record DerAgents(
    List<String> members,
    AgentState sees,
    EmbeddingAxes questions,
    EmbeddingAxes answers,
    List<FeedForward> actors,
    Terminator terminator,
    TunedPoints points,
    Matrix returns,
    int live)
    implements LearnedCascade {

  private static final String SHAPE = "shape";
  private static final String AGENT = "agent ";
  private static final String RETURNS = FittedCascade.RETURNS;
  private static final String LIVE = FittedCascade.LIVE;
  private static final String QUESTIONS = "questions";
  private static final String ANSWERS = "answers";

  /** Keeps its own copy. */
  DerAgents {
    members = List.copyOf(members);
    actors = List.copyOf(actors);
  }

  /** The same, with other points, for which members were asked about so many questions. */
  DerAgents with(TunedPoints others, int asked) {
    return new DerAgents(
        members, sees, questions, answers, actors, terminator, others, returns, asked);
  }

  /** What was learned before. */
  static DerAgents read(Parameters parameters) {
    Matrix shape = parameters.matrix(SHAPE);
    var actors = new ArrayList<FeedForward>();
    for (int agent = 0; agent < (int) shape.at(0, 2); agent++) {
      actors.add(Terminator.network(parameters, AGENT + agent + " "));
    }
    return new DerAgents(
        parameters.members(),
        new AgentState(
            (int) shape.at(0, 0),
            (int) shape.at(0, 1),
            parameters.members().size(),
            shape.at(0, 3) > 0),
        EmbeddingAxes.read(parameters, QUESTIONS),
        EmbeddingAxes.read(parameters, ANSWERS),
        actors,
        Terminator.read(parameters),
        TunedPoints.of(parameters),
        parameters.matrix(RETURNS),
        // Those of before do not tell.
        Optional.ofNullable(parameters.matrices().get(LIVE)).map(m -> (int) m.at(0, 0)).orElse(0));
  }

  @Override
  public Parameters parameters() {
    Parameters kept =
        Parameters.of(members)
            .with(
                SHAPE,
                Matrix.row(sees.dimensions(), sees.steps(), actors.size(), sees.signals() ? 1 : 0))
            .with(RETURNS, returns)
            .with(LIVE, live);
    for (int agent = 0; agent < actors.size(); agent++) {
      kept = Terminator.write(kept, AGENT + agent + " ", actors.get(agent));
    }
    kept = answers.write(questions.write(kept, QUESTIONS), ANSWERS);
    return points.with(terminator.write(kept));
  }

  /**
   * How much an agent would rather ask each member than the others: the higher the rather.
   *
   * @param agent as a point says it
   */
  double[] scores(int agent, double[] state) {
    if (agent >= 0) {
      return actors.get(agent).apply(state);
    }
    var scores = new double[members.size()];
    scores[-1 - agent] = 1;
    return scores;
  }

  /**
   * How probable it is that an answer is good enough.
   *
   * @param answer along its axes, as the question is
   */
  double probability(
      Optional<float[]> question, float[] answer, int member, AnswerSignals signals) {
    return terminator.probability(
        sees.judged(question, answer, member, signals), AgentState.tells(signals));
  }
}
