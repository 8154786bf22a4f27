package dev.tutti.decoder;

import dev.tutti.decoder.fixture.ModelFiles;
import dev.tutti.decoder.method.process.BestOfStepsEnsemble;
import dev.tutti.decoder.method.process.LeMctsEnsemble;
import dev.tutti.decoder.runtime.OnnxLanguageModel;
import dev.tutti.decoder.sampling.Answer;
import dev.tutti.decoder.sampling.AnswerWriter;
import dev.tutti.decoder.sampling.Sampling;
import dev.tutti.decoder.search.Aggregate;
import dev.tutti.decoder.search.Reward;
import dev.tutti.decoder.search.SearchPlan;
import dev.tutti.kit.testing.ReplayReport;
import dev.tutti.starter.ChainTask;
import dev.tutti.starter.JudgedSteps;
import dev.tutti.starter.TaskItem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Searches over the steps of chains, on generated held-out questions: generalist and
 * generalist-units write, by the verdicts of step-judge, their own likelihood, both, or the
 * likelihood that calculator finds.
 */
final class ChainsReplay {

  private static final String SET = "chains";
  private static final int QUESTIONS = Integer.getInteger("tutti.replay.chains", 2_000);
  // Settings were chosen on seed 7001.
  private static final long SEED = 2026;
  private static final String END = String.valueOf(JudgedSteps.FINISH);
  private static final Sampling DRAWN =
      new Sampling(1, 1, OptionalInt.empty(), List.of(), OptionalInt.of(80), false, 0);

  private final List<TaskItem> items = new ChainTask().heldOut(QUESTIONS, SEED);
  private final Map<String, OnnxLanguageModel> models = new LinkedHashMap<>();
  private final ReplayReport report;

  private ChainsReplay(ReplayReport report) {
    this.report = report;
  }

  /** Adds rows and remarks. */
  static void addTo(ReplayReport report) {
    var replay = new ChainsReplay(report);
    for (String name : List.of("generalist", "generalist-units", "step-judge", "calculator")) {
      replay.models.put(name, ModelFiles.load(name));
    }
    replay.measure();
    replay.models.values().forEach(OnnxLanguageModel::close);
  }

  /** Which questions were answered right, and forward passes a question. */
  private record Outcome(boolean[] right, double passes) {
    double accuracy() {
      return IntStream.range(0, right.length).filter(i -> right[i]).count() / (double) right.length;
    }
  }

  private void measure() {
    for (String name : List.of("generalist", "generalist-units")) {
      report.add(SET, name + " alone, greedy", "accuracy", alone(name));
    }
    compare("verdicts of step-judge", "step-judge", Reward.VERDICT, .95);
    compare("own likelihood", null, Reward.VERDICT, 1);
    compare("verdicts of step-judge times own likelihood", "step-judge", Reward.BOTH, 1);
    compare("likelihood to calculator", "calculator", Reward.LIKELIHOOD, .9);
    report.note(
        ("chains: %d generated held-out questions of chains, drawn at temperature 1; best-of-steps"
                + " has as many draws at each place as give it no fewer forward passes. Settings were"
                + " chosen on 200 others. Of the wrong steps that these models write at temperature 1"
                + " on 2,000 others step-judge finds 82 %%, and it keeps 99.6 %% of the right ones.")
            .formatted(items.size()));
  }

  private void compare(String by, String judge, Reward reward, double enough) {
    Aggregate aggregate =
        reward == Reward.VERDICT && judge != null ? Aggregate.PRODUCT : Aggregate.MIN;
    Outcome tree =
        outcome(
            new LeMctsEnsemble(
                new LeMctsEnsemble.Settings(
                    60, .3, 1, 8, .3, 1, enough, "; ", 24, 12, "+", "-", END, reward, aggregate)),
            judge,
            items.size());
    // The least number of draws that takes no fewer forward passes.
    int samples = 1;
    while (outcome(best(samples, reward, aggregate), judge, Math.min(200, items.size())).passes
        < tree.passes) {
      samples++;
    }
    Outcome best = outcome(best(samples, reward, aggregate), judge, items.size());
    add("le-mcts, " + by, tree);
    add("best-of-steps (n = %d), %s".formatted(samples, by), best);
    int[] difference =
        IntStream.range(0, items.size())
            .map(i -> (tree.right[i] ? 1 : 0) - (best.right[i] ? 1 : 0))
            .toArray();
    double mean = IntStream.of(difference).average().orElseThrow();
    double squares = IntStream.of(difference).mapToDouble(d -> d * d).average().orElseThrow();
    double error = Math.sqrt((squares - mean * mean) / difference.length);
    report.add(SET, "le-mcts less best-of-steps, " + by, "paired difference", mean);
    report.add(SET, "le-mcts less best-of-steps, " + by, "its standard error", error);
  }

  private static BestOfStepsEnsemble best(int samples, Reward reward, Aggregate aggregate) {
    return new BestOfStepsEnsemble(
        new BestOfStepsEnsemble.Settings(samples, "; ", 24, 12, "+", "-", END, reward, aggregate));
  }

  private void add(String who, Outcome outcome) {
    report.add(SET, who, "accuracy", outcome.accuracy());
    report.add(SET, who, "forward passes", outcome.passes());
  }

  private double alone(String name) {
    OnnxLanguageModel model = models.get(name);
    int right = 0;
    for (TaskItem item : items) {
      try (DecodeSession session = model.open()) {
        session.append(model.prompt(turns(item)));
        Answer answer =
            new AnswerWriter(session, model.tokenizer(), Sampling.GREEDY, new SplittableRandom(0))
                .write((text, told) -> {});
        right += isRight(item, answer) ? 1 : 0;
      }
    }
    return right / (double) items.size();
  }

  private Outcome outcome(JointEnsemble method, String judge, int count) {
    var writers = new ArrayList<>(List.of("generalist", "generalist-units"));
    if (judge != null) {
      writers.add(judge);
    }
    List<OnnxLanguageModel> members = writers.stream().map(models::get).toList();
    JointPlan plan =
        method.plan(
            members.stream()
                .map(
                    m ->
                        TokenMember.of(m, 1)
                            .as(m.name().equals(judge) ? SearchPlan.JUDGE : SearchPlan.PROPOSER))
                .toList());
    var right = new boolean[count];
    double passes = 0;
    for (int i = 0; i < right.length; i++) {
      TaskItem item = items.get(i);
      List<TokenPrompt> prompts =
          members.stream()
              .map(m -> new TokenPrompt(m, m.contextLength(), m.prompt(turns(item))))
              .toList();
      try (JointSession session = plan.open(prompts, StepRunner.SEQUENTIAL)) {
        Answer answer =
            new AnswerWriter(session, session.vocabulary(), DRAWN, new SplittableRandom(i))
                .write((text, told) -> {});
        right[i] = isRight(item, answer);
        passes += session.measures().get("forward_passes");
      }
    }
    return new Outcome(right, passes / right.length);
  }

  private static boolean isRight(TaskItem item, Answer answer) {
    return answer.finish() == Answer.Finish.STOP && item.isRight(answer.text());
  }

  private static List<Turn> turns(TaskItem item) {
    return List.of(new Turn("user", item.prompt()));
  }
}
