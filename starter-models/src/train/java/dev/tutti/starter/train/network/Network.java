package dev.tutti.starter.train.network;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.training.GradientCollector;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The forward and backward pass in PyTorch. Everything native lives in one sub-manager a call:
 * weights go in as arrays and gradients come out as arrays, so no tensor outlives its step. Arrays
 * made from Java memory are duplicated (PyTorch would otherwise look into memory that Java frees)
 * and no scalar overloads are used (their temporaries die before the backward pass).
 */
public final class Network {

  private static final float FORBIDDEN = -1e9f;

  private final Architecture architecture;

  /** A network of this shape. */
  public Network(Architecture architecture) {
    this.architecture = architecture;
  }

  /**
   * The mean negative log-likelihood of the targets and its gradient.
   *
   * @param gradients receives the gradient
   */
  public float gradients(Weights weights, Batch batch, Weights gradients) {
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      Pass pass = new Pass(manager, weights, batch.length(), true);
      NDArray hidden = pass.hidden(batch.ids(), batch.rows());
      NDArray at = pass.longs(batch.positions(), new Shape(batch.positions().length));
      NDArray targets = pass.longs(batch.targets(), new Shape(batch.targets().length, 1));
      NDArray logits = pass.logits(embedding(at, hidden)).add(pass.barred(batch.candidates()));
      NDArray loss = logits.logSoftmax(-1).gather(targets, 1).neg().mean();
      float value = loss.getFloat();
      collector.backward(loss);
      for (int w = 0; w < weights.values().length; w++) {
        String name = weights.shapes().get(w).name();
        NDArray gradient = pass.weight(name).getGradient();
        float[] values = gradient.toFloatArray();
        System.arraycopy(values, 0, gradients.values()[w], 0, values.length);
      }
      return value;
    }
  }

  /** The logits at every position, [rows * length, vocabulary]; rows are of equal length. */
  public float[][] logits(Weights weights, long[] ids, int rows) {
    int length = ids.length / rows;
    try (NDManager manager = NDManager.newBaseManager()) {
      Pass pass = new Pass(manager, weights, length, false);
      float[] flat = pass.logits(pass.hidden(ids, rows)).toFloatArray();
      float[][] logits = new float[ids.length][architecture.vocabulary()];
      for (int i = 0; i < ids.length; i++) {
        System.arraycopy(
            flat, i * architecture.vocabulary(), logits[i], 0, architecture.vocabulary());
      }
      return logits;
    }
  }

  private static NDArray embedding(NDArray ids, NDArray table) {
    return ids.getNDArrayInternal().embedding(ids, table, SparseFormat.DENSE).head();
  }

  /** One pass over rows of one length. */
  private final class Pass {
    private final NDManager manager;
    private final int length;
    private final Map<String, NDArray> weights = new HashMap<>();
    private final NDArray epsilon;
    private final NDArray scale;
    private final NDArray cosines;
    private final NDArray sines;
    private final NDArray quarterTurn;
    private final NDArray mask;

    Pass(NDManager manager, Weights values, int length, boolean gradients) {
      this.manager = manager;
      this.length = length;
      for (int w = 0; w < values.values().length; w++) {
        WeightShape shape = values.shapes().get(w);
        NDArray weight = floats(values.values()[w], new Shape(shape.dimensions()));
        weight.setRequiresGradient(gradients);
        weights.put(shape.name(), weight);
      }
      int head = architecture.headWidth();
      epsilon = floats(new float[] {Architecture.NORM_EPSILON}, new Shape(1));
      scale = floats(new float[] {(float) (1 / Math.sqrt(head))}, new Shape(1));
      quarterTurn = floats(architecture.quarterTurn(), new Shape(head, head));
      float[] cos = new float[length * head];
      float[] sin = new float[length * head];
      float[] hidden = new float[length * length];
      for (int i = 0; i < length; i++) {
        for (int d = 0; d < head; d++) {
          cos[i * head + d] = (float) Math.cos(architecture.angle(i, d));
          sin[i * head + d] = (float) Math.sin(architecture.angle(i, d));
        }
        for (int j = i + 1; j < length; j++) {
          hidden[i * length + j] = FORBIDDEN;
        }
      }
      cosines = floats(cos, new Shape(1, 1, length, head));
      sines = floats(sin, new Shape(1, 1, length, head));
      mask = floats(hidden, new Shape(1, 1, length, length));
    }

    NDArray floats(float[] values, Shape shape) {
      return manager.create(values, shape).duplicate();
    }

    NDArray longs(long[] values, Shape shape) {
      return manager.create(values, shape).duplicate();
    }

    /** Added to logits: nothing for the candidates, much less than any for the others. */
    NDArray barred(int[] candidates) {
      float[] added = new float[architecture.vocabulary()];
      if (candidates.length > 0) {
        Arrays.fill(added, FORBIDDEN);
        for (int candidate : candidates) {
          added[candidate] = 0;
        }
      }
      return floats(added, new Shape(1, added.length));
    }

    NDArray weight(String name) {
      return weights.get(name);
    }

    /** The normed residual stream, [rows * length, width]. */
    NDArray hidden(long[] ids, int rows) {
      NDArray x = embedding(longs(ids, new Shape(ids.length)), weight("model.embed_tokens"));
      for (int l = 0; l < architecture.layers(); l++) {
        x = x.add(attention(norm(x, Architecture.inLayer(l, "input_layernorm")), l, rows));
        x = x.add(feedForward(norm(x, Architecture.inLayer(l, "post_attention_layernorm")), l));
      }
      return norm(x, "model.norm");
    }

    NDArray logits(NDArray hidden) {
      return hidden.matMul(weight("lm_head"));
    }

    private NDArray norm(NDArray x, String name) {
      NDArray root = x.mul(x).mean(new int[] {-1}, true).add(epsilon).sqrt();
      return x.div(root).mul(weight(name));
    }

    private NDArray attention(NDArray x, int l, int rows) {
      NDArray q = rotated(heads(x, l, "q_proj", rows));
      NDArray k = rotated(heads(x, l, "k_proj", rows));
      NDArray v = heads(x, l, "v_proj", rows);
      NDArray scores = q.matMul(k.transpose(0, 1, 3, 2)).mul(scale).add(mask);
      NDArray mixed = scores.softmax(-1).matMul(v).transpose(0, 2, 1, 3);
      NDArray flat = mixed.reshape((long) rows * length, architecture.width());
      return flat.matMul(weight(Architecture.inLayer(l, "self_attn.o_proj")));
    }

    private NDArray heads(NDArray x, int l, String name, int rows) {
      return x.matMul(weight(Architecture.inLayer(l, "self_attn." + name)))
          .reshape(rows, length, architecture.heads(), architecture.headWidth())
          .transpose(0, 2, 1, 3);
    }

    private NDArray rotated(NDArray x) {
      return x.mul(cosines).add(x.matMul(quarterTurn).mul(sines));
    }

    private NDArray feedForward(NDArray x, int l) {
      NDArray gate = x.matMul(weight(Architecture.inLayer(l, "mlp.gate_proj")));
      NDArray up = x.matMul(weight(Architecture.inLayer(l, "mlp.up_proj")));
      NDArray opened = gate.mul(gate.getNDArrayInternal().sigmoid()).mul(up);
      return opened.matMul(weight(Architecture.inLayer(l, "mlp.down_proj")));
    }
  }
}
