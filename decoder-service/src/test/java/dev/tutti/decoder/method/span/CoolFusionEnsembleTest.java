package dev.tutti.decoder.method.span;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointEnsembleContract;
import dev.tutti.decoder.JointSession;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.sampling.Answer;
import dev.tutti.decoder.sampling.AnswerWriter;
import dev.tutti.decoder.sampling.Sampling;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CoolFusionEnsembleTest extends JointEnsembleContract {

  private static final List<String> WORDS = List.of(" x", " y", " z");

  @Override
  protected JointEnsemble method() {
    return new CoolFusionEnsemble(CoolFusionEnsemble.Settings.DEFAULTS);
  }

  @Override
  protected JointEnsemble method(SplittableRandom random, List<Integer> order) {
    return new CoolFusionEnsemble(
        new CoolFusionEnsemble.Settings(
            random.nextInt(0, 5),
            random.nextInt(1, 8),
            random.nextBoolean(),
            random.nextBoolean()));
  }

  private static Answer write(
      JointEnsemble method, int tokens, double[] weights, ScriptedModel... models) {
    List<TokenMember> members =
        IntStream.range(0, models.length).mapToObj(m -> member(models[m], weights[m])).toList();
    try (JointSession session =
        method
            .plan(members)
            .open(
                List.of(models).stream().map(ScriptedModel::asked).toList(),
                StepRunner.SEQUENTIAL)) {
      return new AnswerWriter(
              session,
              session.vocabulary(),
              new Sampling(0, 1, OptionalInt.empty(), List.of(), OptionalInt.of(tokens), false, 0),
              new Random(0))
          .write((text, told) -> {});
    }
  }

  /**
   * By hand. One: x .7, y .25; two: x .12, y .32. Perplexities of x: 1.4286, 8.3333, mean 4.881; of
   * y: 4, 3.125, mean 3.5625, so y (by the geometric mean x had won, 3.450 to 3.536). With weights
   * 3 and 1: x .75 x 1.4286 + .25 x 8.3333 = 3.155, y 3 + .78125 = 3.781, so x.
   */
  @Test
  void theLeastMeanPerplexityWins() {
    ScriptedModel one = ScriptedModel.constant("one", WORDS, .7, .25, .03, .02);
    ScriptedModel two = ScriptedModel.constant("two", WORDS, .12, .32, .28, .28);
    Answer equal = write(method(), 1, new double[] {1, 1}, one, two);
    assertEquals(" y", equal.text());
    // As its writer thinks of it.
    assertEquals(Math.log(.32), equal.signals().sumLogprob(), 1e-12);
    Answer weighted = write(method(), 1, new double[] {3, 1}, one, two);
    assertEquals(" x", weighted.text());
    assertEquals(Math.log(.7), weighted.signals().sumLogprob(), 1e-12);
  }

  /**
   * By hand. Two ends at once, .5; one says x and ends then, .6 x .9. To one the end has .3, mean
   * perplexity (1/.3 + 1/.5) / 2 = 2.667. To two x and the end have .4 x .5: (1/sqrt(.54) +
   * 1/sqrt(.2)) / 2 = 1.798, so x and the end win.
   */
  @Test
  void theEndCompetes() {
    ScriptedModel one =
        ScriptedModel.steps(
            "one", WORDS, new double[] {.6, .1, 0, .3}, new double[] {.1, 0, 0, .9});
    ScriptedModel two =
        ScriptedModel.steps(
            "two", WORDS, new double[] {.4, .1, 0, .5}, new double[] {.5, 0, 0, .5});
    Answer answer = write(method(), 10, new double[] {1, 1}, one, two);
    assertEquals(" x", answer.text());
    assertEquals(Answer.Finish.STOP, answer.finish());
    assertEquals(2, answer.tokens());
    assertEquals(Math.log(.6) + Math.log(.9), answer.signals().sumLogprob(), 1e-12);
  }

  /**
   * By hand, two steps and then the end for sure. Word by word x wins (one .5, two .4: 2.25; y: one
   * .3, two .55: 2.576), and behind it both say z for sure, .1 and .1. Alone, two writes y (.55)
   * and z (.9). As wholes, per token: xz to one (.5 x .1)^(-1/3) = 2.714, to two (.4 x .1)^(-1/3) =
   * 2.924, mean 2.819; yz to one (.3 x .9)^(-1/3) = 1.547, to two (.55 x .9)^(-1/3) = 1.264, mean
   * 1.406: rerank tells yz.
   */
  @Test
  void rerankTellsTheWholeAnswerOfTheLeastMeanPerplexity() {
    ScriptedModel one = looking("one", .5, .3);
    ScriptedModel two = looking("two", .4, .55);
    double[] equal = {1, 1};
    assertEquals(" x z", write(method(), 10, equal, one, two).text());
    var rerank = new CoolFusionEnsemble(new CoolFusionEnsemble.Settings(4, 64, false, true));
    Answer answer = write(rerank, 10, equal, one, two);
    assertEquals(" y z", answer.text());
    assertEquals(Answer.Finish.STOP, answer.finish());
    assertEquals(Math.log(.55 * .9), answer.signals().sumLogprob(), 1e-12);
    assertEquals(0, one.openSessions.get() + two.openSessions.get());
  }

  /** x and y by themselves; behind x comes z by .1 (each other piece less), behind y by .9. */
  private static ScriptedModel looking(String name, double x, double y) {
    // Pieces that all stand for z, so that z is the likeliest where it has a tenth only.
    List<String> pieces = List.of(" x", " y", " z", " a", " b", " c", " d", " e", " f", " g");
    return new ScriptedModel(
        name,
        pieces,
        1_000,
        tokens -> {
          double[] p = new double[pieces.size() + 1];
          if (tokens.size() == 1) {
            p[0] = x;
            p[1] = y;
            p[3] = 1 - x - y;
          } else if (tokens.size() == 2) {
            boolean afterX = tokens.getLast() == 0;
            p[2] = afterX ? .1 : .9;
            for (int i = 3; i < 10; i++) {
              p[i] = afterX ? .09 : .01;
            }
            p[0] = afterX ? .09 : .01;
            p[1] = afterX ? .09 : .01;
            p[10] = afterX ? .09 : .01;
          } else {
            p[10] = 1;
          }
          return p;
        });
  }

  @Test
  void whatIsToldWithoutMoneyForMoreIsTheFusedAnswerSoFar() {
    var rerank = new CoolFusionEnsemble(new CoolFusionEnsemble.Settings(4, 64, false, true));
    ScriptedModel one = ScriptedModel.constant("one", WORDS, .7, .25, .03, .02);
    ScriptedModel two = ScriptedModel.constant("two", WORDS, .12, .32, .28, .28);
    try (JointSession session = open(rerank, List.of(one, two))) {
      Answer answer =
          new AnswerWriter(session, session.vocabulary(), Sampling.GREEDY, new Random(0))
              .write(
                  new AnswerWriter.Listener() {
                    private int steps;

                    @Override
                    public void piece(String text, List<dev.tutti.decoder.sampling.TokenTrace> t) {}

                    @Override
                    public boolean step() {
                      return steps++ < 3;
                    }
                  });
      assertEquals(" y y y", answer.text());
      assertEquals(3, answer.tokens());
      assertTrue(session.measures().get("fused_won") > 0);
    }
  }
}
