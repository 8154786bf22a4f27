package dev.tutti.decoder.runtime;

import ai.onnxruntime.OrtEnvironment;
import dev.tutti.decoder.BranchHeads;
import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.Distribution;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A session of an ONNX decoder; see {@link DecoderGraph} for its layout. */
final class OnnxDecodeSession implements DecodeSession {

  /** Most logits of one pass: a long prompt is read in parts, so that its memory stays bounded. */
  private static final int MOST_LOGITS = 16 << 20;

  private static final int LONGEST_PART = 512;

  private final OrtEnvironment environment;
  private final DecoderGraph graph;
  private final int capacity;
  private final GraphPass pass;
  private final Distribution distribution;
  private final float[] logits;
  private int[] tokens;
  private int length;
  private KeyValueCache cache;
  // Whether the distribution is the one after all tokens.
  private boolean fresh;
  // Number of tokens behind which the pass told its hidden state; -1 for none of these.
  private int hiddenAt = -1;
  private boolean closed;

  OnnxDecodeSession(OrtEnvironment environment, DecoderGraph graph, int capacity) {
    this(
        environment,
        graph,
        capacity,
        new int[16],
        0,
        KeyValueCache.empty(environment, graph),
        false);
  }

  private OnnxDecodeSession(
      OrtEnvironment environment,
      DecoderGraph graph,
      int capacity,
      int[] tokens,
      int length,
      KeyValueCache cache,
      boolean tellsHidden) {
    this.environment = environment;
    this.graph = graph;
    this.capacity = capacity;
    this.tokens = tokens;
    this.length = length;
    this.cache = cache;
    this.pass = new GraphPass(environment, graph, tellsHidden);
    this.distribution = new Distribution(graph.vocabulary());
    this.logits = new float[graph.vocabulary()];
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public int remaining() {
    return capacity - length;
  }

  @Override
  public int[] tokens() {
    return Arrays.copyOf(tokens, length);
  }

  @Override
  public void append(int... added) {
    requireFit(added);
    if (added.length == 0) {
      return;
    }
    if (tokens.length < length + added.length) {
      tokens = Arrays.copyOf(tokens, Math.max(2 * tokens.length, length + added.length));
    }
    System.arraycopy(added, 0, tokens, length, added.length);
    length += added.length;
    fresh = false;
  }

  private void requireFit(int[] added) {
    if (added.length > remaining()) {
      throw new IllegalArgumentException(
          "%d tokens do not fit: %d of %d are taken".formatted(added.length, length, capacity));
    }
    requireKnown(added);
  }

  private void requireKnown(int[] added) {
    for (int token : added) {
      if (token < 0 || token >= graph.vocabulary()) {
        throw new IllegalArgumentException(
            "token %d is not within 0..%d".formatted(token, graph.vocabulary() - 1));
      }
    }
  }

  @Override
  public Distribution next() {
    requireTokens();
    if (!fresh) {
      readPending();
      distribution.setLogits(logits);
      fresh = true;
    }
    return distribution;
  }

  /** Reads what was appended; the logits after the last token are there then. */
  void readPending() {
    requireTokens();
    if (!fresh) {
      readAgainLast();
      while (cache.length() < length) {
        int count = Math.min(length - cache.length(), part());
        boolean last = cache.length() + count == length;
        read(count, last ? (at, values) -> keepLast(at, count, values) : (at, values) -> {});
      }
    }
  }

  private void keepLast(int at, int count, FloatBuffer values) {
    if (at == count - 1) {
      values.get(logits);
    }
  }

  @Override
  public double[] score(int... added) {
    requireTokens();
    var logprobs = new double[added.length];
    if (added.length == 0) {
      return logprobs;
    }
    if (fresh) {
      logprobs[0] = distribution.logProbability(added[0]);
    } else {
      readAgainLast();
    }
    int start = length;
    append(added);
    var scratch = new Distribution(graph.vocabulary());
    while (cache.length() < length) {
      int from = cache.length();
      int count = Math.min(length - from, part());
      read(
          count,
          (at, values) -> {
            int following = from + at + 1 - start;
            if (following < 0) {
              return;
            }
            values.get(logits);
            if (following < added.length) {
              scratch.setLogits(logits);
              logprobs[following] = scratch.logProbability(added[following]);
            }
          });
    }
    distribution.setLogits(logits);
    fresh = true;
    return logprobs;
  }

  @Override
  public int rows() {
    return graph.batches() ? BranchScores.mostRows(cache) : 1;
  }

  @Override
  public List<double[]> score(List<int[]> branches) {
    requireTokens();
    boolean small = true;
    for (int[] branch : branches) {
      requireFit(Arrays.copyOf(branch, Math.max(0, branch.length - 1)));
      requireKnown(branch);
      small &= (long) branch.length * graph.vocabulary() <= MOST_LOGITS;
    }
    if (!fresh && cache.length() < length - 1) {
      // Once for all of them.
      next();
    }
    BranchHeads heads = BranchHeads.of(branches);
    if (!small || heads.heads().size() < 2 || rows() < 2) {
      return heads.scoredApart(this);
    }
    int[] lead = {};
    if (!fresh) {
      // Its logits are gone or were never told: each row begins with it, which saves a pass.
      readAgainLast();
      lead = new int[] {tokens[length - 1]};
    }
    return new BranchScores(pass, cache, graph.vocabulary(), MOST_LOGITS)
        .of(heads, lead, fresh ? Optional.of(distribution) : Optional.empty());
  }

  @Override
  public List<Distribution> next(int... proposed) {
    requireTokens();
    var places = new ArrayList<Distribution>(proposed.length + 1);
    if (fresh) {
      places.add(distribution.copy());
    } else {
      readAgainLast();
    }
    int start = length;
    append(proposed);
    while (cache.length() < length) {
      int from = cache.length();
      int count = Math.min(length - from, part());
      read(
          count,
          (at, values) -> {
            if (from + at >= start - 1) {
              var own = new float[graph.vocabulary()];
              values.get(own);
              var place = new Distribution(own.length);
              place.setLogits(own);
              places.add(place);
              System.arraycopy(own, 0, logits, 0, own.length);
            }
          });
    }
    if (!fresh) {
      distribution.setLogits(logits);
      fresh = true;
    }
    return places;
  }

  @Override
  public Optional<float[]> hidden() {
    if (graph.hidden() == 0) {
      return Optional.empty();
    }
    requireTokens();
    pass.tellHidden();
    next();
    if (hiddenAt != length) {
      truncate(length - 1);
      read(1, (at, values) -> {});
    }
    return Optional.of(pass.hidden().clone());
  }

  private int part() {
    return Math.clamp(MOST_LOGITS / graph.vocabulary(), 1, LONGEST_PART);
  }

  private void requireTokens() {
    if (closed) {
      throw new IllegalStateException("The session is closed.");
    }
    if (length == 0) {
      throw new IllegalStateException("The session is empty.");
    }
  }

  /** After a rewind the cache may hold the last token, whose logits are gone. */
  private void readAgainLast() {
    if (cache.length() == length) {
      truncate(length - 1);
    }
  }

  private void truncate(int kept) {
    KeyValueCache shorter = cache.truncate(environment, graph, kept);
    cache.release();
    cache = shorter;
  }

  /** One pass over the next {@code count} tokens. */
  private void read(int count, GraphPass.PositionReader reader) {
    KeyValueCache grown = pass.run(cache, tokens, count, reader);
    cache.release();
    cache = grown;
    hiddenAt = pass.tellsHidden() ? cache.length() : -1;
  }

  @Override
  public void rewind(int kept) {
    if (kept < 0 || kept > length) {
      throw new IllegalArgumentException(
          "length = %d, must be within 0..%d".formatted(kept, length));
    }
    if (kept == length) {
      return;
    }
    length = kept;
    fresh = false;
    hiddenAt = -1;
    if (cache.length() > kept) {
      truncate(kept);
    }
  }

  @Override
  public DecodeSession fork() {
    return new OnnxDecodeSession(
        environment, graph, capacity, tokens.clone(), length, cache.hold(), pass.tellsHidden());
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      cache.release();
      pass.close();
    }
  }
}
