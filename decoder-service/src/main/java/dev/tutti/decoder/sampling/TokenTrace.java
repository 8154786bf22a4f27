package dev.tutti.decoder.sampling;

import dev.tutti.decoder.AnswerSource;
import java.util.List;

/**
 * A token of an answer and how probable it was.
 *
 * @param bytes what it adds to the text; shared, leave it as it is
 * @param logprob natural logarithm of its probability; at most 0
 * @param top the most probable tokens at its place, best first
 * @param opinions of the members that wrote it together; empty where one model did
 */
public record TokenTrace(
    byte[] bytes, double logprob, List<Alternative> top, List<AnswerSource.Opinion> opinions) {

  /**
   * A token that could have stood there.
   *
   * @param bytes what it would have added to the text; empty for the end
   * @param logprob natural logarithm of its probability; at most 0
   */
  public record Alternative(byte[] bytes, double logprob) {}
}
