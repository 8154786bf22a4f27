package dev.tutti.starter.train.network;

/**
 * Rows of equal length to learn from.
 *
 * @param ids tokens, row by row; rows are padded on the right
 * @param rows number of rows
 * @param positions indices into ids after which a token is to be predicted
 * @param targets the token to predict at each position
 * @param candidates the tokens among which it is to be told; none: all of the vocabulary
 */
public record Batch(long[] ids, int rows, long[] positions, long[] targets, int[] candidates) {

  /** Tokens in a row. */
  public int length() {
    return ids.length / rows;
  }
}
