package dev.tutti.decoder.method.span;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointEnsembleContract;
import dev.tutti.decoder.JointSession;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.sampling.AnswerWriter;
import dev.tutti.decoder.sampling.Sampling;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SweetSpanEnsembleTest extends JointEnsembleContract {

  private static final List<String> WORDS = List.of(" x", " y", " z");

  @Override
  protected JointEnsemble method() {
    return new SweetSpanEnsemble(SweetSpanEnsemble.Settings.DEFAULTS);
  }

  @Override
  protected JointEnsemble method(SplittableRandom random, List<Integer> order) {
    ScoreFilter[] filters = ScoreFilter.values();
    return new SweetSpanEnsemble(
        new SweetSpanEnsemble.Settings(
            random.nextInt(1, 6),
            filters[random.nextInt(filters.length)],
            random.nextDouble(3),
            random.nextInt(0, 5),
            random.nextInt(1, 8),
            random.nextBoolean()));
  }

  private static String write(
      ScoreFilter filter, double delta, int tokens, ScriptedModel... models) {
    var method =
        new SweetSpanEnsemble(new SweetSpanEnsemble.Settings(1, filter, delta, 4, 64, false));
    var sampling =
        new Sampling(0, 1, OptionalInt.empty(), List.of(), OptionalInt.of(tokens), false, 0);
    try (JointSession session = open(method, List.of(models))) {
      return new AnswerWriter(session, session.vocabulary(), sampling, new Random(0))
          .write((text, told) -> {})
          .text();
    }
  }

  /**
   * By hand. Log-perplexities of x and y: one (.7, .25) .357, 1.386; two (.12, .32) 2.120, 1.139.
   * Means: x 1.239, y 1.263, so x, where Cool-Fusion's mean of perplexities says y. Two's own mean
   * is 1.630, one's .872: with delta .7 one alone judges, x. Of one (.45, .4) .799, .916 and two
   * (.12, .32) y wins, 1.460 to 1.028; with delta .7 two (1.630, one has .858) is out, so x.
   */
  @Test
  void theLeastMeanOfWhatCountsWins() {
    ScriptedModel sure = ScriptedModel.constant("one", WORDS, .7, .25, .03, .02);
    ScriptedModel torn = ScriptedModel.constant("one", WORDS, .45, .4, .1, .05);
    ScriptedModel two = ScriptedModel.constant("two", WORDS, .12, .32, .28, .28);
    assertEquals(" x", write(ScoreFilter.NONE, 1, 1, sure, two));
    assertEquals(" x", write(ScoreFilter.ADAPT, .7, 1, sure, two));
    assertEquals(" y", write(ScoreFilter.NONE, 1, 1, torn, two));
    assertEquals(" y", write(ScoreFilter.ADAPT, .8, 1, torn, two));
    assertEquals(" x", write(ScoreFilter.ADAPT, .7, 1, torn, two));
  }

  @Test
  void aSpanHasItsWords() {
    ScriptedModel one = ScriptedModel.constant("one", WORDS, .7, .25, .03, .02);
    ScriptedModel two = ScriptedModel.constant("two", WORDS, .12, .32, .28, .28);
    var method =
        new SweetSpanEnsemble(new SweetSpanEnsemble.Settings(3, ScoreFilter.NONE, 1, 4, 64, true));
    try (JointSession session = open(method, List.of(one, two))) {
      assertEquals(
          3,
          session
              .draw(new dev.tutti.decoder.sampling.TokenPicker(Sampling.GREEDY, new Random(0)), 99)
              .size());
    }
  }
}
