package dev.tutti.fusion.method.vote;

import dev.tutti.fusion.LearnedFusion;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.LinearHeads;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Vectors;
import java.util.List;
import java.util.Optional;

/**
 * What each member's vote is worth on a question, by what it is about. Immutable.
 *
 * @param members whom it has learned about
 * @param weights a row for all questions, then what each topic adds; a column a member
 * @param shares how likely each topic is where nothing is known of the question; sum to 1, or empty
 *     where there are no topics
 * @param topics log-odds of the topics by the question's embedding; without a row where there are
 *     none
 */
public record TopicWeights(
    List<String> members, Matrix weights, double[] shares, LinearHeads topics)
    implements LearnedFusion {

  private static final String WEIGHTS = "weights";
  private static final String SHARES = "shares";
  private static final String TOPICS = "topics";

  /** Checks the sizes. */
  public TopicWeights {
    members = List.copyOf(members);
    if (weights.columns() != members.size()
        || weights.rows() != 1 + shares.length
        || topics.weights().rows() != shares.length) {
      throw new IllegalArgumentException(
          "%d rows of %d weights, %d shares and %d topics for %d members do not fit together."
              .formatted(
                  weights.rows(),
                  weights.columns(),
                  shares.length,
                  topics.weights().rows(),
                  members.size()));
    }
  }

  /** What was learned before. */
  public TopicWeights(Parameters parameters) {
    this(
        parameters.members(),
        parameters.matrix(WEIGHTS),
        Vectors.doubles(parameters.matrix(SHARES).values()),
        new LinearHeads(parameters.matrix(TOPICS)));
  }

  /**
   * What each of {@link #members} counts; may be negative.
   *
   * @param query embedding of the question; the shares of the topics stand in for it where it is
   *     empty
   */
  public double[] weights(Optional<float[]> query) {
    double[] about =
        shares.length == 0 || query.isEmpty()
            ? shares
            : Vectors.softmax(topics.apply(query.get()), 1);
    return TopicLogit.mixed(Vectors.doubles(weights.values()), about, members.size());
  }

  @Override
  public Parameters parameters() {
    return Parameters.of(members)
        .with(WEIGHTS, weights)
        .with(SHARES, Matrix.row(shares))
        .with(TOPICS, topics.weights());
  }
}
