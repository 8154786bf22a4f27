package dev.tutti.cascade.method.deferral;

import dev.tutti.cascade.tuning.StageConfidence;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.SamplingChange;
import dev.tutti.learning.Parameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What asking the next member is worth, told from a member's answer.
 *
 * @param members in the order in which they are asked
 * @param features that the heads look at
 * @param axes along which questions lie
 * @param target that they learned
 * @param heads one a member but the last
 * @param points what was tuned
 */
record DeferralMembers(
    List<String> members,
    AnswerFeatures features,
    QuestionAxes axes,
    Target target,
    List<DeferralHead> heads,
    TunedPoints points)
    implements StageConfidence {

  private static final String FEATURES = "features";
  private static final String AXES = "axes";
  private static final String TARGET = "target";
  private static final String HEAD = "head ";

  /** Keeps its own copies. */
  DeferralMembers {
    members = List.copyOf(members);
    heads = List.copyOf(heads);
  }

  static DeferralMembers read(Parameters kept) {
    var heads = new ArrayList<DeferralHead>();
    for (int j = 0; j < kept.members().size() - 1; j++) {
      heads.add(DeferralHead.read(kept, HEAD + j + " "));
    }
    return new DeferralMembers(
        kept.members(),
        AnswerFeatures.values()[(int) kept.number(FEATURES)],
        new QuestionAxes(kept.matrix(AXES)),
        Target.values()[(int) kept.number(TARGET)],
        heads,
        TunedPoints.of(kept));
  }

  @Override
  public Parameters parameters() {
    Parameters kept =
        Parameters.of(members)
            .with(FEATURES, features.ordinal())
            .with(AXES, axes.axes())
            .with(TARGET, target.ordinal());
    for (int j = 0; j < heads.size(); j++) {
      kept = heads.get(j).with(kept, HEAD + j + " ");
    }
    return points.with(kept);
  }

  @Override
  public SamplingChange sampling() {
    return features.sampling();
  }

  @Override
  public boolean embeds() {
    return features == AnswerFeatures.SIGNALS;
  }

  @Override
  public boolean isComparable() {
    return false;
  }

  @Override
  public String called() {
    return target == Target.BETTER
        ? "probability that the next member is no better"
        : "confidence that the answer should stand";
  }

  @Override
  public OptionalDouble confidence(int member, AnswerSignals signals, Optional<float[]> query) {
    return member == heads.size()
        ? OptionalDouble.empty()
        : features
            .of(signals, axes.place(query))
            .map(its -> target.confidence(heads.get(member).of(its), signals))
            .orElse(OptionalDouble.empty());
  }
}
