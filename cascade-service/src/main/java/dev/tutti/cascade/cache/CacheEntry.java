package dev.tutti.cascade.cache;

import dev.tutti.generation.v1.Completion;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * A kept answer. Thread-safe; all but what was observed stays as it is.
 *
 * <p>One that was wrong at least twice, and more often than it was right, is not given any more: a
 * single judgement decides nothing. For the same request those times count when it was given to it;
 * for other questions all.
 */
public final class CacheEntry {

  private static final int WRONG = 2;

  private static final int MOST_OBSERVED = 200;
  private static final int OVERHEAD_BYTES = 500;
  private static final int OBSERVATION_BYTES = 150;

  private final CacheKey key;
  private final Embedded embedded;
  private final Made made;
  private volatile List<Observation> observed = List.of();

  /**
   * What the question is to an embedder.
   *
   * @param embedder SHA-256 of the model, hexadecimal; may be empty
   * @param vector of unit length; empty for an answer that is found by the same request only
   */
  public record Embedded(String embedder, float[] vector) {

    /** Of a question that is not looked for by its meaning. */
    public static final Embedded NOTHING = new Embedded("", new float[0]);
  }

  /**
   * How it came about.
   *
   * @param answer text, why it ended, author and signals; nothing else
   * @param requestId of the request that it was made for
   * @param costUsd what it cost, US dollars
   * @param time when
   * @param end when it is kept no longer
   */
  public record Made(
      Completion answer, String requestId, double costUsd, Instant time, Instant end) {}

  /** One that nobody has seen given again. */
  public CacheEntry(CacheKey key, Embedded embedded, Made made) {
    this.key = key;
    this.embedded = embedded;
    this.made = made;
  }

  public CacheKey key() {
    return key;
  }

  public Embedded embedded() {
    return embedded;
  }

  public Made made() {
    return made;
  }

  /** What it is known by, hexadecimal. */
  public String id() {
    return key.exactHex();
  }

  /** What was observed, the oldest first, at most {@value #MOST_OBSERVED}. */
  public List<Observation> observed() {
    return observed;
  }

  /** Adds one, in the place of that of its key: whoever judges may change his mind. */
  synchronized void observe(Observation its) {
    List<Observation> others =
        observed.stream().filter(known -> !known.key().equals(its.key())).toList();
    long spare = Math.max(0, others.size() + 1 - MOST_OBSERVED);
    observed = Stream.concat(others.stream().skip(spare), Stream.of(its)).toList();
  }

  /** Whether it may be given at a time to the same request. */
  boolean isGoodForItself(Instant now) {
    return isGood(now, Observation.SAME);
  }

  /** Whether it may be given at a time to another question. */
  boolean isGoodForOthers(Instant now) {
    return isGood(now, -1);
  }

  private boolean isGood(Instant now, double leastSimilarity) {
    List<Observation> counted =
        observed.stream().filter(o -> o.ofHit() && o.similarity() >= leastSimilarity).toList();
    long right = counted.stream().filter(Observation::right).count();
    long wrong = counted.size() - right;
    return now.isBefore(made.end()) && !(wrong >= WRONG && wrong > right);
  }

  /** About what it takes in memory; its vector lies in an index too. */
  long bytes() {
    return OVERHEAD_BYTES
        + 2L * key.question().length()
        + 2L * made.answer().getSerializedSize()
        + 2L * Float.BYTES * embedded.vector().length
        + (long) OBSERVATION_BYTES * observed.size();
  }
}
