package dev.tutti.decoder.search;

/**
 * How far a search goes down.
 *
 * @param depth most steps of an answer, at least 1
 * @param tokens most tokens of an answer, at least 1
 */
record StepLimits(int depth, int tokens) {

  /** Whether a node is unfinished and can go on. */
  boolean goesOn(Node node) {
    return !node.ended() && node.depth() < depth && node.tokens() < tokens;
  }
}
