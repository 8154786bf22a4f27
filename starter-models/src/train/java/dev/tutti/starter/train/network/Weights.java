package dev.tutti.starter.train.network;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * The values of a network, one array a weight, in the order of {@link Architecture#weights()}. They
 * live in Java; PyTorch sees copies that last one step.
 *
 * @param shapes the weights
 * @param values their values, row by row
 */
public record Weights(List<WeightShape> shapes, float[][] values) {

  /** Fresh values for an architecture; same seed, same values. */
  public static Weights fresh(Architecture architecture, long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    List<WeightShape> shapes = architecture.weights();
    return new Weights(
        shapes, shapes.stream().map(shape -> shape.fresh(random)).toArray(float[][]::new));
  }

  /**
   * The values of a shallower network below fresh blocks that pass on what they get, because what
   * they would add is zero at first (Wu et al., 2024, arXiv:2401.02415). Where the feed-forward
   * parts are narrower than the shallower one's, they keep the channels whose weights are largest
   * (the product of the norms of their three vectors); otherwise it computes what the shallower one
   * does.
   *
   * @param architecture like the shallower one's, with as many layers or more and feed-forward
   *     parts as wide or narrower
   * @param lower the shallower network
   * @param seed of the fresh values
   */
  public static Weights above(Architecture architecture, Weights lower, long seed) {
    Weights grown = fresh(architecture, seed);
    Map<String, float[]> known = new HashMap<>();
    for (int w = 0; w < lower.values.length; w++) {
      known.put(lower.shapes.get(w).name(), lower.values[w]);
    }
    for (int l = 0; known.containsKey(Architecture.inLayer(l, "mlp.up_proj")); l++) {
      narrow(known, l, architecture);
    }
    for (int w = 0; w < grown.values.length; w++) {
      String name = grown.shapes.get(w).name();
      if (known.containsKey(name)) {
        grown.values[w] = known.get(name).clone();
      } else if (name.endsWith("o_proj") || name.endsWith("down_proj")) {
        Arrays.fill(grown.values[w], 0);
      }
    }
    return grown;
  }

  /** Keeps as many channels of a layer's feed-forward part as the architecture has. */
  private static void narrow(Map<String, float[]> weights, int layer, Architecture architecture) {
    String gateName = Architecture.inLayer(layer, "mlp.gate_proj");
    String upName = Architecture.inLayer(layer, "mlp.up_proj");
    String downName = Architecture.inLayer(layer, "mlp.down_proj");
    int width = architecture.width();
    int inner = weights.get(upName).length / width;
    if (inner == architecture.inner()) {
      return;
    }
    float[] gate = weights.get(gateName);
    float[] up = weights.get(upName);
    float[] down = weights.get(downName);
    double[] size = new double[inner];
    for (int c = 0; c < inner; c++) {
      size[c] =
          norm(gate, c, inner, width) * norm(up, c, inner, width) * norm(down, c * width, 1, width);
    }
    int[] kept =
        IntStream.range(0, inner)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer c) -> -size[c]))
            .limit(architecture.inner())
            .mapToInt(Integer::intValue)
            .sorted()
            .toArray();
    float[] narrowGate = new float[width * kept.length];
    float[] narrowUp = new float[width * kept.length];
    float[] narrowDown = new float[width * kept.length];
    for (int k = 0; k < kept.length; k++) {
      for (int i = 0; i < width; i++) {
        narrowGate[i * kept.length + k] = gate[i * inner + kept[k]];
        narrowUp[i * kept.length + k] = up[i * inner + kept[k]];
        narrowDown[k * width + i] = down[kept[k] * width + i];
      }
    }
    weights.put(gateName, narrowGate);
    weights.put(upName, narrowUp);
    weights.put(downName, narrowDown);
  }

  private static double norm(float[] values, int first, int stride, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += (double) values[first + i * stride] * values[first + i * stride];
    }
    return Math.sqrt(sum);
  }

  /** All zero, of the same shape. */
  public static Weights zeros(Architecture architecture) {
    List<WeightShape> shapes = architecture.weights();
    return new Weights(
        shapes, shapes.stream().map(shape -> new float[shape.size()]).toArray(float[][]::new));
  }

  /** A copy whose values are rounded to half precision. */
  public Weights halved() {
    Weights rounded = copy();
    for (float[] value : rounded.values) {
      for (int i = 0; i < value.length; i++) {
        value[i] = Float.float16ToFloat(Float.floatToFloat16(value[i]));
      }
    }
    return rounded;
  }

  /** A copy that shares nothing. */
  public Weights copy() {
    float[][] copied = new float[values.length][];
    for (int w = 0; w < values.length; w++) {
      copied[w] = values[w].clone();
    }
    return new Weights(shapes, copied);
  }

  /** Adds another one's values times a factor, in place. */
  public void add(Weights other, double factor) {
    for (int w = 0; w < values.length; w++) {
      for (int i = 0; i < values[w].length; i++) {
        values[w][i] += (float) (factor * other.values[w][i]);
      }
    }
  }
}
