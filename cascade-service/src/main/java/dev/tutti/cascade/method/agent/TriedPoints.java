package dev.tutti.cascade.method.agent;

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
   * What was tried.
   *
   * @param live questions that members were asked live about; 0 where recorded answers were taken
   */
  record Tried(List<TunedPoints.Point> points, int live) {}

  /**
   * Tries them; where members answer live on as many questions as the money pays for, and where
   * these are too few on recorded answers, each to the question as it was asked.
   */
  Tried points(Progress progress) {
    Optional<HandedOn> members = episodes.answers().live();
    int live = members.map(its -> paid(its, progress)).orElse(0);
    int rows = live > 0 ? live : episodes.size();
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
    return new Tried(tried, live);
  }

  /** Asks for whatever is needed, question by question; 0 where that pays for too few. */
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
          return enough(row, live, progress);
        }
      }
    }
    return episodes.size();
  }

  /** What was paid by now is not lost: agents have learned. */
  private int enough(int rows, HandedOn live, Progress progress) {
    if (rows >= Math.min(FEW, episodes.size())) {
      return rows;
    }
    live.close();
    progress.told(
        episodes.size(),
        episodes.size(),
        "tune: the money left pays for %d questions only, thresholds are chosen on recorded answers"
            .formatted(rows));
    return 0;
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
