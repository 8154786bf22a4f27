package dev.tutti.decoder.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.decoder.MemberPrompt;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.method.token.ByteExactEnsemble;
import dev.tutti.decoder.method.token.ByteExactEnsemble.Mean;
import dev.tutti.decoder.method.token.ByteExactEnsemble.Settings;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AdjustedPromptTest {

  private static final List<String> PIECES = List.of("a", "b", "ab");

  private static Adjustments penalties(double frequency, double presence) {
    return new Adjustments(frequency, presence, Map.of(), Map.of("a", 50.0)).ofPieces();
  }

  private static MemberPrompt penalised(ScriptedModel model, Adjustments adjustments) {
    return new AdjustedPrompt(model.asked(), model.tokenizer(), adjustments.ofPieces());
  }

  /** The prompt, an a itself, is no part of the answer; biases are not applied here. */
  @Test
  void whatTheMemberWroteIsPenalisedInItsOwnTokens() {
    var model = ScriptedModel.constant("m", PIECES, .4, .2, .3, .1);
    try (var session = penalised(model, penalties(1, .5)).open()) {
      assertArrayEquals(new double[] {.4, .2, .3, .1}, session.next().probabilities(), 1e-12);
      session.append(2, 2, 1);
      double ab = .3 * Math.exp(-2.5);
      double b = .2 * Math.exp(-1.5);
      double sum = .4 + b + ab + .1;
      assertArrayEquals(
          new double[] {.4 / sum, b / sum, ab / sum, .1 / sum},
          session.next().probabilities(),
          1e-12);
      try (var fork = session.fork()) {
        session.rewind(1);
        assertEquals(.4, session.next().probability(0), 1e-12);
        assertEquals(ab / sum, fork.next().probability(2), 1e-12);
      }
    }
    assertEquals(0, model.openSessions.get());
  }

  /** Bytes of tokens that stand there: an ensemble of one writes as the model does by itself. */
  @Test
  void aByteEnsembleOfOneIsThePenalisedModel() {
    for (int seed = 0; seed < 50; seed++) {
      var random = new Random(seed);
      var model =
          ScriptedModel.constant(
              "m", List.of("x", "y", "z"), normed(random.nextDouble(), .5, .4, .02));
      var adjustments = new Adjustments(random.nextDouble(), 1, Map.of(), Map.of("z", -1.0));
      var sampling =
          new Sampling(0, 1, OptionalInt.empty(), List.of(), OptionalInt.of(9), false, 0)
              .with(adjustments);
      String alone;
      try (var session = model.prompted()) {
        alone =
            new AnswerWriter(session, model.tokenizer(), sampling, random)
                .write((_, _) -> {})
                .text();
      }
      var method = new ByteExactEnsemble(new Settings(Mean.ARITHMETIC, 4, 0, 0, 0, 0, 0, 0));
      try (var session =
          method
              .plan(List.of(TokenMember.of(model, 1)))
              .open(List.of(penalised(model, adjustments)), StepRunner.SEQUENTIAL)) {
        assertEquals(
            alone,
            new AnswerWriter(session, session.vocabulary(), sampling, random)
                .write((_, _) -> {})
                .text());
      }
    }
  }

  /** A token of two bytes that is banned: without it, not with half of it, or its neighbour. */
  @Test
  void aCharacterOfSeveralBytesIsBannedWhole() {
    assertEquals("eeeee", together(5, List.of("é", "e", "x"), "é", -100, .5, .3, .15, .05).text());
    assertEquals("xxxxx", together(5, List.of("é", "x", "ê"), "é", -100, .5, .3, .01, .19).text());
    assertEquals("ééééé", together(10, List.of("é", "x"), "é", 100, .01, .9, .09).text());
  }

  @Test
  void aTextThatNobodyCanWriteChangesNothing() {
    Answer answer = together(5, List.of("x", "y", "z"), "#", 100, .5, .3, .15, .05);
    assertEquals("xxxxx", answer.text());
    assertEquals(5 * Math.log(.5), answer.signals().sumLogprob(), 1e-9);
  }

  private static Answer together(
      int most, List<String> pieces, String text, double bias, double... p) {
    var adjustments = new Adjustments(0, 0, Map.of(), Map.of(text, bias));
    var sampling =
        new Sampling(0, 1, OptionalInt.empty(), List.of(), OptionalInt.of(most), false, 0)
            .with(adjustments);
    var models =
        List.of(ScriptedModel.constant("a", pieces, p), ScriptedModel.constant("b", pieces, p));
    var method = new ByteExactEnsemble(new Settings(Mean.ARITHMETIC, 4, 0, 0, 0, 0, 0, 0));
    try (var session =
        method
            .plan(models.stream().map(m -> TokenMember.of(m, 1)).toList())
            .open(
                models.stream().map(m -> penalised(m, adjustments)).toList(),
                StepRunner.SEQUENTIAL)) {
      return new AnswerWriter(session, session.vocabulary(), sampling, new Random(1))
          .write((_, _) -> {});
    }
  }

  private static double[] normed(double... weights) {
    double sum = Arrays.stream(weights).sum();
    return Arrays.stream(weights).map(w -> w / sum).toArray();
  }
}
