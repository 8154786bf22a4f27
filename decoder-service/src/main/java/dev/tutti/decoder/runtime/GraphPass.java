package dev.tutti.decoder.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.tutti.decoder.DecodeException;
import dev.tutti.kit.grpc.CancelledException;
import io.grpc.Context;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The passes of one session over its graph. Confined to one thread at a time; nothing runs once it
 * is closed.
 */
final class GraphPass implements AutoCloseable {

  private final OrtEnvironment environment;
  private final DecoderGraph graph;
  // In this order come the results.
  private final Set<String> outputs;
  private final Row idRow = new Row();
  private final Row maskRow = new Row();
  private final Row positionRow = new Row();
  private boolean tellsHidden;
  private float[] hidden;

  GraphPass(OrtEnvironment environment, DecoderGraph graph, boolean tellsHidden) {
    this.environment = environment;
    this.graph = graph;
    this.outputs = new LinkedHashSet<>(graph.present());
    outputs.add(DecoderGraph.LOGITS);
    if (tellsHidden) {
      tellHidden();
    }
  }

  /** From here on each pass tells the last hidden state, which the graph must export. */
  void tellHidden() {
    tellsHidden = true;
    outputs.add(DecoderGraph.HIDDEN);
  }

  /** Whether passes tell the last hidden state. */
  boolean tellsHidden() {
    return tellsHidden;
  }

  /** The hidden state behind the last token of the last pass. */
  float[] hidden() {
    return hidden;
  }

  /** Takes the logits of one position. */
  interface PositionReader {

    /** The buffer stands at the position's first logit. */
    void read(int at, FloatBuffer values);
  }

  /**
   * Reads tokens.
   *
   * @param cache of the tokens before them; stays the caller's
   * @param tokens all of them
   * @param count that are read, from the cache's length on
   * @return a cache of all tokens that were read
   * @throws CancelledException when the caller is interrupted, or the call cancelled
   */
  KeyValueCache run(KeyValueCache cache, int[] tokens, int count, PositionReader reader) {
    requireWanted();
    int before = cache.length();
    var inputs = new HashMap<String, OnnxTensor>();
    try (OnnxTensor ids = idRow.tensor(environment, 1, count, (_, i) -> tokens[before + i]);
        OnnxTensor mask =
            graph.masked() ? maskRow.tensor(environment, 1, before + count, (_, _) -> 1) : null;
        OnnxTensor positions =
            graph.positioned()
                ? positionRow.tensor(environment, 1, count, (_, i) -> before + i)
                : null) {
      put(inputs, ids, mask, positions, cache);
      return take(graph.session().run(inputs, outputs), before, count, reader);
    } catch (OrtException e) {
      throw new DecodeException("The graph failed while it ran.", e);
    }
  }

  private KeyValueCache take(
      OrtSession.Result result, int before, int count, PositionReader reader) {
    var present = new OnnxTensor[graph.present().size()];
    for (int i = 0; i < present.length; i++) {
      present[i] = (OnnxTensor) result.get(i);
    }
    var grown = new KeyValueCache(present, before + count);
    try (var values = (OnnxTensor) result.get(present.length);
        var states = tellsHidden ? (OnnxTensor) result.get(present.length + 1) : null) {
      FloatBuffer all = values.getFloatBuffer();
      for (int at = 0; at < count; at++) {
        reader.read(at, all.position(at * graph.vocabulary()));
      }
      if (states != null) {
        hidden = new float[graph.hidden()];
        states.getFloatBuffer().get((count - 1) * hidden.length, hidden);
      }
      return grown;
    } catch (RuntimeException e) {
      grown.release();
      throw e;
    }
  }

  private static void put(Map<String, OnnxTensor> inputs, String name, OnnxTensor tensor) {
    if (tensor != null) {
      inputs.put(name, tensor);
    }
  }

  /** Takes the logits of one position of a row. */
  interface RowReader {

    /** The buffer stands at the position's first logit. */
    void read(int row, int at, FloatBuffer values);
  }

  /**
   * Reads several rows behind the same text; nothing of them is kept.
   *
   * @param cache of the text; stays the caller's
   * @param rows equally long; the graph must take that many
   * @throws CancelledException when the caller is interrupted, or the call cancelled
   */
  void run(KeyValueCache cache, int[][] rows, RowReader reader) {
    requireWanted();
    int before = cache.length();
    int count = rows[0].length;
    var inputs = new HashMap<String, OnnxTensor>();
    KeyValueCache repeated = cache.repeat(environment, graph, rows.length);
    try (OnnxTensor ids = idRow.tensor(environment, rows.length, count, (r, i) -> rows[r][i]);
        OnnxTensor mask =
            graph.masked()
                ? maskRow.tensor(environment, rows.length, before + count, (_, _) -> 1)
                : null;
        OnnxTensor positions =
            graph.positioned()
                ? positionRow.tensor(environment, rows.length, count, (_, i) -> before + i)
                : null) {
      put(inputs, ids, mask, positions, repeated);
      try (OrtSession.Result result = graph.session().run(inputs, Set.of(DecoderGraph.LOGITS))) {
        FloatBuffer all = ((OnnxTensor) result.get(0)).getFloatBuffer();
        for (int row = 0; row < rows.length; row++) {
          for (int at = 0; at < count; at++) {
            reader.read(row, at, all.position((row * count + at) * graph.vocabulary()));
          }
        }
      }
    } catch (OrtException e) {
      throw new DecodeException("The graph failed while it ran.", e);
    } finally {
      repeated.release();
    }
  }

  // A helper of a step is not interrupted, but it knows the call.
  private static void requireWanted() {
    if (Thread.currentThread().isInterrupted() || Context.current().isCancelled()) {
      throw new CancelledException();
    }
  }

  private void put(
      Map<String, OnnxTensor> inputs,
      OnnxTensor ids,
      OnnxTensor mask,
      OnnxTensor positions,
      KeyValueCache cache) {
    put(inputs, DecoderGraph.INPUT_IDS, ids);
    put(inputs, DecoderGraph.ATTENTION_MASK, mask);
    put(inputs, DecoderGraph.POSITION_IDS, positions);
    for (int i = 0; i < graph.past().size(); i++) {
      inputs.put(graph.past().get(i), cache.tensor(i));
    }
  }

  @Override
  public void close() {
    idRow.close();
    maskRow.close();
    positionRow.close();
  }

  /** Numbers in memory that the runtime reads in place; kept from pass to pass. */
  private static final class Row implements AutoCloseable {

    private Optional<NativeBuffer> memory = Optional.empty();
    private LongBuffer buffer = LongBuffer.allocate(0);

    /** A number in its place. */
    interface Number {
      long at(int row, int column);
    }

    OnnxTensor tensor(OrtEnvironment environment, int rows, int count, Number number)
        throws OrtException {
      if (buffer.capacity() < rows * count) {
        close();
        int bytes = Math.max(16, 2 * rows * count) * Long.BYTES;
        memory = Optional.of(new NativeBuffer(bytes));
        buffer = memory.get().part(0, bytes).asLongBuffer();
      }
      buffer.clear().limit(rows * count);
      for (int row = 0; row < rows; row++) {
        for (int i = 0; i < count; i++) {
          buffer.put(row * count + i, number.at(row, i));
        }
      }
      return OnnxTensor.createTensor(environment, buffer, new long[] {rows, count});
    }

    @Override
    public void close() {
      buffer = LongBuffer.allocate(0);
      memory.ifPresent(NativeBuffer::close);
    }
  }
}
