package dev.tutti.decoder.method.span;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointEnsembleContract;
import dev.tutti.decoder.JointSession;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.sampling.AnswerWriter;
import dev.tutti.decoder.sampling.Sampling;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SpecFuseEnsembleTest extends JointEnsembleContract {

  @Override
  protected JointEnsemble method() {
    return new SpecFuseEnsemble(SpecFuseEnsemble.Settings.DEFAULTS);
  }

  @Override
  protected JointEnsemble method(SplittableRandom random, List<Integer> order) {
    return new SpecFuseEnsemble(
        new SpecFuseEnsemble.Settings(
            random.nextInt(1, 12),
            random.nextDouble(2),
            random.nextDouble(.01, 1),
            random.nextDouble(4),
            random.nextDouble(),
            random.nextInt(0, 5),
            random.nextBoolean()));
  }

  @Test
  void draftsAreDrawnFromTheTopOfTheMass() {
    assertEquals(Set.of(" x"), drafts(.4));
    assertEquals(Set.of(" x", " y"), drafts(.7));
    assertEquals(Set.of(" x", " y", " z"), drafts(1));
  }

  private static Set<String> drafts(double topP) {
    ScriptedModel model = ScriptedModel.constant("m", List.of(" x", " y", " z"), .5, .3, .19, .01);
    var method = new SpecFuseEnsemble(new SpecFuseEnsemble.Settings(1, .6, topP, 1, .3, 4, false));
    var sampling = new Sampling(1, 1, OptionalInt.empty(), List.of(), OptionalInt.of(1), false, 0);
    var drafts = new HashSet<String>();
    for (int seed = 0; seed < 200; seed++) {
      try (JointSession session = open(method, List.of(model))) {
        drafts.add(
            new AnswerWriter(session, session.vocabulary(), sampling, new SplittableRandom(seed))
                .write((text, told) -> {})
                .text());
      }
    }
    drafts.remove("");
    return drafts;
  }

  @Test
  void drawsAreAtThePublishedTemperatureByThemselves() {
    ScriptedModel model = ScriptedModel.constant("m", List.of("x"), .9, .1);
    assertEquals(.6, method().plan(List.of(member(model, 1))).temperature());
  }
}
