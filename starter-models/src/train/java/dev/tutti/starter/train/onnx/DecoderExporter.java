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
 * logits [B,S,V], present.N.key and .value [B,heads,P+S,width] and last_hidden_state [B,S,width],
 * which the output matrix is multiplied with. B, S and P are dynamic, P may be 0; several tokens
 * may follow a cache; positions whose mask is 0 are not attended to.
 */
public final class DecoderExporter {

  /** How weights are stored; the arithmetic is in single precision either way. */
  public enum Precision {
    /** Single precision. */
    FP32,
    /** Half precision, half the size. */
    FP16
  }

  /** The operators that attention is made of. */
  public enum Attention {
    /** Products and softmax of the ONNX standard; every position's mask counts. */
    BASIC,
    /**
     * GroupQueryAttention of ONNX Runtime, which turns and caches by itself and is faster at long
     * contexts. It counts the mask's ones and takes positions from that, so there is no padding on
     * the left.
     */
    GROUPED_QUERY
  }

  private static final String GROUPED = "GroupQueryAttention";
  private static final long[] SCALAR = {};
  private static final long[] ONE = {1};

  private final Architecture architecture;
  private final Attention attention;
  private final OnnxGraph graph = new OnnxGraph();
  private final Map<String, String> weights = new HashMap<>();

  private DecoderExporter(Architecture architecture, Attention attention) {
    this.architecture = architecture;
    this.attention = attention;
  }

  /** The bytes of {@code model.onnx}. */
  public static byte[] export(
      String name,
      Architecture architecture,
      Attention attention,
      Weights weights,
      Precision precision) {
    DecoderExporter exporter = new DecoderExporter(architecture, attention);
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
    graph.output("last_hidden_state", OnnxGraph.FLOAT, "batch", "sequence", architecture.width());
    constants();
    Attend attend = attention == Attention.BASIC ? basic() : groupedQuery();
    String x = graph.op("Gather", weights.get("model.embed_tokens"), "input_ids");
    for (int l = 0; l < architecture.layers(); l++) {
      String mixed = attend.mixed(norm(x, Architecture.inLayer(l, "input_layernorm")), l);
      String attended = graph.op("MatMul", mixed, projection(l, "o_proj"));
      x = graph.op("Add", x, attended);
      String fed = feedForward(norm(x, Architecture.inLayer(l, "post_attention_layernorm")), l);
      x = graph.op("Add", x, fed);
    }
    String hidden =
        graph.named("last_hidden_state", "Mul", List.of(normed(x), weights.get("model.norm")));
    graph.named("logits", "MatMul", List.of(hidden, weights.get("lm_head")));
  }

  /** One layer's attention over the normed stream, before the output projection. */
  private interface Attend {
    String mixed(String x, int layer);
  }

  private void constants() {
    graph.longs("one", SCALAR, 1);
    graph.longs("axis_1", ONE, 1);
    graph.floats("epsilon", SCALAR, Architecture.NORM_EPSILON);
  }

  private Attend groupedQuery() {
    int width = architecture.headWidth() / 2;
    String seen =
        graph.op("ReduceSum", List.of("attention_mask", "axis_1"), new Attribute("keepdims", 0));
    Attribute narrow = new Attribute("to", OnnxGraph.INT32);
    String lasts = graph.op("Cast", List.of(graph.op("Sub", seen, "one")), narrow);
    String total = graph.op("Cast", List.of(total()), narrow);
    angles("cosines", width, true);
    angles("sines", width, false);
    return (x, l) -> {
      List<String> inputs =
          List.of(
              graph.op("MatMul", x, projection(l, "q_proj")),
              graph.op("MatMul", x, projection(l, "k_proj")),
              graph.op("MatMul", x, projection(l, "v_proj")),
              "past_key_values." + l + ".key",
              "past_key_values." + l + ".value",
              lasts,
              total,
              "cosines",
              "sines");
      List<String> outputs =
          List.of("attended." + l, "present." + l + ".key", "present." + l + ".value");
      graph.contributed(
          GROUPED,
          inputs,
          outputs,
          new Attribute("num_heads", architecture.heads()),
          new Attribute("kv_num_heads", architecture.heads()),
          new Attribute("do_rotary", 1));
      return outputs.getFirst();
    };
  }

