package dev.tutti.decoder.sampling;

import java.time.Duration;

/**
 * A whole answer.
 *
 * @param text what was written
 * @param finish why it ended
 * @param tokens number of tokens, the end token included
 * @param signals what they say about its quality
 * @param firstToken time from the start to the first token
 * @param total time from the start to the end
 */
public record Answer(
    String text,
    Finish finish,
    int tokens,
    AnswerSignals signals,
    Duration firstToken,
    Duration total) {

  /** Why an answer ended. */
  public enum Finish {
    /** The model ended it, or a stop string. */
    STOP,
    /** Its greatest length or the context's was reached. */
    LENGTH
  }
}
