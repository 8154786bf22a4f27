package dev.tutti.cascade.method.agent;

import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.kit.calls.AnswerSignals;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What members say in each step: recorded answers, each to the question as it was asked, and, where
 * members are asked live, answers to the question with the answer so far. Without them nothing of
 * an answer reaches whoever is asked next, and an answer that was not recorded is one that failed:
 * its quality is 0, and it costs what the member's answers cost on average. For one thread.
 */
final class StepAnswers {

  private final RecordedOutcomes data;
  private final DerFit.Settings settings;
  private final EmbeddingAxes axes;
  private final Optional<HandedOn> live;
  private final Said[][] recorded;
  private final Map<Asked, Said> told = new HashMap<>();
  private final List<Heard> heard = new ArrayList<>();
  private final double scale;
  private final double greatest;
  private final double mostCost;

  /** A live call: places of question and member, and the answer that was handed on. */
  private record Asked(int row, int member, Optional<String> handed) {}

  /** An answer with an embedding, and the place of the question that it is to. */
  record Heard(int row, Said said) {}

  /**
   * Answers.
   *
   * @param live who answers what is not recorded; then an answer is worth its quality
   */
  StepAnswers(
      RecordedOutcomes data,
      DerFit.Settings settings,
      EmbeddingAxes axes,
      Optional<HandedOn> live) {
    this.data = data;
    this.settings = settings;
    this.axes = axes;
    this.live = live;
    int members = data.members().size();
    var means = new double[members];
    double dearest = 0;
    for (int m = 0; m < members; m++) {
      means[m] = data.usd(m);
      dearest = means[m] > dearest ? means[m] : dearest;
    }
    this.scale = settings.costScale() > 0 ? settings.costScale() : dearest > 0 ? 1 / dearest : 1;
    this.recorded = new Said[data.rows().size()][members];
    double most = live.isPresent() ? 1 : 0;
    double dearestCost = 0;
    for (int i = 0; i < recorded.length; i++) {
      for (int m = 0; m < members; m++) {
        Optional<Recorded> its = data.rows().get(i).outcomes().get(m);
        Said said = said(i, m, its, its.map(Recorded::usd).orElse(0.0), means[m]);
        recorded[i][m] = said;
        most = Math.max(most, Math.abs(said.quality()));
        dearestCost = Math.max(dearestCost, said.cost());
        if (said.along().isPresent()) {
          heard.add(new Heard(i, said));
        }
      }
    }
    this.greatest = most * (1 + settings.beta()) + settings.gamma();
    this.mostCost = dearestCost;
  }

  /**
   * What an answer is.
   *
   * @param usual what it costs where there is none; NaN where nobody knows
   */
  private Said said(int row, int member, Optional<Recorded> its, double usd, double usual) {
    double quality =
        its.map(answer -> settings.quality().of(answer, data.rows().get(row))).orElse(0.0);
    double cost = its.map(Recorded::usd).orElse(usual);
    return new Said(
        member,
        its.map(Recorded::text).filter(text -> !text.isBlank()),
        its.flatMap(Recorded::embedding).flatMap(axes::along),
        its.map(Recorded::signals).orElse(AnswerSignals.NONE),
        quality,
        Double.isNaN(cost) ? 0 : scale * cost,
        usd,
        its.map(answer -> live.isPresent() ? quality : answer.score()).orElse(Double.NaN));
  }

  int size() {
    return recorded.length;
  }

  /** Who answers what is not recorded. */
  Optional<HandedOn> live() {
    return live;
  }

  /** All answers that were looked at so far, the recorded ones first, row by row. */
  List<Heard> heard() {
    return heard;
  }

  /**
   * What a member makes of a question.
   *
   * @param handed the answer so far, which says something; empty where there is none
   * @return empty where the money does not pay for it
   */
  Optional<Said> said(int row, int member, Optional<Said> handed) {
    Said asAsked = recorded[row][member];
    Optional<HandedOn> open = live.filter(HandedOn::isOpen);
    Optional<String> before =
        open.filter(HandedOn::hands).isPresent() ? handed.flatMap(Said::text) : Optional.empty();
    if (open.isEmpty() || before.isEmpty() && !Double.isNaN(asAsked.score())) {
      return Optional.of(asAsked);
    }
    var asked = new Asked(row, member, before);
    if (!told.containsKey(asked)) {
      open.get()
          .ask(data.rows().get(row), member, before)
          .map(its -> said(row, member, its.answer(), its.usd(), its.usd()))
          .ifPresent(said -> keep(asked, said));
    }
    return Optional.ofNullable(told.get(asked));
  }

  private void keep(Asked asked, Said said) {
    told.put(asked, said);
    if (said.along().isPresent()) {
      heard.add(new Heard(asked.row(), said));
    }
  }

  /** Rewards divided by this are of the size of 1, whatever the settings and the unit of cost. */
  double size(double alpha) {
    double size = greatest + alpha * mostCost;
    return size > 0 ? size : 1;
  }
}
