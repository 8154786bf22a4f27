package dev.tutti.starter.train.onnx;

import dev.tutti.starter.train.network.Architecture;
import dev.tutti.starter.train.network.WeightShape;
import dev.tutti.starter.train.network.Weights;
import dev.tutti.starter.train.onnx.OnnxGraph.Attribute;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a network in the layout of Hugging Face optimum, decoder with past: input_ids [B,S],
 * attention_mask [B,P+S], position_ids [B,S], past_key_values.N.key and .value [B,heads,P,width] to
 * logits [B,S,V] and present.N.key and .value [B,heads,P+S,width]. B, S and P are dynamic, P may be
 * 0; several tokens may follow a cache; positions whose mask is 0 are not attended to.
 */
public final class DecoderExporter {

  /** How weights are stored; the arithmetic is in single precision either way. */
  public enum Precision {
    /** Single precision. */
    FP32,
    /** Half precision, half the size. */
    FP16
  }

  private static final long[] SCALAR = {};
  private static final long[] ONE = {1};

  private final Architecture architecture;
  private final OnnxGraph graph = new OnnxGraph();
  private final Map<String, String> weights = new HashMap<>();

  private DecoderExporter(Architecture architecture) {
    this.architecture = architecture;
  }

  /** The bytes of {@code model.onnx}. */
  public static byte[] export(
      String name, Architecture architecture, Weights weights, Precision precision) {
    DecoderExporter exporter = new DecoderExporter(architecture);
    exporter.store(weights, precision);
    exporter.build();
    return exporter.graph.model(name);
  }

  private void store(Weights values, Precision precision) {
    for (int w = 0; w < values.values().length; w++) {
      WeightShape shape = values.shapes().get(w);
      float[] value = values.values()[w];
      String stored =
          precision == Precision.FP16
              ? graph.halves(shape.name(), shape.dimensions(), value)
              : graph.floats(shape.name(), shape.dimensions(), value);
      weights.put(shape.name(), stored);
    }
  }

  private void build() {
    int heads = architecture.heads();
    int head = architecture.headWidth();
    graph.input("input_ids", OnnxGraph.INT64, "batch", "sequence");
    graph.input("attention_mask", OnnxGraph.INT64, "batch", "total");
    graph.input("position_ids", OnnxGraph.INT64, "batch", "sequence");
    for (int l = 0; l < architecture.layers(); l++) {
      for (String part : List.of("key", "value")) {
        graph.input(
            "past_key_values." + l + "." + part, OnnxGraph.FLOAT, "batch", heads, "past", head);
      }
    }
    graph.output("logits", OnnxGraph.FLOAT, "batch", "sequence", architecture.vocabulary());
    for (int l = 0; l < architecture.layers(); l++) {
      for (String part : List.of("key", "value")) {
        graph.output("present." + l + "." + part, OnnxGraph.FLOAT, "batch", heads, "total", head);
      }
    }
    constants();
    String mask = mask();
    String cos = rotary("cosines", true);
    String sin = rotary("sines", false);
    String x = graph.op("Gather", weights.get("model.embed_tokens"), "input_ids");
    for (int l = 0; l < architecture.layers(); l++) {
      String attended =
          attention(norm(x, Architecture.inLayer(l, "input_layernorm")), l, mask, cos, sin);
      x = graph.op("Add", x, attended);
      String fed = feedForward(norm(x, Architecture.inLayer(l, "post_attention_layernorm")), l);
      x = graph.op("Add", x, fed);
    }
    graph.named("logits", "MatMul", List.of(norm(x, "model.norm"), weights.get("lm_head")));
  }

  private void constants() {
    int head = architecture.headWidth();
    graph.longs("zero", SCALAR, 0);
    graph.longs("one", SCALAR, 1);
    graph.longs("axis_1", ONE, 1);
    graph.longs("axes_1_2", new long[] {2}, 1, 2);
    graph.longs("split_heads", new long[] {4}, 0, 0, architecture.heads(), head);
    graph.longs("join_heads", new long[] {3}, 0, 0, architecture.width());
    graph.floats("seen", SCALAR, 0);
    graph.floats("unseen", SCALAR, -1e9f);
    graph.floats("epsilon", SCALAR, Architecture.NORM_EPSILON);
    graph.floats("scale", SCALAR, (float) (1 / Math.sqrt(head)));
    graph.floats("quarter_turn", new long[] {head, head}, architecture.quarterTurn());
  }

