package dev.tutti.cascade.method.agent;

import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Vectors;
import dev.tutti.numerics.network.FeedForward;
import dev.tutti.numerics.network.FeedForward.Activation;
import java.util.List;

/**
 * Says how probable it is that an answer is good enough. One that brings no log-probabilities is
 * judged by a network that has learned from texts alone: what another makes of their absence, which
 * it may never have seen, is chance.
 *
 * @param network over a question, an answer, whose it is and what it says of itself ({@link
 *     AgentState#judged})
 * @param byText the same for answers that say nothing of themselves; the same one where nobody
 *     looks at what they say
 */
record Terminator(FeedForward network, FeedForward byText) {

  private static final String NETWORK = "terminator ";
  private static final String BY_TEXT = "terminator by text ";

  /**
   * The probability.
   *
   * @param judged what is seen of the answer
   * @param tells whether that is what it says of itself too
   */
  double probability(float[] judged, boolean tells) {
    FeedForward its = tells ? network : byText;
    return (float) Vectors.sigmoid(its.apply(Vectors.doubles(judged))[0]);
  }

  /** The parameters, and this. */
  Parameters write(Parameters kept) {
    Parameters more = write(kept, NETWORK, network);
    return byText == network ? more : write(more, BY_TEXT, byText);
  }

  /** What {@link #write} kept. */
  static Terminator read(Parameters kept) {
    FeedForward network = network(kept, NETWORK);
    return new Terminator(
        network, kept.matrices().containsKey(BY_TEXT + 1) ? network(kept, BY_TEXT) : network);
  }

  /** Keeps a network of one hidden layer. */
  static Parameters write(Parameters kept, String name, FeedForward network) {
    List<Matrix> layers = network.layers();
    return kept.with(name + 1, layers.get(0)).with(name + 2, layers.get(1));
  }

  /** What that kept. */
  static FeedForward network(Parameters kept, String name) {
    return FeedForward.of(Activation.TANH, List.of(kept.matrix(name + 1), kept.matrix(name + 2)));
  }
}
