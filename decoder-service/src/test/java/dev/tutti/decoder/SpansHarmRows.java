package dev.tutti.decoder;

import dev.tutti.decoder.ByteExactRows.Pair;
import dev.tutti.decoder.fixture.HeldOutSet;
import dev.tutti.decoder.fixture.ModelFiles;
import dev.tutti.decoder.method.span.CoolFusionEnsemble;
import dev.tutti.decoder.method.span.SpecFuseEnsemble;
import dev.tutti.decoder.method.span.SweetSpanEnsemble;
import dev.tutti.kit.testing.ReplayReport;
import dev.tutti.starter.Task;
import dev.tutti.starter.Tasks;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The methods by spans beside the other sets that a method is held against: all pairs of models
 * that share a task, and the whole pool, where nobody is told the task. All with their defaults.
 */
final class SpansHarmRows {

  /** Questions of each pair and task, the first ones of a held-out set. */
  private static final int PAIRED = Integer.getInteger("tutti.replay.spans.paired", 200);

  private static final int POOLED = Integer.getInteger("tutti.replay.spans.pooled", 100);

  private final ReplayReport report;
  private final Map<String, LanguageModel> models = new HashMap<>();
  // By task and model: share of right answers.
  private final Map<String, Double> alone = new HashMap<>();

  private SpansHarmRows(ReplayReport report) {
    this.report = report;
  }

  /** Measures, and adds what came out. */
  static void addTo(ReplayReport report) {
    var rows = new SpansHarmRows(report);
    methods().forEach(rows::doNoHarm);
    methods().forEach(rows::pool);
    rows.models.values().forEach(LanguageModel::close);
    report.note(
        ("do-no-harm and pool by spans: the first %d questions of each pair, and %d of each task;"
                + " what these methods lose and gain is told against the better member on the same"
                + " questions.")
            .formatted(PAIRED, POOLED));
  }

  private static Map<String, JointEnsemble> methods() {
    var methods = new LinkedHashMap<String, JointEnsemble>();
    methods.put("cool-fusion", new CoolFusionEnsemble(CoolFusionEnsemble.Settings.DEFAULTS));
    methods.put("sweet-span (adapt)", new SweetSpanEnsemble(SweetSpanEnsemble.Settings.DEFAULTS));
    methods.put("specfuse", new SpecFuseEnsemble(SpecFuseEnsemble.Settings.DEFAULTS));
    return methods;
  }

  private static HeldOutSet first(String task, int most) {
    HeldOutSet all = HeldOutSet.of(task);
    return new HeldOutSet(task, all.items().subList(0, Math.min(most, all.items().size())));
  }

  private List<LanguageModel> models(List<String> names) {
    return names.stream().map(name -> models.computeIfAbsent(name, ModelFiles::load)).toList();
  }

  private double alone(String task, String name) {
    return alone.computeIfAbsent(
        task + " " + name, _ -> first(task, PAIRED).accuracy(models(List.of(name)).getFirst()));
  }

  private void doNoHarm(String name, JointEnsemble method) {
    double worst = 0;
    int gaining = 0;
    for (Pair pair : ByteExactRows.pairs()) {
      double together = first(pair.task(), PAIRED).accuracy(method, models(pair.names()));
      double best =
          pair.names().stream().mapToDouble(n -> alone(pair.task(), n)).max().orElseThrow();
      System.out.printf("%s %s %s %+.3f%n", name, pair.task(), pair.names(), together - best);
      worst = Math.max(worst, best - together);
      gaining += pair.task().equals("addition") && together - best >= .08 - 1e-9 ? 1 : 0;
    }
    report.add("do-no-harm", name, "worst_loss", worst);
    report.add("do-no-harm", name, "rows_gaining_8", gaining);
  }

  private void pool(String name, JointEnsemble method) {
    List<LanguageModel> members = models(ByteExactRows.POOL);
    double sum = 0;
    for (Task task : Tasks.ALL) {
      double right = first(task.name(), POOLED).accuracy(method, members);
      System.out.printf("pool %s %s %.3f%n", name, task.name(), right);
      sum += right;
    }
    report.add("pool", name, "accuracy", sum / Tasks.ALL.size());
  }
}
