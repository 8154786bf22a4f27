package dev.tutti.learning;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.numerics.Matrix;
import java.util.Optional;

/**
 * What a fitted ensemble was worth on questions that were held out, and what one member alone would
 * have been: an artifact carries it beside what was learned, and every decision that stands on the
 * artifact tells it.
 *
 * @param quality mean score of the answers that were given, in the unit of the recorded outcomes
 * @param bestMember the single member with the best mean, as datasets know it
 * @param best its mean score
 * @param oracle mean score of the best answer of each question
 * @param self what a majority of as many samples of one member would have been; empty where the
 *     dataset has no such samples, or nobody measures it
 * @param costs what it did cost; empty where nobody measures it
 */
public record FitQuality(
    double quality,
    String bestMember,
    double best,
    double oracle,
    Optional<SelfFusion> self,
    Optional<Costs> costs) {

  private static final String NAME = "held out";
  private static final String SELF = "held out self-fusion";
  private static final String COSTS = "held out costs";

  /**
   * What a question costs, in the dataset's unit.
   *
   * @param mean of the ensemble
   * @param best mean of the best single member
   */
  public record Costs(double mean, double best) {}

  /**
   * A majority of the samples of one member, as many as the ensemble has members.
   *
   * @param member with whom it does best, in hindsight; as datasets know it, and empty where the
   *     artifact does not know it
   * @param calls how many samples
   * @param queries on how many questions its score is known
   * @param quality its mean score there
   * @param ensemble the mean score of the ensemble there
   */
  public record SelfFusion(
      String member, int calls, int queries, double quality, double ensemble) {}

  /** The parameters, and this. */
  public Parameters with(Parameters learned) {
    int place = learned.members().indexOf(bestMember);
    if (place < 0) {
      return learned;
    }
    Parameters more = learned.with(NAME, Matrix.row(quality, place, best, oracle));
    if (self.isPresent()) {
      int whose = learned.members().indexOf(self.get().member());
      more = more.with(SELF, row(self.get(), whose));
    }
    return costs.isPresent()
        ? more.with(COSTS, Matrix.row(costs.get().mean(), costs.get().best()))
        : more;
  }

  private static Matrix row(SelfFusion self, int place) {
    return Matrix.row(place, self.calls(), self.queries(), self.quality(), self.ensemble());
  }

  /** What an artifact carries; empty where it was fitted before artifacts did. */
  public static Optional<FitQuality> of(Parameters kept) {
    return Optional.ofNullable(kept.matrices().get(NAME))
        .map(
            its ->
                new FitQuality(
                    its.at(0, 0),
                    kept.members().get((int) its.at(0, 1)),
                    its.at(0, 2),
                    its.at(0, 3),
                    Optional.ofNullable(kept.matrices().get(SELF)).map(row -> self(kept, row)),
                    Optional.ofNullable(kept.matrices().get(COSTS))
                        .map(row -> new Costs(row.at(0, 0), row.at(0, 1)))));
  }

  /** As a decision tells it. */
  public Struct told() {
    Struct.Builder told =
        Struct.newBuilder()
            .putFields("quality", number(quality))
            .putFields("best_member", text(bestMember))
            .putFields("best_member_quality", number(best))
            .putFields("oracle_quality", number(oracle));
    costs.ifPresent(
        its ->
            told.putFields("cost", number(its.mean()))
                .putFields("best_member_cost", number(its.best())));
    self.ifPresent(
        its ->
            told.putFields(
                "self_fusion",
                Value.newBuilder()
                    .setStructValue(
                        Struct.newBuilder()
                            .putFields("member", text(its.member()))
                            .putFields("calls", number(its.calls()))
                            .putFields("queries", number(its.queries()))
                            .putFields("quality", number(its.quality()))
                            .putFields("ensemble_quality", number(its.ensemble())))
                    .build()));
    return told.build();
  }

  private static Value number(double value) {
    return Value.newBuilder().setNumberValue(value).build();
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private static SelfFusion self(Parameters kept, Matrix row) {
    int place = (int) row.at(0, 0);
    return new SelfFusion(
        place < 0 ? "" : kept.members().get(place),
        (int) row.at(0, 1),
        (int) row.at(0, 2),
        row.at(0, 3),
        row.at(0, 4));
  }
}
