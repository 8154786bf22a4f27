package dev.tutti.decoder.span;

import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointPlan;
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
import dev.tutti.decoder.search.Aggregate;
import dev.tutti.decoder.search.Reward;
import dev.tutti.decoder.search.SearchPlan;
import dev.tutti.starter.Tasks;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What it saves to read together what several proposals have in common, by whole answers of the
 * starter models, against a pass each, measured in turns within one run: {@code ./mvnw -pl
 * decoder-service -am test -Pbenchmark -Dtest=SpanBenchmark
 * -Dsurefire.failIfNoSpecifiedTests=false}. Medians over the questions.
 */
@Tag("benchmark")
class SpanBenchmark {

  private static final int QUESTIONS = Integer.getInteger("tutti.benchmark.questions", 40);
  private static final List<String> ADDERS =
      List.of("adder-weak-1", "adder-weak-2", "adder-weak-3", "adder-bpe-1", "adder-bpe-2");

  @Test
  void answersWithBatchesAndWithout() {
    System.out.println("| method | members | a pass each, ms | together, ms | ratio |");
    System.out.println("|---|---|---|---|---|");
    measure(
        "cool-fusion",
        new CoolFusionEnsemble(CoolFusionEnsemble.Settings.DEFAULTS),
        "addition",
        ADDERS);
    measure(
        "cool-fusion with rerank",
        new CoolFusionEnsemble(new CoolFusionEnsemble.Settings(4, 64, false, true)),
        "addition",
        ADDERS);
    measure(
        "sweet-span",
        new SweetSpanEnsemble(SweetSpanEnsemble.Settings.DEFAULTS),
        "addition",
        ADDERS);
    measure(
        "specfuse", new SpecFuseEnsemble(SpecFuseEnsemble.Settings.DEFAULTS), "addition", ADDERS);
    List<String> judged = List.of("generalist", "generalist-units", "calculator");
    for (Reward reward : List.of(Reward.VERDICT, Reward.LIKELIHOOD)) {
      List<String> members =
          reward == Reward.VERDICT
              ? List.of("generalist", "generalist-units", "step-judge")
              : judged;
      measure("best-of-steps (n = 4), " + reward, best(4, reward), "chain", members);
      measure("best-of-steps (n = 16), " + reward, best(16, reward), "chain", members);
      measure("le-mcts, " + reward, tree(1, reward), "chain", members);
      measure("le-mcts (parallel 2), " + reward, tree(2, reward), "chain", members);
    }
  }

  private static JointEnsemble best(int samples, Reward reward) {
    return new BestOfStepsEnsemble(
        new BestOfStepsEnsemble.Settings(
            samples, "; ", 24, 12, "+", "-", "", reward, Aggregate.LAST));
  }

  private static JointEnsemble tree(int parallel, Reward reward) {
    return new LeMctsEnsemble(
        new LeMctsEnsemble.Settings(
            60, .3, 2, 8, .3, parallel, 1, "; ", 24, 12, "+", "-", "", reward, Aggregate.LAST));
  }

  private static void measure(String what, JointEnsemble method, String task, List<String> names) {
    List<LanguageModel> models = names.stream().<LanguageModel>map(ModelFiles::load).toList();
    JointPlan plan =
        method.plan(
            models.stream()
                .map(
                    m ->
                        TokenMember.of(m, 1)
                            .as(
                                List.of("step-judge", "calculator").contains(m.name())
                                    ? SearchPlan.JUDGE
                                    : SearchPlan.PROPOSER))
                .toList());
    var items = Tasks.named(task).heldOutUpTo(QUESTIONS, 77);
    var apart = new double[items.size()];
    var together = new double[items.size()];
    var ratios = new double[items.size()];
    for (int i = -items.size() / 4; i < items.size(); i++) {
      int question = Math.floorMod(i, items.size());
      String prompt = items.get(question).prompt();
      double first = seconds(plan, models, prompt, i % 2 == 0, question);
      double second = seconds(plan, models, prompt, i % 2 != 0, question);
      if (i >= 0) {
        apart[i] = i % 2 == 0 ? first : second;
        together[i] = i % 2 == 0 ? second : first;
        ratios[i] = apart[i] / together[i];
      }
    }
    System.out.printf(
        "| %s | %s | %.1f | %.1f | %.2f |%n",
        what,
        String.join(", ", names),
        median(apart) * 1e3,
        median(together) * 1e3,
        median(ratios));
    models.forEach(LanguageModel::close);
  }

  private static double seconds(
      JointPlan plan, List<LanguageModel> models, String question, boolean apart, int seed) {
    List<MemberPrompt> prompts =
        models.stream()
            .map(
                m ->
                    new TokenPrompt(
                        m, m.contextLength(), m.prompt(List.of(new Turn("user", question)))))
            .<MemberPrompt>map(p -> apart ? Apart.of(p) : p)
            .toList();
    var sampling = new Sampling(1, 1, OptionalInt.empty(), List.of(), OptionalInt.of(80), false, 0);
    long start = System.nanoTime();
    try (JointSession session = plan.open(prompts, StepRunner.SEQUENTIAL)) {
      new AnswerWriter(session, session.vocabulary(), sampling, new SplittableRandom(seed))
          .write((text, told) -> {});
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
