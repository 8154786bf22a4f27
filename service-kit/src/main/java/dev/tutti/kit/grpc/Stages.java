package dev.tutti.kit.grpc;

import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Progress;

/** Stages of {@link Progress} that programs look at; the others are for people. */
public final class Stages {

  /** Work goes on, and there is nothing else to tell. */
  public static final String WAITING = "waiting";

  /** Who is asked: what it used is counted, though it may never tell. */
  public static final String ASKING = "asking";

  /** Whose answer begins: who will be the completion's author. */
  public static final String ANSWERING = "answering";

  /** Who did not answer: what it used, it told before. */
  public static final String FAILED = "failed";

  /** Who writes no more of an answer that others go on with, though it has not failed. */
  public static final String LEFT_OUT = "left_out";

  private Stages() {}

  /**
   * Says where the work stands.
   *
   * @param member whom it is about; may be empty
   * @param message for people; may be empty
   * @param fraction share of the work that is done, 0 to 1
   */
  public static GenerateResponse progress(
      String stage, String member, String message, double fraction) {
    return GenerateResponse.newBuilder()
        .setProgress(
            Progress.newBuilder()
                .setStage(stage)
                .setMember(member)
                .setMessage(message)
                .setFraction(fraction))
        .build();
  }

  /** Says that the answer of this member begins. */
  public static GenerateResponse answering(String member) {
    return GenerateResponse.newBuilder()
        .setProgress(Progress.newBuilder().setStage(ANSWERING).setMember(member))
        .build();
  }

  /** Whether an event says whose answer begins. */
  public static boolean isAnswering(GenerateResponse event) {
    return event.getProgress().getStage().equals(ANSWERING);
  }
}
