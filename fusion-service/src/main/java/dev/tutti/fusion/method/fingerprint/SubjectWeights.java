package dev.tutti.fusion.method.fingerprint;

import dev.tutti.fusion.LearnedFusion;
import dev.tutti.fusion.method.vote.VoteWeights;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Vectors;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What members' votes are worth by subject, and where the subjects' questions lie. Immutable.
 *
 * @param votes weights over all questions and by subject
 * @param centres mean embedding of each subject's questions, of unit length, by subject
 */
public record SubjectWeights(VoteWeights votes, SortedMap<String, float[]> centres)
    implements LearnedFusion {

  private static final String CENTRE = "centre:";

  /** What was learned before. */
  public SubjectWeights(Parameters parameters) {
    this(new VoteWeights(parameters), centres(parameters));
  }

  private static SortedMap<String, float[]> centres(Parameters parameters) {
    var centres = new TreeMap<String, float[]>();
    parameters
        .matrices()
        .forEach(
            (name, matrix) -> {
              if (name.startsWith(CENTRE)) {
                centres.put(name.substring(CENTRE.length()), matrix.row(0));
              }
            });
    return centres;
  }

  /**
   * The subject whose centre is the most similar, the first of equals; empty where there is none.
   *
   * @param query embedding, of unit length
   */
  public String nearest(float[] query) {
    String nearest = "";
    double most = Double.NEGATIVE_INFINITY;
    for (Map.Entry<String, float[]> centre : centres.entrySet()) {
      double similarity = Vectors.dot(centre.getValue(), query);
      if (similarity > most) {
        most = similarity;
        nearest = centre.getKey();
      }
    }
    return nearest;
  }

  @Override
  public Parameters parameters() {
    Parameters parameters = votes.parameters();
    for (Map.Entry<String, float[]> centre : centres.entrySet()) {
      parameters =
          parameters.with(
              CENTRE + centre.getKey(), new Matrix(1, centre.getValue().length, centre.getValue()));
    }
    return parameters;
  }
}
