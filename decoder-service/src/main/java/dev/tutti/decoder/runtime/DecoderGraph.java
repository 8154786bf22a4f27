package dev.tutti.decoder.runtime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import com.google.protobuf.WireFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The inputs and outputs of a decoder in the layout of Hugging Face's optimum: {@code input_ids},
 * {@code attention_mask} and {@code position_ids} (both optional), {@code past_key_values.N.key}
 * and {@code .value} -> {@code logits}, {@code present.N.key} and {@code .value}, and {@code
 * last_hidden_state} where it is exported.
 *
 * @param session of ONNX Runtime
 * @param masked whether the graph takes an attention mask
 * @param positioned whether the graph takes position ids
 * @param vocabulary number of logits
 * @param hidden width of the last hidden state, 0 where the graph does not tell it in floats
 * @param heads key-value heads a layer
 * @param headSize width of one
 * @param batches whether a pass may read several rows
 * @param cacheType element type of keys and values
 * @param past names of the cache's inputs
 * @param present names of the cache's outputs, in the same order
 */
record DecoderGraph(
    OrtSession session,
    boolean masked,
    boolean positioned,
    int vocabulary,
    int hidden,
    int heads,
    int headSize,
    boolean batches,
    OnnxJavaType cacheType,
    List<String> past,
    List<String> present)
    implements AutoCloseable {

  static final String INPUT_IDS = "input_ids";
  static final String ATTENTION_MASK = "attention_mask";
  static final String POSITION_IDS = "position_ids";
  static final String LOGITS = "logits";
  static final String HIDDEN = "last_hidden_state";

  // NodeProto.op_type.
  private static final int OPERATOR = 4;

  // Of the runtime: behind a text it reads several tokens of one row only.
  private static final String ONE_ROW = "GroupQueryAttention";

  private static final Set<String> KNOWN = Set.of(INPUT_IDS, ATTENTION_MASK, POSITION_IDS);

  /**
   * Opens a graph and reads its shape; closes it again when it is no decoder.
   *
   * @throws ModelLoadException when it is corrupt or has another layout
   */
  static DecoderGraph open(OnnxRuntime runtime, ModelFolder folder) {
    OrtSession session = runtime.open(folder.file(ModelFolder.GRAPH));
    try {
      return read(session, operators(folder.file(ModelFolder.GRAPH)));
    } catch (OrtException e) {
      close(session);
      throw new ModelLoadException("The inputs and outputs of model.onnx cannot be read.", e);
    } catch (RuntimeException e) {
      close(session);
      throw e;
    }
  }

  private static Set<String> operators(Path file) {
    var operators = new HashSet<String>();
    OnnxFile.each(
        file,
        OnnxFile.NODE,
        node -> {
          for (int tag = node.readTag(); tag != 0; tag = node.readTag()) {
            if (WireFormat.getTagFieldNumber(tag) == OPERATOR) {
              operators.add(node.readString());
            } else {
              node.skipField(tag);
            }
          }
        });
    return operators;
  }

  private static DecoderGraph read(OrtSession session, Set<String> operators) throws OrtException {
    Map<String, NodeInfo> inputs = session.getInputInfo();
    Map<String, NodeInfo> outputs = session.getOutputInfo();
    require(inputs.containsKey(INPUT_IDS), "has no input input_ids");
    require(tensor(inputs, INPUT_IDS).type == OnnxJavaType.INT64, "wants input_ids not as int64");
    require(outputs.containsKey(LOGITS), "has no output logits");
    long[] logits = tensor(outputs, LOGITS).getShape();
    require(logits.length == 3 && logits[2] > 0, "has logits of no fixed width");
    var past = new ArrayList<String>();
    var present = new ArrayList<String>();
    for (int layer = 0; inputs.containsKey(pastName(layer, "key")); layer++) {
      for (String part : List.of("key", "value")) {
        require(inputs.containsKey(pastName(layer, part)), "lacks " + pastName(layer, part));
        String name = "present." + layer + "." + part;
        require(outputs.containsKey(name), "lacks the output " + name);
        past.add(pastName(layer, part));
        present.add(name);
      }
    }
    require(!past.isEmpty(), "has no key-value cache (past_key_values.0.key)");
    for (String name : inputs.keySet()) {
      require(KNOWN.contains(name) || past.contains(name), "has an unknown input " + name);
    }
    TensorInfo first = tensor(inputs, past.getFirst());
    long[] cache = first.getShape();
    require(
        cache.length == 4 && cache[1] > 0 && cache[3] > 0,
        "has a key-value cache that is not [batch, heads, length, width]");
    for (String name : past) {
      long[] shape = tensor(inputs, name).getShape();
      require(
          shape.length == 4
              && shape[1] == cache[1]
              && shape[3] == cache[3]
              && tensor(inputs, name).type == first.type,
          "has layers of different shapes");
    }
    require(
        first.type == OnnxJavaType.FLOAT || first.type == OnnxJavaType.FLOAT16,
        "has a key-value cache of type " + first.type);
    return new DecoderGraph(
        session,
        inputs.containsKey(ATTENTION_MASK),
        inputs.containsKey(POSITION_IDS),
        Math.toIntExact(logits[2]),
        hidden(outputs),
        Math.toIntExact(cache[1]),
        Math.toIntExact(cache[3]),
        tensor(inputs, INPUT_IDS).getShape()[0] < 0
            && cache[0] < 0
            && logits[0] < 0
            && !operators.contains(ONE_ROW),
        first.type,
        List.copyOf(past),
        List.copyOf(present));
  }

  private static int hidden(Map<String, NodeInfo> outputs) {
    if (!outputs.containsKey(HIDDEN)) {
      return 0;
    }
    TensorInfo states = tensor(outputs, HIDDEN);
    long[] shape = states.getShape();
    boolean told = states.type == OnnxJavaType.FLOAT && shape.length == 3 && shape[2] > 0;
    return told ? Math.toIntExact(shape[2]) : 0;
  }

  private static String pastName(int layer, String part) {
    return "past_key_values." + layer + "." + part;
  }

  private static TensorInfo tensor(Map<String, NodeInfo> nodes, String name) {
    if (nodes.get(name).getInfo() instanceof TensorInfo tensor) {
      return tensor;
    }
    throw new ModelLoadException("model.onnx: %s is no tensor.".formatted(name));
  }

  private static void require(boolean holds, String fault) {
    if (!holds) {
      throw new ModelLoadException(
          "model.onnx %s; it must have the decoder layout of Hugging Face's optimum."
              .formatted(fault));
    }
  }

  @Override
  public void close() {
    close(session);
  }

  private static void close(OrtSession session) {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("A graph cannot be closed", e);
    }
  }
}
