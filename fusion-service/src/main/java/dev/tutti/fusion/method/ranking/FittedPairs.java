package dev.tutti.fusion.method.ranking;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Evidence;
import dev.tutti.fusion.Fitted;
import dev.tutti.fusion.method.features.AnswerFeatures;
import dev.tutti.fusion.method.prompt.Said;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Query;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

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

  /** Answers that were said, with what they say about themselves. */
  PairwiseMatrix compare(Said said) {
    List<AnswerSignals> signals = Candidates.signals(said.episode(), said.stages());
    return compare(
        said.episode().query(),
        new Candidates(
            Candidates.answers(said.episode(), said.stages()),
            new Evidence(Optional.empty(), List.of(), new LinkedHashMap<>(), signals)));
  }

  /** Each compared with each; no place is preferred. */
  PairwiseMatrix compare(Query query, Candidates candidates) {
    return head.compare(features.of(query, candidates));
  }
}
