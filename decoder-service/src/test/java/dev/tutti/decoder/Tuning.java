package dev.tutti.decoder;

import dev.tutti.decoder.fixture.ModelFiles;
import dev.tutti.decoder.method.process.*;
import dev.tutti.decoder.runtime.OnnxLanguageModel;
import dev.tutti.decoder.sampling.*;
import dev.tutti.decoder.search.Aggregate;
import dev.tutti.decoder.search.Reward;
import dev.tutti.starter.*;
import java.util.*;
import org.junit.jupiter.api.*;

@Tag("tuning")
class Tuning {
  @Test
  void chains() {
    var a = ModelFiles.load("generalist");
    var b = ModelFiles.load("generalist-units");
    var j = ModelFiles.load("step-judge");
    int count = Integer.getInteger("count", 200);
    if (Boolean.getBoolean("debug")) {
      var d = new ChainTask().heldOut(6, 7001);
      for (var item : d) {
        try (var js = j.open()) {
          String wrong = item.answer().replaceFirst("=(\\d*)\\d;", "=$17;");
          for (String text : List.of(item.answer().split("; ")[0] + ";", wrong.split("; ")[0] + ";")) {
            js.rewind(0);
            js.append(j.rawPrompt(item.prompt()));
            js.append(j.tokenizer().encode(text));
            var n = js.next();
            System.out.println("DEBUG " + item.prompt() + " " + text + " " + n.probability(j.tokenizer().encode("+")[0]) + " " + n.probability(j.tokenizer().encode("-")[0]));
            var jm = new dev.tutti.decoder.span.SpanMember(TokenMember.of(j, 1), dev.tutti.decoder.span.TextJoin.of(List.of(TokenMember.of(j, 1)), 4).getFirst(), new TokenPrompt(j, 96, j.prompt(List.of(new Turn("user", item.prompt())))).open());
            var n2 = jm.behind(text.getBytes()).orElseThrow();
            System.out.println("DEBUG2 " + n2.probability(j.tokenizer().encode("+")[0]) + " " + n2.probability(j.tokenizer().encode("-")[0]) + " " + Arrays.toString(j.tokenizer().encodeBehind("+").get())+ Arrays.toString(j.tokenizer().encode("+"))+ Arrays.toString(j.tokenizer().encodeBehind("-").get())+ Arrays.toString(j.tokenizer().encode("-")));
          }
        }
      }
      return;
    }
    var items = new ChainTask().heldOut(count, 7001);
    var calc = ModelFiles.load("calculator");
    for (double t : new double[] {1}) {
      R = Reward.BOTH;
      for (var g : List.of(Aggregate.MIN, Aggregate.PRODUCT)) {
        for (int n : new int[] {4, 8}) {
          run("best-of-steps both n=" + n + " " + g + " T=" + t, items, best(n, g), t, a, b, j);
        }
        for (int it : new int[] {20, 40, 80}) {
          run("le-mcts both it=" + it + " " + g + " T=" + t, items, tree(it, .5, 3, 6, .3, 1, 1, g), t, a, b, j);
        }
      }
      R = Reward.LIKELIHOOD;
      for (var g : List.of(Aggregate.MIN, Aggregate.LAST)) {
        for (int n : new int[] {2, 4, 8}) {
          run("best-of-steps calculator n=" + n + " " + g + " T=" + t, items, best(n, g), t, a, b, calc);
        }
        for (int it : new int[] {15, 30, 60}) {
          run("le-mcts calculator it=" + it + " " + g + " T=" + t, items, tree(it, .5, 2, 8, .3, 1, .9, g), t, a, b, calc);
        }
      }
    }
  }

  static Reward R = Reward.VERDICT;

  static JointEnsemble best(int n, Aggregate g) {
    return new BestOfStepsEnsemble(new BestOfStepsEnsemble.Settings(n, "; ", 24, 12, "+", "-", R, g));
  }

  static JointEnsemble tree(int it, double c, int width, int most, double widen, int parallel, double enough, Aggregate g) {
    return new LeMctsEnsemble(
        new LeMctsEnsemble.Settings(it, c, width, most, widen, parallel, enough, "; ", 24, 12, "+", "-", R, g));
  }

  static void run(String name, List<TaskItem> items, JointEnsemble method, double temperature, OnnxLanguageModel a, OnnxLanguageModel b, OnnxLanguageModel judge) {
    var models = new ArrayList<OnnxLanguageModel>(List.of(a, b));
    if (judge != null) models.add(judge);
    var members = models.stream().map(m -> TokenMember.of(m, 1).as(m == judge ? "judge" : "proposer")).toList();
    JointPlan plan = method.plan(members);
    long start = System.nanoTime();
    int right = 0;
    double passes = 0;
    double it = 0;
    int unfinished = 0;
    for (int i = 0; i < items.size(); i++) {
      var item = items.get(i);
      var prompts = models.stream().map(m -> new TokenPrompt(m, m.contextLength(), m.prompt(List.of(new Turn("user", item.prompt()))))).toList();
      try (var session = plan.open(prompts, StepRunner.SEQUENTIAL)) {
        var sampling = new Sampling(temperature, 1, OptionalInt.empty(), List.of(), OptionalInt.of(80), false, 0);
        Answer answer = new AnswerWriter(session, session.vocabulary(), sampling, new SplittableRandom(i)).write((text, told) -> {});
        right += answer.finish() == Answer.Finish.STOP && item.isRight(answer.text()) ? 1 : 0;
        unfinished += answer.finish() == Answer.Finish.STOP ? 0 : 1;
        passes += session.measures().get("forward_passes");
        it += session.steps();
      }
    }
    System.out.printf("TUNE %s: %.3f passes %.0f iterations %.1f unfinished %d, %.1f s%n", name, right / (double) items.size(), passes / items.size(), it / items.size(), unfinished, (System.nanoTime() - start) / 1e9);
  }
}
