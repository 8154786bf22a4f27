package dev.tutti.registry.console;

import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.Shadow;
import dev.tutti.generation.v1.ShadowChoice;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whom a router could have asked, as a drawing of 660 by 360 units: expected cost to the right,
 * score upwards.
 *
 * @param points a member each, those with a score and an expected cost only
 * @param shadows the same members with the scores that a version in shadow gave them
 * @param costTicks along the bottom
 * @param scoreTicks along the left
 */
public record QualityCost(
    List<Point> points,
    List<Point> shadows,
    List<Axis.Tick> costTicks,
    List<Axis.Tick> scoreTicks) {

  private static final double LEFT = 70;
  private static final double RIGHT = 620;
  private static final double TOP = 20;
  private static final double BOTTOM = 310;
  private static final double INSET = 14;
  private static final double LINE = 15;

  /** More names than these would lie on each other: only who is chosen has one then. */
  private static final int NAMED = 12;

  private static final int LONGEST = 28;

  /**
   * A member.
   *
   * @param low where the score less its deviation is; null where there is none
   * @param high where the score and its deviation is
   * @param labelX where its name begins, or ends
   * @param anchor start or end
   * @param labelY of its name
   * @param label its name, cut; empty where it has no room
   * @param chosen whether it answered; of a shadow, whether it would have been asked first
   */
  public record Point(
      String x,
      String y,
      String low,
      String high,
      String labelX,
      String anchor,
      String labelY,
      String label,
      boolean chosen,
      String title) {}

  /** A member before it has its place. */
  private record Seen(String member, double usd, double score, double deviation, boolean chosen) {
    boolean isFinite() {
      return Double.isFinite(usd) && Double.isFinite(score) && Double.isFinite(deviation);
    }
  }

  /** The drawing of a decision; null where no member has both. */
  static QualityCost of(Decision decision) {
    List<Seen> seen =
        decision.getCandidatesList().stream()
            .filter(c -> c.hasScore() && c.hasExpectedUsd())
            .map(QualityCost::seen)
            .filter(Seen::isFinite)
            .toList();
    if (seen.isEmpty()) {
      return null;
    }
    List<Seen> shadowed =
        decision.getShadowsList().stream().limit(1).flatMap(s -> shadowed(decision, s)).toList();
    Axis cost = Axis.ofCosts(seen.stream().map(Seen::usd).toList());
    Axis score =
        Axis.of(
            Stream.concat(seen.stream(), shadowed.stream())
                .flatMap(s -> Stream.of(s.score() - s.deviation(), s.score() + s.deviation()))
                .toList());
    return new QualityCost(
        points(seen, cost, score, true),
        points(shadowed, cost, score, false),
        cost.ticks(QualityCost::across),
        score.ticks(QualityCost::up));
  }

  private static Seen seen(Candidate its) {
    return new Seen(
        its.getMember(), its.getExpectedUsd(), its.getScore(), its.getDeviation(), its.getChosen());
  }

  private static Stream<Seen> shadowed(Decision decision, Shadow shadow) {
    String first = shadow.getRankedCount() == 0 ? "" : shadow.getRanked(0).getMember();
    return shadow.getRankedList().stream()
        .flatMap(choice -> shadowed(decision, choice, first).stream())
        .filter(Seen::isFinite);
  }

  private static Optional<Seen> shadowed(Decision decision, ShadowChoice its, String first) {
    return decision.getCandidatesList().stream()
        .filter(c -> c.getMember().equals(its.getMember()) && c.hasExpectedUsd())
        .findFirst()
        .map(
            c ->
                new Seen(
                    its.getMember(),
                    c.getExpectedUsd(),
                    its.getScore(),
                    0,
                    its.getMember().equals(first)));
  }

  private static List<Point> points(List<Seen> seen, Axis cost, Axis score, boolean named) {
    var points = new ArrayList<Point>();
    double above = Double.NEGATIVE_INFINITY;
    for (Seen its : seen.stream().sorted(Comparator.comparing(Seen::score).reversed()).toList()) {
      double x = across(cost.share(its.usd()));
      double y = up(score.share(its.score()));
      boolean toTheLeft = x > (LEFT + RIGHT) / 2;
      boolean hasName = named && (seen.size() <= NAMED || its.chosen());
      // Names go down from the best, each below the one before.
      double labelY = hasName ? Math.max(y + 4, above + LINE) : y + 4;
      above = hasName ? labelY : above;
      boolean spread = its.deviation() > 0;
      points.add(
          new Point(
              Axis.units(x),
              Axis.units(y),
              spread ? Axis.units(up(score.share(its.score() - its.deviation()))) : null,
              spread ? Axis.units(up(score.share(its.score() + its.deviation()))) : null,
              Axis.units(toTheLeft ? x - 12 : x + 12),
              toTheLeft ? "end" : "start",
              Axis.units(labelY),
              hasName ? cut(its.member()) : "",
              its.chosen(),
              "%s: %s USD expected, score %s%s"
                  .formatted(
                      its.member(),
                      Axis.shown(its.usd()),
                      Axis.shown(its.score()),
                      spread ? " +- " + Axis.shown(its.deviation()) : "")));
    }
    return points;
  }

  private static double across(double share) {
    return LEFT + INSET + share * (RIGHT - LEFT - 2 * INSET);
  }

  private static double up(double share) {
    return BOTTOM - INSET - share * (BOTTOM - TOP - 2 * INSET);
  }

  private static String cut(String name) {
    return name.length() <= LONGEST ? name : name.substring(0, LONGEST) + "...";
  }
}
