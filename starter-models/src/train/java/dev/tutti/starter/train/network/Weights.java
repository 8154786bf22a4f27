package dev.tutti.starter.train.network;

import java.util.List;
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

  /** All zero, of the same shape. */
  public static Weights zeros(Architecture architecture) {
    List<WeightShape> shapes = architecture.weights();
    return new Weights(
        shapes, shapes.stream().map(shape -> new float[shape.size()]).toArray(float[][]::new));
  }

  /** A copy whose values are rounded to half precision. */
  public Weights halved() {
    float[][] rounded = new float[values.length][];
    for (int w = 0; w < values.length; w++) {
      rounded[w] = values[w].clone();
      for (int i = 0; i < rounded[w].length; i++) {
        rounded[w][i] = Float.float16ToFloat(Float.floatToFloat16(rounded[w][i]));
      }
    }
    return new Weights(shapes, rounded);
  }
}
