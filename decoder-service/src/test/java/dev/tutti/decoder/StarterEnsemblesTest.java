package dev.tutti.decoder;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.fixture.HeldOutSet;
import dev.tutti.decoder.fixture.ModelFiles;
import dev.tutti.decoder.method.token.GacEnsemble;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What GaC is for, on real models: three under-trained adders that together add well. */
class StarterEnsemblesTest {

  @Test
  void gacOverThreeWeakAddersGainsTenPointsOnTheBestOfThem() {
    var sums = HeldOutSet.of("addition");
    assertTrue(sums.items().size() >= 300, sums.items().size() + " sums");
    var models = new ArrayList<LanguageModel>();
    double best = 0;
    for (String name : List.of("adder-weak-1", "adder-weak-2", "adder-weak-3")) {
      LanguageModel model = ModelFiles.load(name);
      models.add(model);
      double accuracy = sums.accuracy(model);
      best = Math.max(best, accuracy);
      System.out.printf("%s: %.1f %% of %d%n", name, 100 * accuracy, sums.items().size());
    }
    double together = sums.accuracy(new GacEnsemble(GacEnsemble.Settings.DEFAULTS), models);
    System.out.printf("gac over the three: %.1f %%%n", 100 * together);
    models.forEach(LanguageModel::close);
    assertTrue(together >= best + .10, "%s against %s".formatted(together, best));
  }
}
