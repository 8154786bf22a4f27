package dev.tutti.registry.dataset;

import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Who may write together: the <em>determine</em> step of UniTE (Yao et al. 2024, arXiv 2410.03777).
 * Models help each other token by token where their scores are close, by about 10 % of the best
 * one's, and their answers alike in style. The best member is the one of the highest mean score
 * over the queries that all members answered; a partner is who is near to it in score and in the
 * length and the lines of its answers. (UniTE then adds the next best while that helps, which
 * nobody can tell before they write.)
 *
 * @param queries number of queries that all members answered
 * @param members the highest score first, of equal ones by name
 */
public record Partners(long queries, List<Standing> members) {

  /**
   * Who is near enough.
   *
   * @param within most that a score may be below the best one, as a share of that; at least 0
   * @param styleRatio most by which answers may be longer, or have more lines, in the mean; at
   *     least 1
   */
  public record Rule(double within, double styleRatio) {

    /** About 10 %, as in the paper; twice as long, as there is nothing published. */
    public static final Rule DEFAULT = new Rule(.1, 2);
  }

  /**
   * How answers look.
   *
   * @param characters of an answer, in the mean
   * @param lines of an answer, in the mean, at least 1
   */
  public record Style(double characters, double lines) {

    private double ratio(Style other) {
      return Math.max(
          ratio(Math.max(1, characters), Math.max(1, other.characters)), ratio(lines, other.lines));
    }

    private static double ratio(double a, double b) {
      return Math.max(a, b) / Math.min(a, b);
    }
  }

  /**
   * One member.
   *
   * @param score mean over the queries that all answered
   * @param gap how far below the best, as a share of the best score's size; infinite where that is
   *     0
   * @param style empty where its answers were not recorded
   * @param partner whether it may write with the best; the best one itself may
   * @param reason why, or why not
   */
  public record Standing(
      String member,
      double score,
      double gap,
      Optional<Style> style,
      boolean partner,
      String reason) {}

  /** What one member did so far. */
  private static final class Sums {
    private double score;
    private long answers;
    private double characters;
    private double lines;

    private Optional<Style> style() {
      return answers == 0
          ? Optional.empty()
          : Optional.of(new Style(characters / answers, lines / answers));
    }
  }

  /** Reads queries one by one. */
  public static final class Count {

    private final Map<String, Sums> sums = new TreeMap<>();
    private long queries;

    /** Of these members. */
    public Count(Set<String> members) {
      members.forEach(member -> sums.put(member, new Sums()));
    }

    /** Counts a query where all members answered it. */
    public void add(RecordedQuery query) {
      var its = new HashMap<String, Outcome>();
      for (Outcome outcome : query.getOutcomesList()) {
        if (sums.containsKey(outcome.getMember())) {
          its.put(outcome.getMember(), outcome);
        }
      }
      if (its.size() < sums.size()) {
        return;
      }
      queries++;
      its.forEach(
          (member, outcome) -> {
            Sums sum = sums.get(member);
            sum.score += outcome.getScore();
            if (outcome.hasResponse()) {
              String answer = outcome.getResponse().strip();
              sum.answers++;
              sum.characters += answer.codePointCount(0, answer.length());
              sum.lines += Math.max(1, answer.lines().count());
            }
          });
    }

    /** Who may write with whom; nobody where no query was answered by all. */
    public Partners by(Rule rule) {
      if (queries == 0 || sums.isEmpty()) {
        return new Partners(0, List.of());
      }
      List<Map.Entry<String, Sums>> ranked = new ArrayList<>(sums.entrySet());
      ranked.sort(Comparator.comparingDouble(entry -> -entry.getValue().score));
      Map.Entry<String, Sums> best = ranked.getFirst();
      return new Partners(
          queries, ranked.stream().map(entry -> standing(entry, best, rule)).toList());
    }

    private Standing standing(
        Map.Entry<String, Sums> entry, Map.Entry<String, Sums> best, Rule rule) {
      double score = entry.getValue().score / queries;
      double most = best.getValue().score / queries;
      double gap = score == most ? 0 : (most - score) / Math.abs(most);
      Optional<Style> style = entry.getValue().style();
      Optional<Style> bestStyle = best.getValue().style();
      String reason;
      boolean partner = false;
      if (entry == best) {
        reason = "It has the best score.";
        partner = true;
      } else if (gap > rule.within()) {
        reason = "Its score is too far below the best.";
      } else if (style.isEmpty() || bestStyle.isEmpty()) {
        reason = "Answers are not recorded, so nobody knows whether they are alike in style.";
      } else if (style.get().ratio(bestStyle.get()) > rule.styleRatio()) {
        reason = "Its answers are longer or shorter than those of the best, by too much.";
      } else {
        reason = "It is near to the best in score and style.";
        partner = true;
      }
      return new Standing(entry.getKey(), score, gap, style, partner, reason);
    }
  }
}