  private Attend basic() {
    int head = architecture.headWidth();
    graph.longs("zero", SCALAR, 0);
    graph.longs("axes_1_2", new long[] {2}, 1, 2);
    graph.longs("split_heads", new long[] {4}, 0, 0, architecture.heads(), head);
    graph.longs("join_heads", new long[] {3}, 0, 0, architecture.width());
    graph.floats("seen", SCALAR, 0);
    graph.floats("unseen", SCALAR, -1e9f);
    graph.floats("scale", SCALAR, (float) (1 / Math.sqrt(head)));
    graph.floats("quarter_turn", new long[] {head, head}, architecture.quarterTurn());
    String mask = mask();
    String cos = rotary("cosines", true);
    String sin = rotary("sines", false);
    return (x, l) -> attended(x, l, mask, cos, sin);
  }

  /** Length of the cache and what follows it. */
  private String total() {
    return length("attention_mask");
  }

  private String length(String input) {
    return graph.op("Gather", List.of(graph.op("Shape", input), "one"), new Attribute("axis", 0));
  }

  /** [B,1,S,P+S]: 0 where a query sees a key, else a large negative number. */
  private String mask() {
    String total = total();
    String past = graph.op("Sub", total, length("input_ids"));
    String keys = graph.op("Range", "zero", total, "one");
    String queries = graph.op("Unsqueeze", graph.op("Range", past, total, "one"), "axis_1");
    String causal = graph.op("LessOrEqual", keys, queries);
    String real = graph.op("Cast", List.of("attention_mask"), new Attribute("to", OnnxGraph.BOOL));
    String visible = graph.op("And", graph.op("Unsqueeze", real, "axes_1_2"), causal);
    return graph.op("Where", visible, "seen", "unseen");
  }

  /** [B,1,S,head]: the cosines or sines of the positions' angles. */
  private String rotary(String name, boolean cosine) {
    angles(name, architecture.headWidth(), cosine);
    return graph.op("Unsqueeze", graph.op("Gather", name, "position_ids"), "axis_1");
  }

  /** A constant [context, width]: the cosines or sines of every position's first angles. */
  private void angles(String name, int width, boolean cosine) {
    int context = architecture.context();
    float[] table = new float[context * width];
    for (int p = 0; p < context; p++) {
      for (int d = 0; d < width; d++) {
        double angle = architecture.angle(p, d);
        table[p * width + d] = (float) (cosine ? Math.cos(angle) : Math.sin(angle));
      }
    }
    graph.floats(name, new long[] {context, width}, table);
  }

  private String norm(String x, String name) {
    return graph.op("Mul", normed(x), weights.get(name));
  }

  private String normed(String x) {
    String square =
        graph.op(
            "ReduceMean",
            List.of(graph.op("Mul", x, x)),
            new Attribute("axes", -1),
            new Attribute("keepdims", 1));
    String root = graph.op("Sqrt", graph.op("Add", square, "epsilon"));
    return graph.op("Div", x, root);
  }

  private String attended(String x, int l, String mask, String cos, String sin) {
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
    return graph.op("Reshape", mixed, "join_heads");
  }

  private String projection(int l, String name) {
    return weights.get(Architecture.inLayer(l, "self_attn." + name));
  }

  private String cached(int l, String part, String fresh) {
    return graph.named(
        "present." + l + "." + part,
        "Concat",
        List.of("past_key_values." + l + "." + part, fresh),
        new Attribute("axis", 2));
  }

  private String heads(String x, int l, String name) {
    String y = graph.op("MatMul", x, projection(l, name));
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
