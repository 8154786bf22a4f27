package dev.tutti.registry.console;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.tutti.generation.v1.CallKind;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.MemberCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A member in a decision, as it is shown. What is null was not told.
 *
 * @param number its place in the recipe, from 1
 * @param member its name
 * @param as its name in datasets; empty where that is its own
 * @param role empty where the method has none
 * @param state chosen, called, brought or left: whether it was asked, and its answer given
 * @param score the method's own
 * @param deviation standard deviation of the score
 * @param propensity probability of being chosen
 * @param weight in the answer, 0 to 1
 * @param expectedUsd what its call was expected to cost
 * @param usd what it did
 * @param seconds how long it took
 * @param failure why it failed, or was left out; empty where it did not
 * @param answer cut, as the method compared it; null where none was kept
 * @param signals what its answer said about itself
 * @param sampling its own, by the recipe
 * @param decisions ids of its own decisions
 * @param calls each of them, where there were several
 * @param callsLeftOut how many more
 */
public record CandidateRow(
    int number,
    String member,
    String as,
    String role,
    String state,
    Double score,
    Double deviation,
    Double propensity,
    Double weight,
    Double expectedUsd,
    Double usd,
    Double seconds,
    String failure,
    String answer,
    List<Fact> signals,
    List<Fact> sampling,
    List<String> decisions,
    List<CallRow> calls,
    int callsLeftOut) {

  /** A named value. */
  public record Fact(String name, String value) {}

  /**
   * One call of a member; see {@link CandidateRow} for what is the same of both.
   *
   * @param kind what it was asked for
   * @param round from 1
   * @param sample from 0
   * @param purpose what for; empty for an answer to the query
   */
  public record CallRow(
      String member,
      String kind,
      int round,
      int sample,
      String purpose,
      Double score,
      Double threshold,
      double usd,
      Double costSoFarUsd,
      double seconds,
      String failure,
      String answer,
      List<Fact> signals) {

    private static CallRow of(String member, MemberCall its) {
      return new CallRow(
          member,
          word(its.getKind()),
          its.getRound(),
          its.getSample(),
          its.getPurpose(),
          its.hasScore() ? its.getScore() : null,
          its.hasThreshold() ? its.getThreshold() : null,
          its.getCostUsd(),
          its.hasCostSoFarUsd() ? its.getCostSoFarUsd() : null,
          its.getSeconds(),
          its.getFailure(),
          its.hasAnswer() ? its.getAnswer() : null,
          facts(its.getSignals()));
    }
  }

  static CandidateRow of(int number, Candidate its) {
    return new CandidateRow(
        number,
        its.getMember(),
        its.getAs(),
        its.getRole(),
        state(its),
        its.hasScore() ? its.getScore() : null,
        its.hasDeviation() ? its.getDeviation() : null,
        its.hasPropensity() ? its.getPropensity() : null,
        its.hasWeight() ? its.getWeight() : null,
        its.hasExpectedUsd() ? its.getExpectedUsd() : null,
        its.hasCostUsd() ? its.getCostUsd() : null,
        its.hasSeconds() ? its.getSeconds() : null,
        its.getFailure(),
        its.hasAnswer() ? its.getAnswer() : null,
        facts(its.getSignals()),
        facts(its.getSampling()),
        its.getDecisionsList(),
        its.getCallsList().stream().map(call -> CallRow.of(its.getMember(), call)).toList(),
        its.getCallsLeftOut());
  }

  /** Whether its answer, or a part of it, is given. */
  public boolean isChosen() {
    return state.equals("chosen");
  }

  /** Length of the bar of its weight, 0 to 100. */
  public String weightBar() {
    return Axis.units(
        weight == null || !Double.isFinite(weight) ? 0 : Math.clamp(weight, 0, 1) * 100);
  }

  private static String state(Candidate its) {
    if (its.getChosen()) {
      return "chosen";
    }
    return its.getCalled() ? "called" : its.hasAnswer() ? "brought" : "not called";
  }

  private static String word(CallKind kind) {
    return switch (kind) {
      case CALL_KIND_GENERATE -> "write";
      case CALL_KIND_SCORE -> "score";
      case CALL_KIND_EMBED -> "embed";
      case CALL_KIND_UNSPECIFIED, UNRECOGNIZED -> "unknown";
    };
  }

  /** The fields of a message that are set, whichever there are. */
  private static List<Fact> facts(Message message) {
    var facts = new ArrayList<Fact>();
    for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
      facts.add(
          new Fact(
              field.getKey().getName().replace('_', ' '),
              field.getValue() instanceof Double number
                  ? Axis.shown(number)
                  : String.valueOf(field.getValue()).strip().toLowerCase(Locale.ROOT)));
    }
    return facts;
  }
}