  /** [B,1,S,P+S]: 0 where a query sees a key, else a large negative number. */
  private String mask() {
    Attribute second = new Attribute("axis", 0);
    String total = graph.op("Gather", List.of(graph.op("Shape", "attention_mask"), "one"), second);
    String fresh = graph.op("Gather", List.of(graph.op("Shape", "input_ids"), "one"), second);
    String past = graph.op("Sub", total, fresh);
    String keys = graph.op("Range", "zero", total, "one");
    String queries = graph.op("Unsqueeze", graph.op("Range", past, total, "one"), "axis_1");
    String causal = graph.op("LessOrEqual", keys, queries);
    String real = graph.op("Cast", List.of("attention_mask"), new Attribute("to", OnnxGraph.BOOL));
    String visible = graph.op("And", graph.op("Unsqueeze", real, "axes_1_2"), causal);
    return graph.op("Where", visible, "seen", "unseen");
  }

  /** [B,1,S,head]: the cosines or sines of the positions' angles. */
  private String rotary(String name, boolean cosine) {
    int head = architecture.headWidth();
    int context = architecture.context();
    float[] table = new float[context * head];
    for (int p = 0; p < context; p++) {
      for (int d = 0; d < head; d++) {
        double angle = architecture.angle(p, d);
        table[p * head + d] = (float) (cosine ? Math.cos(angle) : Math.sin(angle));
      }
    }
    graph.floats(name, new long[] {context, head}, table);
    return graph.op("Unsqueeze", graph.op("Gather", name, "position_ids"), "axis_1");
  }

  private String norm(String x, String name) {
    String square =
        graph.op(
            "ReduceMean",
            List.of(graph.op("Mul", x, x)),
            new Attribute("axes", -1),
            new Attribute("keepdims", 1));
    String root = graph.op("Sqrt", graph.op("Add", square, "epsilon"));
    return graph.op("Mul", graph.op("Div", x, root), weights.get(name));
  }

  private String attention(String x, int l, String mask, String cos, String sin) {
    String q = rotated(heads(x, l, "q_proj"), cos, sin);
    String k = rotated(heads(x, l, "k_proj"), cos, sin);
    String keys = cached(l, "key", k);
    String values = cached(l, "value", heads(x, l, "v_proj"));
    String turned = graph.op("Transpose", List.of(keys), new Attribute("perm", 0, 1, 3, 2));
    String scores = graph.op("Mul", graph.op("MatMul", q, turned), "scale");
    String weighed =
        graph.op("Softmax", List.of(graph.op("Add", scores, mask)), new Attribute("axis", -1));
    String mixed =
        graph.op(
            "Transpose",
            List.of(graph.op("MatMul", weighed, values)),
            new Attribute("perm", 0, 2, 1, 3));
    String flat = graph.op("Reshape", mixed, "join_heads");
    return graph.op("MatMul", flat, weights.get(Architecture.inLayer(l, "self_attn.o_proj")));
  }

  private String cached(int l, String part, String fresh) {
    return graph.named(
        "present." + l + "." + part,
        "Concat",
        List.of("past_key_values." + l + "." + part, fresh),
        new Attribute("axis", 2));
  }

  private String heads(String x, int l, String name) {
    String y = graph.op("MatMul", x, weights.get(Architecture.inLayer(l, "self_attn." + name)));
    return graph.op(
        "Transpose",
        List.of(graph.op("Reshape", y, "split_heads")),
        new Attribute("perm", 0, 2, 1, 3));
  }

  private String rotated(String x, String cos, String sin) {
    String turned = graph.op("MatMul", x, "quarter_turn");
    return graph.op("Add", graph.op("Mul", x, cos), graph.op("Mul", turned, sin));
  }

  private String feedForward(String x, int l) {
    String gate = graph.op("MatMul", x, weights.get(Architecture.inLayer(l, "mlp.gate_proj")));
    String up = graph.op("MatMul", x, weights.get(Architecture.inLayer(l, "mlp.up_proj")));
    String opened = graph.op("Mul", graph.op("Mul", gate, graph.op("Sigmoid", gate)), up);
    return graph.op("MatMul", opened, weights.get(Architecture.inLayer(l, "mlp.down_proj")));
  }
}
