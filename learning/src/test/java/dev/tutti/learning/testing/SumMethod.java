package dev.tutti.learning.testing;

import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.kit.settings.Setting;
import dev.tutti.learning.FittedMethod;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import java.util.List;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** Learns the sum of each member's scores, times a setting, and something by chance. */
public final class SumMethod
    implements FittedMethod<TreeMap<String, Double>, double[], SumMethod.Settings> {

  /** Of the fit. */
  public record Settings(@Setting(help = "what sums are multiplied by") double times) {}

  @Override
  public String name() {
    return "sum";
  }

  @Override
  public String paper() {
    return "nobody's";
  }

  @Override
  public Settings defaults() {
    return new Settings(1);
  }

  @Override
  public Members members() {
    return new Members(1, 3);
  }

  @Override
  public double[] fit(TreeMap<String, Double> scores, Settings settings, RandomGenerator random) {
    return scores.values().stream()
        .mapToDouble(s -> s * settings.times() + random.nextDouble() * 1e-3)
        .toArray();
  }

  @Override
  public double[] read(Parameters parameters) {
    float[] row = parameters.matrix("sum").row(0);
    var learned = new double[row.length];
    for (int i = 0; i < row.length; i++) {
      learned[i] = row[i];
    }
    return learned;
  }

  @Override
  public Parameters parameters(double[] learned) {
    return Parameters.of(List.of("anna", "bert").subList(0, learned.length))
        .with("sum", Matrix.row(learned));
  }
}
