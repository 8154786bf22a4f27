package dev.tutti.decoder;

import dev.tutti.decoder.fixture.HeldOutSet;
import dev.tutti.decoder.fixture.ModelFiles;
import dev.tutti.decoder.method.routing.EtrEnsemble;
import dev.tutti.decoder.method.routing.ExpertTokens;
import dev.tutti.decoder.method.routing.ExpertTokensFit;
import dev.tutti.decoder.method.routing.ExpertTrialWalk;
import dev.tutti.decoder.method.routing.Reference;
import dev.tutti.decoder.runtime.OnnxLanguageModel;
import dev.tutti.kit.testing.ReplayReport;
import dev.tutti.numerics.answer.AnswerForm;
import dev.tutti.starter.Task;
import dev.tutti.starter.TaskItem;
import dev.tutti.starter.Tasks;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * The whole pool, nobody told the task, by what was fitted to generated questions: macro average
 * over the ten held-out sets.
 */
final class RoutedPoolRows {

  private static final List<String> POOL =
      List.of(
          "generalist",
          "adder-strong",
          "calculator",
          "wordsmith",
          "generalist-dates",
          "generalist-units");

  /** Generated questions of each task; of their held-out part, as far as it has others. */
  private static final int QUESTIONS = 800;

  /** Tokens that a member's context leaves behind the question, or it sits the question out. */
  private static final int ROOM = 54;

  private static final long SEED = 12_001;

  private RoutedPoolRows() {}

  static void add(ReplayReport report) {
    List<OnnxLanguageModel> models = POOL.stream().map(ModelFiles::load).toList();
    try {
      JointEnsemble etr =
          new EtrEnsemble(EtrEnsemble.Settings.DEFAULTS, fitted(models), FittedOn.NOTHING);
      double sum = 0;
      for (Task task : Tasks.ALL) {
        double accuracy = accuracy(etr, models, HeldOutSet.of(task.name()));
        System.out.printf("etr %s %.3f%n", task.name(), accuracy);
        sum += accuracy;
      }
      report.add("pool", "etr, fitted", "accuracy", sum / Tasks.ALL.size());
      report.note(
          "etr over the pool: generalist is the meta model; its experts' tokens are fitted to %d"
                  .formatted(QUESTIONS)
              + " generated questions a task, none of them held out. A member whose context leaves"
              + " less than %d tokens behind a question sits it out.".formatted(ROOM));
    } finally {
      models.forEach(OnnxLanguageModel::close);
    }
  }

  private static ExpertTokens fitted(List<OnnxLanguageModel> models) {
    var walk = new ExpertTrialWalk(models, Tasks.ALL.size() * QUESTIONS, AnswerForm.AUTO);
    for (Task task : Tasks.ALL) {
      for (TaskItem item : generated(task)) {
        walk.walk(new Reference(item.prompt(), item.answer()));
      }
    }
    return new ExpertTokensFit()
        .fit(walk.recorded(), ExpertTokensFit.Settings.DEFAULTS, new SplittableRandom(SEED));
  }

  private static double accuracy(
      JointEnsemble method, List<OnnxLanguageModel> models, HeldOutSet set) {
    long right =
        set.items().stream()
            .filter(
                item -> {
                  List<OnnxLanguageModel> present =
                      models.stream()
                          .filter(m -> m == models.getFirst() || hasRoom(m, item))
                          .toList();
                  return HeldOutSet.share(
                          new HeldOutSet(set.task(), List.of(item)).answers(method, present))
                      == 1;
                })
            .count();
    return right / (double) set.items().size();
  }

  private static boolean hasRoom(LanguageModel model, TaskItem item) {
    int prompt = model.prompt(List.of(new Turn("user", item.prompt()))).length;
    return prompt + ROOM <= model.contextLength();
  }

  /** None of the committed questions. */
  private static List<TaskItem> generated(Task task) {
    Set<String> committed =
        HeldOutSet.of(task.name()).items().stream()
            .map(TaskItem::prompt)
            .collect(Collectors.toSet());
    var items = new ArrayList<TaskItem>();
    task.heldOutUpTo(QUESTIONS + committed.size(), SEED).stream()
        .filter(item -> !committed.contains(item.prompt()))
        .limit(QUESTIONS)
        .forEach(items::add);
    var random = new SplittableRandom(SEED);
    while (items.size() < QUESTIONS) {
      items.add(task.train(random));
    }
    return items;
  }
}
