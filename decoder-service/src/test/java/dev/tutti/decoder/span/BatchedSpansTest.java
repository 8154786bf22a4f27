package dev.tutti.decoder.span;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointSession;
import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.MemberPrompt;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.TokenPrompt;
import dev.tutti.decoder.Turn;
import dev.tutti.decoder.fixture.Apart;
import dev.tutti.decoder.fixture.ModelFiles;
import dev.tutti.decoder.method.process.BestOfStepsEnsemble;
import dev.tutti.decoder.method.process.LeMctsEnsemble;
import dev.tutti.decoder.method.span.CoolFusionEnsemble;
import dev.tutti.decoder.method.span.SpecFuseEnsemble;
import dev.tutti.decoder.method.span.SweetSpanEnsemble;
import dev.tutti.decoder.sampling.AnswerWriter;
import dev.tutti.decoder.sampling.Sampling;
import dev.tutti.decoder.sampling.TokenTrace;
import dev.tutti.decoder.search.Aggregate;
import dev.tutti.decoder.search.Reward;
import dev.tutti.decoder.search.SearchPlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What is judged in one pass is judged as in a pass each, by all methods over spans and steps. */
class BatchedSpansTest {

  private record Told(String text, List<TokenTrace> tokens, JointSession session) {}

  private static Told write(
      JointEnsemble method, List<LanguageModel> models, String question, boolean apart, int seed) {
    List<TokenMember> members =
        models.stream()
            .map(
                m ->
                    TokenMember.of(m, 1)
                        .as(m.name().equals("step-judge") ? SearchPlan.JUDGE : SearchPlan.PROPOSER))
            .toList();
    List<MemberPrompt> prompts =
        models.stream()
            .map(
                m ->
                    new TokenPrompt(
                        m, m.contextLength(), m.prompt(List.of(new Turn("user", question)))))
            .<MemberPrompt>map(p -> apart ? Apart.of(p) : p)
            .toList();
    var sampling = new Sampling(1, 1, OptionalInt.empty(), List.of(), OptionalInt.of(40), true, 2);
    var traces = new ArrayList<TokenTrace>();
    try (JointSession session = method.plan(members).open(prompts, StepRunner.SEQUENTIAL)) {
      String text =
          new AnswerWriter(session, session.vocabulary(), sampling, new SplittableRandom(seed))
              .write((piece, told) -> traces.addAll(told))
              .text();
      return new Told(text, traces, session);
    }
  }

  private static void assertSame(
      JointEnsemble method, List<LanguageModel> models, String question, int seed) {
    Told together = write(method, models, question, false, seed);
    Told apart = write(method, models, question, true, seed);
    assertEquals(apart.text(), together.text());
    assertEquals(apart.tokens().size(), together.tokens().size());
    for (int t = 0; t < apart.tokens().size(); t++) {
      var expected = apart.tokens().get(t).opinions();
      var actual = together.tokens().get(t).opinions();
      assertEquals(expected.size(), actual.size());
      for (int m = 0; m < expected.size(); m++) {
        assertEquals(expected.get(m).member(), actual.get(m).member());
        assertEquals(expected.get(m).favourite(), actual.get(m).favourite());
        assertEquals(expected.get(m).weight(), actual.get(m).weight(), 1e-6);
        assertEquals(expected.get(m).logprob(), actual.get(m).logprob(), 1e-6);
        assertEquals(expected.get(m).reward().orElse(-1), actual.get(m).reward().orElse(-1), 1e-5);
      }
    }
    for (int m = 0; m < models.size(); m++) {
      assertEquals(apart.session().activity(m), together.session().activity(m));
    }
    apart
        .session()
        .measures()
        .forEach(
            (name, value) -> assertEquals(value, together.session().measures().get(name), 1e-5));
  }

  private static void withModels(String names, Consumer<List<LanguageModel>> test) {
    List<LanguageModel> models =
        Arrays.stream(names.split(" ")).<LanguageModel>map(ModelFiles::load).toList();
    test.accept(models);
    models.forEach(LanguageModel::close);
  }

  @Test
  void spansAreJudgedTogetherAsOneByOne() {
    withModels(
        "adder-weak-1 adder-bpe-1 adder-weak-2 wordsmith",
        models -> {
          for (int seed = 0; seed < 4; seed++) {
            String sum = "%d+%d=".formatted(17 + 91 * seed, 808 - 13 * seed);
            assertSame(
                new CoolFusionEnsemble(new CoolFusionEnsemble.Settings(4, 2, false, true)),
                models,
                sum,
                seed);
            assertSame(
                new SweetSpanEnsemble(SweetSpanEnsemble.Settings.DEFAULTS), models, sum, seed);
            assertSame(
                new SpecFuseEnsemble(new SpecFuseEnsemble.Settings(2, .6, .9, 1, .3, 4, true)),
                models,
                sum,
                seed);
          }
        });
  }

  @Test
  void stepsAreJudgedTogetherAsOneByOne() {
    withModels(
        "generalist generalist-units step-judge",
        models -> {
          String question = "3+4*2-5";
          for (Reward reward : Reward.values()) {
            for (int judged = 0; judged < 2; judged++) {
              assertSame(
                  new BestOfStepsEnsemble(
                      new BestOfStepsEnsemble.Settings(
                          4, "; ", 12, 4, "+", "-", "", reward, Aggregate.LAST)),
                  models.subList(0, 2 + judged),
                  question,
                  judged);
              assertSame(
                  new LeMctsEnsemble(
                      new LeMctsEnsemble.Settings(
                          12, 1, 3, 4, .1, 2, 1, "; ", 12, 4, "+", "-", "", reward, Aggregate.MIN)),
                  models.subList(0, 2 + judged),
                  question,
                  judged);
            }
          }
        });
  }
}
