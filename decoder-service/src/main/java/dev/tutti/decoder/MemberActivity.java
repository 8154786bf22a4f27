package dev.tutti.decoder;

import java.util.Optional;

/**
 * What one member did in an answer.
 *
 * @param tokensRead tokens that it read without having written them: its prompt, and text of steps
 *     that it sat out and was caught up with; an endpoint reads its prompt anew at every step. 0
 *     where it was never asked
 * @param tokensCached of those, tokens that an endpoint had in its cache
 * @param tokensWritten steps that it took part in, the end included
 * @param estimated whether an endpoint did not tell these numbers
 * @param failure why it was left out from some step on
 */
public record MemberActivity(
    long tokensRead,
    long tokensCached,
    long tokensWritten,
    boolean estimated,
    Optional<String> failure) {

  /** What a model that runs here did. */
  public static MemberActivity counted(
      long tokensRead, long tokensWritten, Optional<String> failure) {
    return new MemberActivity(tokensRead, 0, tokensWritten, false, failure);
  }

  /** The same, of one that read so many tokens more. */
  public MemberActivity reading(int more) {
    return new MemberActivity(tokensRead + more, tokensCached, tokensWritten, estimated, failure);
  }

  /** The same, of a member that failed. */
  public MemberActivity failed(Optional<String> why) {
    return new MemberActivity(tokensRead, tokensCached, tokensWritten, estimated, why);
  }
}
