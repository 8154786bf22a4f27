package dev.tutti.decoder.span;

/**
 * What every judge thinks of every candidate of a round; members stand in one order, by name.
 * Arrays are shared: leave them as they are.
 *
 * @param candidates number of different texts, in the order of their first writers
 * @param wrote by member: index of the candidate that it wrote; -1 where it wrote none
 * @param scores [member][candidate] mean log-probability a token (or byte), nats, in [-{@value
 *     #MOST_NATS}, 0]; null where the member does not judge
 */
public record Ballot(int candidates, int[] wrote, double[][] scores) {

  /**
   * No judgement is below minus this: what a judge cannot write counts as this improbable, and a
   * mean of perplexities still tells other judges' apart.
   */
  public static final double MOST_NATS = 20;
}
