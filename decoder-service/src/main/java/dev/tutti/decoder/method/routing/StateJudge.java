package dev.tutti.decoder.method.routing;

import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.Heard;
import dev.tutti.decoder.TokenMember;

/**
 * What was learned about a member's hidden states, at work.
 *
 * @param member by its name in the registry
 * @param classifier of its hidden states
 */
record StateJudge(String member, Perceptron classifier) {

  /**
   * That of a member.
   *
   * @param artifact that it comes from
   * @throws IllegalArgumentException when the member is known to have other hidden states
   */
  static StateJudge of(String artifact, TokenMember member, Perceptron classifier) {
    if (member.hiddenWidth() > 0 && member.hiddenWidth() != classifier.width()) {
      throw new IllegalArgumentException(
          "Artifact '%s' is of a model with hidden states of %d numbers; those of '%s' have %d: fit it anew."
              .formatted(artifact, classifier.width(), member.name(), member.hiddenWidth()));
    }
    return new StateJudge(member.name(), classifier);
  }

  /**
   * Whether a state is of the positive class with at least a probability; not where there is none.
   *
   * @throws DecodeException when it is another model's
   */
  boolean finds(Heard heard, double threshold) {
    return heard.hidden().filter(hidden -> probability(hidden) >= threshold).isPresent();
  }

  private double probability(float[] hidden) {
    if (hidden.length != classifier.width()) {
      throw new DecodeException(
          "'%s' tells a hidden state of %d numbers; what was learned of it takes %d."
              .formatted(member, hidden.length, classifier.width()));
    }
    return classifier.probability(hidden);
  }
}
