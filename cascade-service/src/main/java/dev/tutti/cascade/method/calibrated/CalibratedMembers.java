package dev.tutti.cascade.method.calibrated;

import dev.tutti.cascade.method.confidence.Confidence;
import dev.tutti.cascade.tuning.StageConfidence;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.SamplingChange;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.calibration.Calibration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How probable it is that a member's answer is right, told from how sure it is of it, and at which
 * probability it is accepted.
 *
 * @param members in the order in which they are asked
 * @param signal what tells how sure a member is
 * @param scale how that is stretched
 * @param curves one a member
 * @param points what was tuned
 */
public record CalibratedMembers(
    List<String> members, Confidence signal, Scale scale, List<Curve> curves, TunedPoints points)
    implements StageConfidence {

  /**
   * A member's.
   *
   * @param least of the stretched signals that were learned from, in place of what is infinite
   * @param greatest of them
   * @param calibration over them
   */
  public record Curve(double least, double greatest, Calibration calibration) {

    /** Rounded as it is kept. */
    public Curve {
      least = (float) least;
      greatest = (float) greatest;
    }

    double of(double stretched) {
      double finite = Double.isInfinite(stretched) ? (stretched > 0 ? greatest : least) : stretched;
      // A float, as thresholds are: whatever equals one does not exceed it.
      return (float) calibration.of(finite);
    }
  }

  private static final String SIGNAL = "signal";
  private static final String SCALE = "scale";
  private static final String RANGE = "range ";
  private static final String CALIBRATION = "calibration ";

  /** Keeps its own copy. */
  public CalibratedMembers {
    members = List.copyOf(members);
    curves = List.copyOf(curves);
  }

  /** What was learned before. */
  static CalibratedMembers read(Parameters parameters) {
    var curves = new ArrayList<Curve>();
    for (int m = 0; m < parameters.members().size(); m++) {
      Matrix range = parameters.matrix(RANGE + m);
      curves.add(
          new Curve(
              range.at(0, 0),
              range.at(0, 1),
              Calibration.read(parameters.matrix(CALIBRATION + m))));
    }
    return new CalibratedMembers(
        parameters.members(),
        Confidence.values()[(int) parameters.number(SIGNAL)],
        Scale.values()[(int) parameters.number(SCALE)],
        curves,
        TunedPoints.of(parameters));
  }

  @Override
  public Parameters parameters() {
    Parameters kept =
        Parameters.of(members).with(SIGNAL, signal.ordinal()).with(SCALE, scale.ordinal());
    for (int m = 0; m < curves.size(); m++) {
      Curve curve = curves.get(m);
      kept =
          kept.with(RANGE + m, Matrix.row(curve.least(), curve.greatest()))
              .with(CALIBRATION + m, curve.calibration().kept());
    }
    return points.with(kept);
  }

  @Override
  public SamplingChange sampling() {
    return signal.sampling();
  }

  @Override
  public String called() {
    return "calibrated confidence";
  }

  /** Probability that an answer is right; empty where its signal is missing. */
  @Override
  public OptionalDouble confidence(int member, AnswerSignals signals, Optional<float[]> query) {
    OptionalDouble stretched = stretched(signal, scale, signals);
    return stretched.isEmpty()
        ? stretched
        : OptionalDouble.of(curves.get(member).of(stretched.getAsDouble()));
  }

  static OptionalDouble stretched(Confidence signal, Scale scale, AnswerSignals signals) {
    OptionalDouble probability = signal.of(signals);
    return probability.isEmpty()
        ? probability
        : OptionalDouble.of(scale.of(Math.log(probability.getAsDouble())));
  }
}
