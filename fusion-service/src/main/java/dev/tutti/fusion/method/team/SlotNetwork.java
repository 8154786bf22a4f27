package dev.tutti.fusion.method.team;

import dev.tutti.numerics.Adam;
import dev.tutti.numerics.Interruption;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Shuffle;
import dev.tutti.numerics.Vectors;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * LLM-TOPLA's learned weighting (Tekin et al. 2024, arXiv:2410.03953): of how much each member
 * gives to each answer a network of two layers of sigmoids makes one log-odds an answer. Answers
 * are known by their place: the most supported one first. Immutable as long as nobody writes to its
 * matrices.
 *
 * @param first {@code [slots x members + 1][hidden]}, the bias last
 * @param second {@code [hidden + 1][hidden]}
 * @param out {@code [hidden + 1][slots]}
 */
public record SlotNetwork(Matrix first, Matrix second, Matrix out) {

  private static final double RATE = 1e-3;
  private static final int BATCH = 64;

  /** One in so many questions is not learned from, but tells when to stop. */
  private static final int HELD = 10;

  /**
   * A question.
   *
   * @param given how much each member gives to each slot, slot by slot of the first member, then of
   *     the second; in [0, 1]
   * @param right the slot of the right answer
   */
  public record Example(float[] given, int right) {}

  /** One log-odds a slot. */
  public double[] apply(float[] given) {
    return layer(out, sigmoids(layer(second, sigmoids(layer(first, Vectors.doubles(given))))));
  }

  private static double[] sigmoids(double[] z) {
    return Arrays.stream(z).map(Vectors::sigmoid).toArray();
  }

  private static double[] layer(Matrix weights, double[] x) {
    int columns = weights.columns();
    var z = new double[columns];
    for (int i = 0; i <= x.length; i++) {
      double value = i < x.length ? x[i] : 1;
      for (int j = 0; value != 0 && j < columns; j++) {
        z[j] += value * weights.at(i, j);
      }
    }
    return z;
  }

  /**
   * Learns by Adam over batches; keeps what is best on one tenth of the questions.
   *
   * @param slots of an example
   * @param hidden numbers of each of the two layers
   * @param epochs how often each question is seen, at least 1
   */
  static SlotNetwork fit(
      List<Example> examples, int slots, int hidden, int epochs, RandomGenerator random) {
    int inputs = examples.getFirst().given().length;
    var fit = new Fit(inputs, hidden, slots, random);
    int[] order = Shuffle.of(examples.size(), random);
    int held = examples.size() / HELD;
    SlotNetwork best = fit.network();
    double least = held == 0 ? 0 : Double.POSITIVE_INFINITY;
    for (int epoch = 0; epoch < epochs; epoch++) {
      int[] shuffled = Shuffle.of(order.length - held, random);
      for (int i = 0; i < shuffled.length; i++) {
        fit.add(examples.get(order[held + shuffled[i]]));
        if ((i + 1) % BATCH == 0 || i + 1 == shuffled.length) {
          Interruption.check();
          fit.step();
        }
      }
      SlotNetwork now = fit.network();
      double loss = 0;
      for (int i = 0; i < held; i++) {
        Example example = examples.get(order[i]);
        loss -= Math.log(Vectors.softmax(now.apply(example.given()), 1)[example.right()] + 1e-300);
      }
      if (loss <= least) {
        least = loss;
        best = now;
      }
    }
    return best;
  }

  /** A network while it learns. */
  private static final class Fit {
    private final int inputs;
    private final int hidden;
    private final int slots;
    private final double[] values;
    private final Adam adam;
    private int batch;

    Fit(int inputs, int hidden, int slots, RandomGenerator random) {
      this.inputs = inputs;
      this.hidden = hidden;
      this.slots = slots;
      this.values = new double[at(3)];
      for (int layer = 0; layer < 3; layer++) {
        // Glorot & Bengio 2010; biases begin at 0.
        double bound = Math.sqrt(6.0 / (rows(layer) + columns(layer)));
        for (int i = at(layer); i < at(layer + 1) - columns(layer); i++) {
          values[i] = random.nextDouble(-bound, bound);
        }
      }
      this.adam = new Adam(values, RATE, 0);
    }

    private int rows(int layer) {
      return layer == 0 ? inputs : hidden;
    }

    private int columns(int layer) {
      return layer == 2 ? slots : hidden;
    }

    private int at(int layer) {
      int at = 0;
      for (int l = 0; l < layer; l++) {
        at += (rows(l) + 1) * columns(l);
      }
      return at;
    }

    void add(Example example) {
      batch++;
      double[][] x = new double[4][];
      x[0] = Vectors.doubles(example.given());
      for (int layer = 0; layer < 3; layer++) {
        var z = new double[columns(layer)];
        for (int i = 0; i <= x[layer].length; i++) {
          double value = i < x[layer].length ? x[layer][i] : 1;
          int row = at(layer) + i * z.length;
          for (int j = 0; value != 0 && j < z.length; j++) {
            z[j] += value * values[row + j];
          }
        }
        x[layer + 1] = layer < 2 ? sigmoids(z) : Vectors.softmax(z, 1);
      }
      double[] slope = x[3];
      slope[example.right()]--;
      for (int layer = 2; layer >= 0; layer--) {
        slope = back(layer, x[layer], slope);
      }
    }

    /** Adds a layer's gradient; the slope of what comes into it. */
    private double[] back(int layer, double[] x, double[] slope) {
      double[] gradient = adam.gradient();
      var before = new double[x.length];
      for (int i = 0; i <= x.length; i++) {
        double value = i < x.length ? x[i] : 1;
        if (value == 0) {
          continue;
        }
        int row = at(layer) + i * slope.length;
        for (int j = 0; j < slope.length; j++) {
          gradient[row + j] += value * slope[j];
          if (i < x.length) {
            before[i] += values[row + j] * slope[j];
          }
        }
        if (i < x.length) {
          before[i] *= value * (1 - value);
        }
      }
      return before;
    }

    void step() {
      double[] gradient = adam.gradient();
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] /= batch;
      }
      batch = 0;
      adam.step();
    }

    SlotNetwork network() {
      return new SlotNetwork(matrix(0), matrix(1), matrix(2));
    }

    private Matrix matrix(int layer) {
      double[] its = Arrays.copyOfRange(values, at(layer), at(layer + 1));
      return new Matrix(rows(layer) + 1, columns(layer), Matrix.row(its).values());
    }
  }
}
