package dev.tutti.decoder.method.routing;

import java.util.List;

/**
 * What a meta model's hidden states were, and who would have been right: what {@link
 * ExpertTokensFit} learns from.
 *
 * @param members the meta model, then the experts, by their names in the registry
 * @param start the mean of the meta model's output embeddings, where each row begins
 * @param places where the meta model looked
 */
public record ExpertTrials(List<String> members, float[] start, List<Place> places) {

  /** Copies the lists. */
  public ExpertTrials {
    members = List.copyOf(members);
    places = List.copyOf(places);
  }

  /**
   * A place in an answer.
   *
   * @param hidden the meta model's last hidden state
   * @param logSum logarithm of the sum of e to its logits
   * @param right who should write on, one a member, the meta model first; somebody should
   */
  public record Place(float[] hidden, double logSum, boolean[] right) {

    /** The same place, where these should write on. */
    Place as(boolean[] others) {
      return new Place(hidden, logSum, others);
    }
  }
}
