package dev.tutti.decoder.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.Distribution;
import dev.tutti.kit.grpc.CancelledException;
import io.grpc.Context;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntToLongFunction;

/** A session of an ONNX decoder; see {@link DecoderGraph} for its layout. */
final class OnnxDecodeSession implements DecodeSession {

  /** Most logits of one pass: a long prompt is read in parts, so that its memory stays bounded. */
  private static final int MOST_LOGITS = 16 << 20;

  private static final int LONGEST_PART = 512;

  private final OrtEnvironment environment;
  private final DecoderGraph graph;
  private final int capacity;
  private final Set<String> outputs;
  private final Distribution distribution;
  private final float[] logits;
  private final Row idRow = new Row();
  private final Row maskRow = new Row();
  private final Row positionRow = new Row();
  private int[] tokens;
  private int length;
  private KeyValueCache cache;
  // Whether the distribution is the one after all tokens.
  private boolean fresh;
  // Behind the token before this index; only where passes tell it.
  private float[] hidden;
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
        outputs(graph));
  }

  private OnnxDecodeSession(
      OrtEnvironment environment,
      DecoderGraph graph,
      int capacity,
      int[] tokens,
      int length,
      KeyValueCache cache,
      Set<String> outputs) {
    this.environment = environment;
    this.graph = graph;
    this.capacity = capacity;
    this.tokens = tokens;
    this.length = length;
    this.cache = cache;
    this.outputs = new LinkedHashSet<>(outputs);
    this.distribution = new Distribution(graph.vocabulary());
    this.logits = new float[graph.vocabulary()];
  }

  private static Set<String> outputs(DecoderGraph graph) {
    var outputs = new LinkedHashSet<>(graph.present());
    outputs.add(DecoderGraph.LOGITS);
    return outputs;
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
    if (added.length > remaining()) {
      throw new IllegalArgumentException(
          "%d tokens do not fit: %d of %d are taken".formatted(added.length, length, capacity));
    }
    for (int token : added) {
      if (token < 0 || token >= graph.vocabulary()) {
        throw new IllegalArgumentException(
            "token %d is not within 0..%d".formatted(token, graph.vocabulary() - 1));
      }
    }
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
    logprobs[0] = next().logProbability(added[0]);
    int start = length;
    append(added);
    var scratch = new Distribution(graph.vocabulary());
    while (cache.length() < length) {
      int from = cache.length();
      int count = Math.min(length - from, part());
      read(
          count,
          (at, values) -> {
            values.get(logits);
            int following = from + at + 1 - start;
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
    outputs.add(DecoderGraph.HIDDEN);
    next();
    if (hiddenAt != length) {
      truncate(length - 1);
      read(1, (at, values) -> {});
    }
    return Optional.of(hidden.clone());
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

  /** Takes the logits of one position. */
  private interface PositionReader {

    /** The buffer stands at the position's first logit. */
    void read(int at, FloatBuffer values);
  }

  /** One pass over the next {@code count} tokens. */
  private void read(int count, PositionReader reader) {
    // A helper of a step is not interrupted, but it knows the call.
    if (Thread.currentThread().isInterrupted() || Context.current().isCancelled()) {
      throw new CancelledException();
    }
    int before = cache.length();
    var inputs = new HashMap<String, OnnxTensor>();
    try (OnnxTensor ids = idRow.tensor(environment, count, i -> tokens[before + i]);
        OnnxTensor mask =
            graph.masked() ? maskRow.tensor(environment, before + count, i -> 1) : null;
        OnnxTensor positions =
            graph.positioned() ? positionRow.tensor(environment, count, i -> before + i) : null) {
      put(inputs, DecoderGraph.INPUT_IDS, ids);
      put(inputs, DecoderGraph.ATTENTION_MASK, mask);
      put(inputs, DecoderGraph.POSITION_IDS, positions);
      for (int i = 0; i < graph.past().size(); i++) {
        inputs.put(graph.past().get(i), cache.tensor(i));
      }
      OrtSession.Result result = graph.session().run(inputs, outputs);
      var present = new OnnxTensor[graph.present().size()];
      for (int i = 0; i < present.length; i++) {
        present[i] = (OnnxTensor) result.get(i);
      }
      var grown = new KeyValueCache(present, before + count);
      boolean told = outputs.contains(DecoderGraph.HIDDEN);
      try (var values = (OnnxTensor) result.get(present.length);
          var states = told ? (OnnxTensor) result.get(present.length + 1) : null) {
        FloatBuffer all = values.getFloatBuffer();
        for (int at = 0; at < count; at++) {
          reader.read(at, all.position(at * graph.vocabulary()));
        }
        if (told) {
          hidden = new float[graph.hidden()];
          states.getFloatBuffer().get((count - 1) * hidden.length, hidden);
          hiddenAt = before + count;
        }
      } catch (RuntimeException e) {
        grown.release();
        throw e;
      }
      cache.release();
      cache = grown;
    } catch (OrtException e) {
      throw new DecodeException("The graph failed while it ran.", e);
    }
  }

  private static void put(Map<String, OnnxTensor> inputs, String name, OnnxTensor tensor) {
    if (tensor != null) {
      inputs.put(name, tensor);
    }
  }

  /** Numbers in memory that the runtime reads in place; kept from pass to pass. */
  private static final class Row {

    private LongBuffer buffer = LongBuffer.allocate(0);

    OnnxTensor tensor(OrtEnvironment environment, int count, IntToLongFunction value)
        throws OrtException {
      if (buffer.capacity() < count) {
        int capacity = Math.max(16, 2 * count);
        ByteBuffer bytes = ByteBuffer.allocateDirect(capacity * Long.BYTES);
        buffer = bytes.order(ByteOrder.nativeOrder()).asLongBuffer();
      }
      buffer.clear().limit(count);
      for (int i = 0; i < count; i++) {
        buffer.put(i, value.applyAsLong(i));
      }
      return OnnxTensor.createTensor(environment, buffer, new long[] {1, count});
    }
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
        environment, graph, capacity, tokens.clone(), length, cache.hold(), outputs);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      cache.release();
    }
  }
}
