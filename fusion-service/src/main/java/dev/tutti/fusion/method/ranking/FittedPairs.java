package dev.tutti.fusion.method.ranking;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Fitted;
import dev.tutti.fusion.method.features.AnswerFeatures;
import dev.tutti.kit.calls.Query;

/**
 * A fitted head that compares answers as they are at a request. Immutable.
 *
 * @param head by {@link PairRankerFit}
 * @param features that it is over
 * @param fitted where it comes from
 */
record FittedPairs(PairHead head, AnswerFeatures features, Fitted fitted) {

  /**
   * With this head.
   *
   * @param artifact that it comes from
   * @param version of the artifact; 0 where nobody keeps it
   * @throws IllegalArgumentException when the head is not over these features
   */
  static FittedPairs of(String artifact, PairHead head, int version) {
    return new FittedPairs(
        head,
        AnswerFeatures.of(artifact, head.members(), head.features()),
        new Fitted(artifact, version, head.members()));
  }

  /** Each compared with each; no place is preferred. */
  PairwiseMatrix compare(Query query, Candidates candidates) {
    return head.compare(features.of(query, candidates));
  }
}
