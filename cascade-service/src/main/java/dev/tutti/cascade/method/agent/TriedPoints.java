package dev.tutti.cascade.method.agent;

import dev.tutti.cascade.BudgetException;
import dev.tutti.cascade.FittedCascade.Progress;
import dev.tutti.cascade.method.agent.RecordedSteps.Given;
import dev.tutti.cascade.method.agent.RecordedSteps.Taken;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.numerics.Interruption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What every agent at every threshold gives, and each member alone. */
final class TriedPoints {

  /** Thresholds that are tried, from 0 in equal steps. */
  private static final int THRESHOLDS = 20;

  private static final float GREATEST = (THRESHOLDS - 1f) / THRESHOLDS;

  /** Fewer questions choose nothing, where there are more. */
  private static final int FEW = 10;

  private final DerAgents agents;
  private final RecordedSteps episodes;

  TriedPoints(DerAgents agents, RecordedSteps episodes) {
    this.agents = agents;
    this.episodes = episodes;
  }

  /**
   * Tries them; where members answer live on as many questions as the money pays for.
   *
   * @throws BudgetException where it pays too few
   */
  List<TunedPoints.Point> points(Progress progress) {
    int rows = episodes.size();
    if (episodes.answers().live().isPresent()) {
      rows = paid(episodes.answers().live().get(), progress);
    }
    var tried = new ArrayList<TunedPoints.Point>();
    for (int agent = -agents.members().size(); agent < agents.actors().size(); agent++) {
      var routes = new ArrayList<List<Taken>>();
      for (int row = 0; row < rows; row++) {
        routes.add(route(row, agent).orElseThrow());
      }
      for (int t = 0; t < (agent < 0 ? 1 : THRESHOLDS); t++) {
        tried.add(point(routes, agent, (float) t / THRESHOLDS));
      }
    }
    return tried;
  }

  /** Asks for whatever is needed, question by question. */
  private int paid(HandedOn live, Progress progress) {
    live.reserve(0);
    for (int row = 0; row < episodes.size(); row++) {
      progress.told(
          row,
          episodes.size(),
          "tune: question %d of %d, %.4f US dollars are left"
              .formatted(row + 1, episodes.size(), live.usdLeft()));
      for (int agent = -agents.members().size(); agent < agents.actors().size(); agent++) {
        if (route(row, agent).isEmpty()) {
          return requireSome(row);
        }
      }
    }
    return episodes.size();
  }

  private int requireSome(int rows) {
    int least = Math.min(FEW, episodes.size());
    if (rows < least) {
      throw new BudgetException(
          "The money left after training pays members' answers to %d of %d questions that thresholds are chosen on; at least %d are needed. Choose a higher budget_usd, fewer alpha, or lower steps; costs in the dataset must be US dollars."
              .formatted(rows, episodes.size(), least));
    }
    return rows;
  }

  private Optional<List<Taken>> route(int row, int agent) {
    Interruption.check();
    return episodes.route(
        row, state -> agents.scores(agent, state), agents.terminator(), agent < 0 ? 0 : GREATEST);
  }

  private TunedPoints.Point point(List<List<Taken>> routes, int agent, float threshold) {
    double usd = 0;
    double score = 0;
    for (List<Taken> route : routes) {
      Given given = episodes.given(route, threshold);
      usd += given.usd() / routes.size();
      score += given.score() / routes.size();
    }
    return new TunedPoints.Point(usd, score, new float[] {agent, threshold});
  }
}
