package dev.tutti.decoder.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.tutti.decoder.DecodeException;
import dev.tutti.kit.grpc.CancelledException;
import io.grpc.Context;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.IntToLongFunction;

/** The passes of one session over its graph. Confined to one thread at a time. */
final class GraphPass {

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
}
