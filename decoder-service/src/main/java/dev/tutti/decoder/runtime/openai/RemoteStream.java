package dev.tutti.decoder.runtime.openai;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;

/**
 * Reads the events of a streamed answer and adds them up; what becomes of them is the subclass's
 * affair. Confined to one thread.
 */
abstract class RemoteStream implements EndpointCalls.Events {

  private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);

  /** Of what is no comment, but says as little: clients take it for an empty answer's end. */
  private static final byte[] SIGN_OF_LIFE = ":\n\n".getBytes(StandardCharsets.US_ASCII);

  private static final Set<String> SIGNS_OF_LIFE =
      Set.of("ping", "keepalive", "keep-alive", "heartbeat");

  private AnswerTotals totals = new AnswerTotals();
  private boolean done;

  /** Takes a chunk of the answer; {@code event} are its bytes. */
  abstract void chunk(Chunk chunk, byte[] event);

  /** Takes the end mark, or an event that says nothing; neither is part of the answer. */
  abstract void other(byte[] event, boolean end);

  /** Begins anew with what comes from now on. */
  final void restart() {
    totals = new AnswerTotals();
    done = false;
  }

  @Override
  public final boolean take(String endpoint, byte[] event, Credential key) {
    byte[] data = EventSplitter.data(event);
    if (data == null) {
      other(event, false);
      return false;
    }
    String type = EventSplitter.type(event);
    if (isSignOfLife(data) || SIGNS_OF_LIFE.contains(type)) {
      other(SIGN_OF_LIFE, false);
      return false;
    }
    if (type.equals("error")) {
      throw EndpointFailures.told(endpoint, ToldError.of(data), key);
    }
    if (Arrays.equals(data, DONE)) {
      done = true;
      other(event, true);
      return true;
    }
    Chunk chunk = read(endpoint, data, key);
    totals.add(chunk);
    chunk(chunk, event);
    return chunk.saysSomething();
  }

  private static Chunk read(String endpoint, byte[] data, Credential key) {
    try {
      Chunk chunk = ChunkReader.read(data);
      if (chunk.failed() || !(chunk.hasChoices() || chunk.saysSomething())) {
        requireNoError(endpoint, data, key);
      }
      return chunk;
    } catch (IOException e) {
      requireNoError(endpoint, data, key);
      throw EndpointFailures.malformed(endpoint, "an event is not what it should be", e);
    }
  }

  private static void requireNoError(String endpoint, byte[] data, Credential key) {
    ToldError.within(data)
        .ifPresent(
            error -> {
              throw EndpointFailures.told(endpoint, error, key);
            });
  }

  /** Nothing, or what a comment would be were it one. */
  private static boolean isSignOfLife(byte[] data) {
    for (byte character : data) {
      if (character > ' ') {
        return character == ':';
      }
      if (character < 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public final boolean isDone() {
    return done;
  }

  @Override
  public final boolean mayEnd() {
    return done || totals.isFinished();
  }

  /** Whether tokens were used, for what was handed on or would have been. */
  boolean hasUsed() {
    return hasSpoken() || !totals.isEmpty();
  }

  /** What the answer adds up to so far. */
  final AnswerTotals totals() {
    return totals;
  }
}
