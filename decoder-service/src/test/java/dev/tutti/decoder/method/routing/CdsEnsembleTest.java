package dev.tutti.decoder.method.routing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.FittedOn;
import dev.tutti.decoder.FusedSession;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.method.routing.RecordedSteps.Outcome;
import dev.tutti.decoder.method.routing.RecordedSteps.Step;
import dev.tutti.numerics.Matrix;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CdsEnsembleTest {

  /** s(10 - 2) = .9997 of a state of 10, s(-2) = .119 of one of 0. */
  private static final CriticalTokens LEARNED =
      new CriticalTokens(
          "aligned",
          new Perceptron(
              new Matrix(2, 2, new float[] {1, 0, 0, 0}),
              new Matrix(1, 3, new float[] {1, 0, 0}),
              new Matrix(1, 2, new float[] {1, -2})));

  /** Pieces a, b, c and the end, in the order of the union. */
  private static ScriptedModel model(String name, double... p) {
    return ScriptedModel.constant(name, List.of("a", "b", "c"), p);
  }

  private static ScriptedModel aligned(boolean... critical) {
    ScriptedModel model = model("aligned", 0.4, 0.3, 0.2, 0.1);
    model.hidden = tokens -> new float[] {critical[tokens.size() - 1] ? 10 : 0};
    return model;
  }

  private static FusedSession open(CdsEnsemble.Settings settings, ScriptedModel... models) {
    return new CdsEnsemble(settings, LEARNED, new FittedOn(2, Map.of()))
        .plan(List.of(models).stream().map(m -> TokenMember.of(m, 1)).toList())
        .open(List.of(models).stream().map(ScriptedModel::asked).toList(), StepRunner.SEQUENTIAL);
  }

  @Test
  void criticalTokensAreThePretrainedModelsBestAndTheOthersTheAlignedModelsDraws() {
    try (FusedSession session =
        open(
            CdsEnsemble.Settings.DEFAULTS,
            aligned(false, true, false),
            model("pretrained", 0.1, 0.2, 0.6, 0.1))) {
      assertArrayEquals(new double[] {0.4, 0.3, 0.2, 0.1}, session.next().probabilities(), 1e-12);
      session.append(0);
      assertArrayEquals(new double[] {0, 0, 1, 0}, session.next().probabilities(), 1e-8);
      session.append(2);
      assertArrayEquals(new double[] {0.4, 0.3, 0.2, 0.1}, session.next().probabilities(), 1e-12);
      assertEquals(Map.of("critical_share", 0.5), session.measures());
      session.rewind(1);
      assertEquals(Map.of("critical_share", 0.0), session.measures());
    }
    assertEquals(
        1,
        new CdsEnsemble(CdsEnsemble.Settings.DEFAULTS, LEARNED, new FittedOn(2, Map.of()))
            .plan(
                List.of(
                    TokenMember.of(aligned(true), 1), TokenMember.of(model("b", 1, 0, 0, 0), 1)))
            .temperature(),
        "it samples");
  }

  @Test
  void aRunOfCriticalTokensEnds() {
    try (FusedSession session =
        open(
            new CdsEnsemble.Settings("", 0.5, 2),
            aligned(true, true, true, true),
            model("pretrained", 0.1, 0.2, 0.6, 0.1))) {
      for (double best : new double[] {1, 1, 0.2, 1}) {
        assertEquals(best, session.next().probability(2), 1e-8);
        session.append(2);
      }
    }
  }

  @Test
  void theThresholdItselfIsCriticalAndNoStateIsNot() {
    ScriptedModel pretrained = model("pretrained", 0.1, 0.2, 0.6, 0.1);
    assertEquals(
        0.2,
        open(new CdsEnsemble.Settings("", 0.9997, 2), aligned(true), pretrained)
            .next()
            .probability(2),
        1e-12);
    assertEquals(
        1,
        open(new CdsEnsemble.Settings("", 0.9996, 2), aligned(true), pretrained)
            .next()
            .probability(2),
        1e-8);
    ScriptedModel mute = aligned(true);
    mute.hidden = null;
    assertEquals(
        0.2,
        open(new CdsEnsemble.Settings("", 0, 2), mute, pretrained).next().probability(2),
        1e-12);
  }

  @Test
  void anotherFirstMemberIsRefused() {
    var method =
        new CdsEnsemble(
            new CdsEnsemble.Settings("facts", 0.5, 1), LEARNED, new FittedOn(2, Map.of()));
    method.requireKnown(List.of("aligned", "anybody"));
    assertEquals(
        "The first member is 'other'; the classifier of artifact 'facts' is of 'aligned'.",
        assertThrows(
                IllegalArgumentException.class,
                () -> method.requireKnown(List.of("other", "aligned")))
            .getMessage());
    assertEquals("facts", method.artifact());
    assertEquals(2, method.on().version());
  }

  @Test
  void criticalIsWhatTheOtherKnowsBetter() {
    List<Step> steps =
        IntStream.range(0, 300)
            .mapToObj(
                i ->
                    new Step(
                        new float[] {i % 3, i % 3 == 1 ? 1 : 0, 1},
                        switch (i % 3) {
                          case 0 -> new Outcome.Right();
                          case 1 -> new Outcome.Wrong();
                          default -> new Outcome.Open(0, "");
                        }))
            .toList();
    var data =
        new RecordedSteps(
            List.of("aligned", "pretrained"), List.of(steps, List.of()), _ -> (_, _) -> true);
    CriticalTokens learned =
        new CriticalTokensFit()
            .fit(
                data, new CriticalTokensFit.Settings(9, 1e-2, 10, 40, 40), new SplittableRandom(3));
    CriticalTokens read = new CriticalTokensFit().read(learned.parameters());
    assertEquals("aligned", read.aligned());
    assertTrue(read.classifier().probability(new float[] {1, 1, 1}) > 0.8);
    assertTrue(read.classifier().probability(new float[] {0, 0, 1}) < 0.2);
    assertTrue(read.classifier().probability(new float[] {2, 0, 1}) < 0.2);
    var none = new RecordedSteps(List.of("a", "b"), List.of(List.of(), steps), _ -> (_, _) -> true);
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new CriticalTokensFit()
                .fit(none, CriticalTokensFit.Settings.DEFAULTS, new SplittableRandom(3)));
  }
}
