package dev.tutti.fusion;

import dev.tutti.learning.Parameters;
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
 */
public record FitQuality(double quality, String bestMember, double best, double oracle) {

  private static final String NAME = "held out";

  /** The parameters, and this. */
  public Parameters with(Parameters learned) {
    int place = learned.members().indexOf(bestMember);
    return place < 0 ? learned : learned.with(NAME, Matrix.row(quality, place, best, oracle));
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
                    its.at(0, 3)));
  }
}
