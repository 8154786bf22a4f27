package dev.tutti.decoder.method.routing;

import static dev.tutti.decoder.method.routing.PerceptronTest.perceptron;

import dev.tutti.decoder.FittedOn;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointEnsembleContract;
import java.util.List;
import java.util.SplittableRandom;

/** CDS with what was learned drawn at random. */
class CdsContractTest extends JointEnsembleContract {

  /** Every second token is critical. */
  @Override
  protected JointEnsemble method() {
    return of(new SplittableRandom(0), new CdsEnsemble.Settings("drawn", 0, 1));
  }

  @Override
  protected JointEnsemble method(SplittableRandom random, List<Integer> order) {
    return of(
        random, new CdsEnsemble.Settings("drawn", random.nextDouble(), 1 + random.nextInt(4)));
  }

  /** Whoever the first member is, it is the one that was learned about. */
  private static JointEnsemble of(SplittableRandom random, CdsEnsemble.Settings settings) {
    Perceptron classifier = perceptron(random);
    return members -> {
      String first = members.isEmpty() ? "nobody" : members.getFirst().name();
      return new CdsEnsemble(settings, new CriticalTokens(first, classifier), FittedOn.NOTHING)
          .plan(members);
    };
  }

  @Override
  protected boolean hasPlaces() {
    return true;
  }

  @Override
  protected boolean bendsToBiases() {
    return false;
  }
}
