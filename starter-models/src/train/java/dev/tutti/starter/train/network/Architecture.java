package dev.tutti.starter.train.network;

import java.util.ArrayList;
import java.util.List;

/**
 * The shape of a Llama-style decoder: RMS norm, rotary positions, SwiGLU, untied output matrix.
 *
 * @param vocabulary number of tokens
 * @param width of the residual stream
 * @param layers number of blocks
 * @param heads attention heads a block; width / heads must be even
 * @param inner width of the feed-forward part
 * @param context longest sequence, in tokens
 */
public record Architecture(
    int vocabulary, int width, int layers, int heads, int inner, int context) {

  /** Added to the mean square before its root. */
  public static final float NORM_EPSILON = 1e-5f;

  /** Base of the rotary frequencies. */
  public static final float ROPE_THETA = 10_000f;

  /** Refuses widths that the heads do not divide. */
  public Architecture {
    if (width % heads != 0 || (width / heads) % 2 != 0) {
      throw new IllegalArgumentException(
          "width " + width + " is no even multiple of " + heads + " heads");
    }
  }

  /** Width of one head. */
  public int headWidth() {
    return width / heads;
  }

  /** Name of a weight of one block, as Hugging Face names it. */
  public static String inLayer(int layer, String name) {
    return "model.layers." + layer + "." + name;
  }

  /** Every weight in a fixed order; matrices are [in, out]. */
  public List<WeightShape> weights() {
    List<WeightShape> all = new ArrayList<>();
    double outputScale = 1 / Math.sqrt(2.0 * layers);
    all.add(WeightShape.matrix("model.embed_tokens", vocabulary, width, 1 / Math.sqrt(width)));
    for (int l = 0; l < layers; l++) {
      all.add(WeightShape.ones(inLayer(l, "input_layernorm"), width));
      for (String name : List.of("q_proj", "k_proj", "v_proj")) {
        all.add(matrix(inLayer(l, "self_attn." + name), width, width, 1));
      }
      all.add(matrix(inLayer(l, "self_attn.o_proj"), width, width, outputScale));
      all.add(WeightShape.ones(inLayer(l, "post_attention_layernorm"), width));
      all.add(matrix(inLayer(l, "mlp.gate_proj"), width, inner, 1));
      all.add(matrix(inLayer(l, "mlp.up_proj"), width, inner, 1));
      all.add(matrix(inLayer(l, "mlp.down_proj"), inner, width, outputScale));
    }
    all.add(WeightShape.ones("model.norm", width));
    all.add(matrix("lm_head", width, vocabulary, 1));
    return List.copyOf(all);
  }

  /** Number of parameters. */
  public int parameters() {
    return weights().stream().mapToInt(WeightShape::size).sum();
  }

  /** The rotary angle of a position in one of the head's dimensions; both halves turn alike. */
  public double angle(int position, int dimension) {
    int half = headWidth() / 2;
    return position * Math.pow(ROPE_THETA, -(double) (dimension % half) / half);
  }

  /**
   * The matrix that turns (x1, x2) into (-x2, x1), [in, out]: rotary positions as two products, the
   * same in the trainer and in the exported graph.
   */
  public float[] quarterTurn() {
    int width = headWidth();
    int half = width / 2;
    float[] turn = new float[width * width];
    for (int i = 0; i < half; i++) {
      turn[(i + half) * width + i] = -1;
      turn[i * width + i + half] = 1;
    }
    return turn;
  }

  private static WeightShape matrix(String name, int in, int out, double scale) {
    return WeightShape.matrix(name, in, out, scale / Math.sqrt(in));
  }
}
