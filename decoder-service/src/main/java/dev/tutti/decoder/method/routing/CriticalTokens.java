package dev.tutti.decoder.method.routing;

import dev.tutti.decoder.LearnedEnsemble;
import dev.tutti.learning.Parameters;
import java.util.List;

/**
 * CDS's classifier: how probably the next token of an aligned model is critical.
 *
 * @param aligned the model whose hidden states it knows, by its name in the registry
 * @param classifier of them
 */
public record CriticalTokens(String aligned, Perceptron classifier) implements LearnedEnsemble {

  private static final String CLASSIFIER = "critical";

  /**
   * What was learned before.
   *
   * @throws IllegalArgumentException when it is of another method
   */
  public static CriticalTokens read(Parameters parameters) {
    return new CriticalTokens(
        parameters.members().getFirst(), Perceptron.read(parameters, CLASSIFIER));
  }

  @Override
  public Parameters parameters() {
    return classifier.write(Parameters.of(List.of(aligned)), CLASSIFIER);
  }
}
