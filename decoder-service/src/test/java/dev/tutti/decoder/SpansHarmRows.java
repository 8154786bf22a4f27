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

  /** How many questions of each pair, and of each task of the pool: the first of those held out. */
  private record Questions(int paired, int pooled) {

    static final Questions ALL = new Questions(Integer.MAX_VALUE, Integer.MAX_VALUE);
    static final Questions SOME = new Questions(200, 100);
  }

  private static final String SPEC_FUSE = "specfuse";

  private final ReplayReport report;
  private final Map<String, LanguageModel> models = new HashMap<>();
  // By task, model and number of questions: share of right answers.
  private final Map<String, Double> alone = new HashMap<>();

  private SpansHarmRows(ReplayReport report) {
    this.report = report;
  }

  /** Measures, and adds what came out. */
  static void addTo(ReplayReport report) {
    var rows = new SpansHarmRows(report);
    methods().forEach((name, method) -> rows.doNoHarm(name, method, questions(name).paired()));
    methods().forEach((name, method) -> rows.pool(name, method, questions(name).pooled()));
    rows.models.values().forEach(LanguageModel::close);
    report.note(
        ("do-no-harm and pool by spans: of cool-fusion and sweet-span the first %d questions of each"
                + " pair, and %d of each task, specfuse all of them; what these methods lose and gain"
                + " is told against the better member on the same questions.")
            .formatted(Questions.SOME.paired(), Questions.SOME.pooled()));
  }

  /** The method that does least harm is held against all of them. */
  private static Questions questions(String name) {
    return name.equals(SPEC_FUSE) ? Questions.ALL : Questions.SOME;
  }

  private static Map<String, JointEnsemble> methods() {
    var methods = new LinkedHashMap<String, JointEnsemble>();
    methods.put("cool-fusion", new CoolFusionEnsemble(CoolFusionEnsemble.Settings.DEFAULTS));
    methods.put("sweet-span (adapt)", new SweetSpanEnsemble(SweetSpanEnsemble.Settings.DEFAULTS));
    methods.put(SPEC_FUSE, new SpecFuseEnsemble(SpecFuseEnsemble.Settings.DEFAULTS));
    return methods;
  }

  private static HeldOutSet first(String task, int most) {
    HeldOutSet all = HeldOutSet.of(task);
    return new HeldOutSet(task, all.items().subList(0, Math.min(most, all.items().size())));
  }

  private List<LanguageModel> models(List<String> names) {
    return names.stream().map(name -> models.computeIfAbsent(name, ModelFiles::load)).toList();
  }

  private double alone(String task, String name, int most) {
    return alone.computeIfAbsent(
        "%s %s %d".formatted(task, name, most),
        _ -> first(task, most).accuracy(models(List.of(name)).getFirst()));
  }

  private void doNoHarm(String name, JointEnsemble method, int most) {
    double worst = 0;
    int gaining = 0;
    for (Pair pair : ByteExactRows.pairs()) {
      double together = first(pair.task(), most).accuracy(method, models(pair.names()));
      double best =
          pair.names().stream().mapToDouble(n -> alone(pair.task(), n, most)).max().orElseThrow();
      System.out.printf("%s %s %s %+.3f%n", name, pair.task(), pair.names(), together - best);
      worst = Math.max(worst, best - together);
      gaining += pair.task().equals("addition") && together - best >= .08 - 1e-9 ? 1 : 0;
    }
    report.add("do-no-harm", name, "worst_loss", worst);
    report.add("do-no-harm", name, "rows_gaining_8", gaining);
  }

  private void pool(String name, JointEnsemble method, int most) {
    List<LanguageModel> members = models(ByteExactRows.POOL);
    double sum = 0;
    for (Task task : Tasks.ALL) {
      double right = first(task.name(), most).accuracy(method, members);
      System.out.printf("pool %s %s %.3f%n", name, task.name(), right);
      sum += right;
    }
    report.add("pool", name, "accuracy", sum / Tasks.ALL.size());
  }
}
