package dev.tutti.cascade.method.agent;

import dev.tutti.kit.calls.AnswerSignals;
import java.util.Optional;

/**
 * What came of asking a member in a step.
 *
 * @param member place of whoever was asked
 * @param text of the answer; empty where there is none, or it says nothing
 * @param along its embedding along the axes; empty where there is none
 * @param signals what it says of itself
 * @param quality P; 0 of none
 * @param cost C
 * @param usd what it did cost, in the dataset's unit
 * @param score what it is worth; NaN of none
 */
record Said(
    int member,
    Optional<String> text,
    Optional<float[]> along,
    AnswerSignals signals,
    double quality,
    double cost,
    double usd,
    double score) {

  /** Whether it brings log-probabilities. */
  boolean tells() {
    return AgentState.tells(signals);
  }
}
