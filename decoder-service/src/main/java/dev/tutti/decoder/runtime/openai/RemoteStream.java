package dev.tutti.decoder.runtime.openai;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads the events of a streamed answer and adds them up; what becomes of them is the subclass's
 * affair. Confined to one thread.
 */
abstract class RemoteStream implements EndpointCalls.Events {

  private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);

  private AnswerTotals totals = new AnswerTotals();
  private boolean done;

  /** Takes a chunk of the answer; {@code event} are its bytes. */
  abstract void chunk(Chunk chunk, byte[] event);

  /** Takes the end mark, or an event that says nothing; neither is part of the answer. */
  abstract void other(byte[] event, boolean end);

  /** Forgets what was not handed on. */
  abstract void forget();

  @Override
  public final void begin() {
    totals = new AnswerTotals();
    done = false;
    forget();
  }

  @Override
  public final boolean take(String endpoint, byte[] event, Credential key) {
    byte[] data = EventSplitter.data(event);
    if (data == null) {
      other(event, false);
      return false;
    }
    if (Arrays.equals(data, DONE)) {
      done = true;
      other(event, true);
      return true;
    }
    Chunk chunk;
    try {
      chunk = ChunkReader.read(data);
    } catch (IOException e) {
      throw EndpointFailures.malformed(endpoint, "an event is not what it should be", e);
    }
    if (chunk.error() != null) {
      throw EndpointFailures.told(endpoint, chunk.error(), key);
    }
    totals.add(chunk);
    chunk(chunk, event);
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

  /** Whether the caller got something that was used tokens for. */
  boolean hasUsed() {
    return hasSpoken();
  }

  /** What the answer adds up to so far. */
  final AnswerTotals totals() {
    return totals;
  }
}
