package dev.tutti.starter.train.network;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

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
   * they would add is zero at first (Wu et al., 2024, arXiv:2401.02415): it computes what the
   * shallower one does.
   *
   * @param architecture like the shallower one's, with as many layers or more
   * @param lower the shallower network
   * @param seed of the fresh values
   */
  public static Weights above(Architecture architecture, Weights lower, long seed) {
    Weights grown = fresh(architecture, seed);
    Map<String, float[]> known = new HashMap<>();
    for (int w = 0; w < lower.values.length; w++) {
      known.put(lower.shapes.get(w).name(), lower.values[w]);
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
