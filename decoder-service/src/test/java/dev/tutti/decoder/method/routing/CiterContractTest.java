package dev.tutti.decoder.method.routing;

import static dev.tutti.decoder.method.routing.PerceptronTest.perceptron;

import dev.tutti.decoder.FittedOn;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointEnsembleContract;
import dev.tutti.decoder.TokenMember;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** CITER with what was learned drawn at random. */
class CiterContractTest extends JointEnsembleContract {

  /** Trusts nobody but the last. */
  @Override
  protected JointEnsemble method() {
    return of(new SplittableRandom(0), 1.0);
  }

  @Override
  protected JointEnsemble method(SplittableRandom random, List<Integer> order) {
    return of(random, random.nextDouble());
  }

  /** Whoever the members are, each has a router of its own. */
  private static JointEnsemble of(SplittableRandom random, double threshold) {
    List<Perceptron> routers = Stream.generate(() -> perceptron(random)).limit(16).toList();
    return members -> {
      List<String> names = members.stream().map(TokenMember::name).toList();
      var learned = new TokenRouters(names, routers.subList(0, names.size()));
      return new CiterEnsemble(
              new CiterEnsemble.Settings("drawn", threshold), learned, FittedOn.NOTHING)
          .plan(members);
    };
  }

  @Override
  protected boolean hasPlaces() {
    return true;
  }
}
