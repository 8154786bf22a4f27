package dev.tutti.registry.console;

import dev.tutti.generation.v1.CallKind;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.MemberCall;
import dev.tutti.method.v1.Family;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a cascade went through: each answer in the order in which it was looked at, then the members
 * that nobody asked.
 *
 * @param rungs in that order
 * @param least the score at the left end of the bars
 * @param most the one at the right end
 */
public record Rungs(List<Rung> rungs, String least, String most) {

  /** Bars are drawn in as many units. */
  private static final double WIDTH = 100;

  /**
   * An answer that was looked at, or who was not asked.
   *
   * @param member who gave it
   * @param what which of several it is; empty for the only one
   * @param state accepted, passed on, failed, or not asked
   * @param score that it got; null for none
   * @param threshold that it had to reach; null for none
   * @param bar length of the score's bar, 0 to 100; null for none
   * @param mark where the threshold is on it; null for none
   * @param costSoFarUsd what the request had cost then; null where nobody told
   * @param failure why it failed, or was left out; empty where it did not
   * @param answer cut; null where none was kept
   */
  public record Rung(
      String member,
      String what,
      String state,
      Double score,
      Double threshold,
      String bar,
      String mark,
      Double costSoFarUsd,
      String failure,
      String answer) {

    /** How the state is coloured. */
    public String look() {
      return switch (state) {
        case "accepted" -> "active";
        case "failed" -> "failed";
        default -> "";
      };
    }
  }

  private record Step(
      Candidate whose,
      String what,
      boolean given,
      Double score,
      Double threshold,
      Double costSoFarUsd,
      String failure,
      String answer) {}

  /** The rungs of a decision; null where no cascade made it. */
  static Rungs of(Decision decision) {
    List<Candidate> all = decision.getCandidatesList();
    if (decision.getFamily() != Family.FAMILY_CASCADE || all.isEmpty()) {
      return null;
    }
    List<Step> steps = all.stream().flatMap(Rungs::steps).toList();
    if (steps.stream().allMatch(step -> step.costSoFarUsd() != null)) {
      steps = steps.stream().sorted(Comparator.comparing(Step::costSoFarUsd)).toList();
    }
    List<Double> values =
        steps.stream()
            .flatMap(step -> Stream.of(optional(step.score()), optional(step.threshold())))
            .flatMap(s -> s)
            .filter(Double::isFinite)
            .toList();
    Axis axis = axis(values);
    var rungs = new ArrayList<Rung>();
    steps.forEach(step -> rungs.add(rung(step, axis)));
    all.stream()
        .filter(its -> steps(its).findAny().isEmpty())
        .forEach(its -> rungs.add(unasked(its)));
    return new Rungs(
        rungs,
        values.isEmpty() ? null : Axis.shown(axis.least()),
        values.isEmpty() ? null : Axis.shown(axis.most()));
  }

  /** Shares have a scale of their own; others go from their least to their greatest. */
  private static Axis axis(List<Double> values) {
    boolean shares = values.stream().allMatch(value -> value >= 0 && value <= 1);
    return shares ? new Axis(0, 1, false) : Axis.of(values);
  }

  private static Stream<Double> optional(Double value) {
    return Stream.ofNullable(value);
  }

  /** Its answers to the query; of a member that was called once, and for that, the one. */
  private static Stream<Step> steps(Candidate its) {
    List<MemberCall> answers =
        its.getCallsList().stream()
            .filter(call -> call.getKind() == CallKind.CALL_KIND_GENERATE)
            .filter(call -> call.getPurpose().isEmpty())
            .toList();
    if (its.getCallsCount() == 0) {
      return its.getCalled() || its.hasAnswer() || its.getChosen()
          ? Stream.of(
              new Step(
                  its,
                  "",
                  its.getChosen(),
                  its.hasScore() ? its.getScore() : null,
                  its.hasThreshold() ? its.getThreshold() : null,
                  its.hasCostSoFarUsd() ? its.getCostSoFarUsd() : null,
                  its.getFailure(),
                  its.hasAnswer() ? its.getAnswer() : null))
          : Stream.empty();
    }
    int given = given(its, answers);
    var steps = new ArrayList<Step>();
    for (int i = 0; i < answers.size(); i++) {
      MemberCall call = answers.get(i);
      steps.add(
          new Step(
              its,
              answers.size() == 1 ? "" : "answer %d of %d".formatted(i + 1, answers.size()),
              i == given,
              call.hasScore() ? call.getScore() : null,
              call.hasThreshold() ? call.getThreshold() : null,
              call.hasCostSoFarUsd() ? call.getCostSoFarUsd() : null,
              call.getFailure(),
              call.hasAnswer() ? call.getAnswer() : null));
    }
    return steps.stream();
  }

  /** Which of a chosen member's answers is given: the one that stands for it. */
  private static int given(Candidate its, List<MemberCall> answers) {
    if (!its.getChosen()) {
      return -1;
    }
    for (int i = answers.size() - 1; i >= 0; i--) {
      if (answers.get(i).getAnswer().equals(its.getAnswer())) {
        return i;
      }
    }
    return answers.size() - 1;
  }

  private static Rung rung(Step step, Axis axis) {
    String state = step.given() ? "accepted" : step.failure().isEmpty() ? "passed on" : "failed";
    return new Rung(
        step.whose().getMember(),
        step.what(),
        state,
        step.score(),
        step.threshold(),
        along(step.score(), axis),
        along(step.threshold(), axis),
        step.costSoFarUsd(),
        step.failure(),
        step.answer());
  }

  private static Rung unasked(Candidate its) {
    return new Rung(
        its.getMember(), "", "not asked", null, null, null, null, null, its.getFailure(), null);
  }

  private static String along(Double value, Axis axis) {
    return value == null || !Double.isFinite(value)
        ? null
        : Axis.units(Math.clamp(axis.share(value), 0, 1) * WIDTH);
  }
}
