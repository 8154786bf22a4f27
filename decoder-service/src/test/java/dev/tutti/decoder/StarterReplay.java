package dev.tutti.decoder;

import dev.tutti.decoder.fixture.HeldOutSet;
import dev.tutti.decoder.fixture.ModelFiles;
import dev.tutti.decoder.method.token.GacEnsemble;
import dev.tutti.decoder.method.token.UniteEnsemble;
import dev.tutti.decoder.runtime.OnnxLanguageModel;
import dev.tutti.kit.testing.ReplayReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The table of live results on the starter pool: {@code ./mvnw -pl decoder-service -am verify
 * -Preplay} prints it, writes it into METHODS.md and leaves target/replay/results.json.
 */
@Tag("replay")
class StarterReplay {

  private static final String SET = "starter/addition";

  @Test
  void measure() {
    var sums = HeldOutSet.of("addition");
    var models = new LinkedHashMap<String, OnnxLanguageModel>();
    for (String name : List.of("adder-weak-1", "adder-weak-2", "adder-weak-3", "adder-strong")) {
      models.put(name, ModelFiles.load(name));
    }
    var results = new LinkedHashMap<String, Double>();
    models.forEach((name, model) -> results.put(name + " alone", sums.accuracy(model)));
    var weak = List.of("adder-weak-1", "adder-weak-2", "adder-weak-3");
    results.put("gac over the three weak adders", sums.accuracy(gac(1, 0), pick(models, weak)));
    results.put(
        "gac over adder-weak-1 and adder-strong (two vocabularies)",
        sums.accuracy(gac(1, 0), pick(models, List.of("adder-weak-1", "adder-strong"))));
    results.put(
        "gac, threshold 0.5, primary adder-strong, with adder-weak-1",
        sums.accuracy(gac(.5, 1), pick(models, List.of("adder-weak-1", "adder-strong"))));
    var unite = new UniteEnsemble(UniteEnsemble.Settings.DEFAULTS);
    results.put(
        "unite (k = 10) over the three weak adders", sums.accuracy(unite, pick(models, weak)));
    results.put(
        "unite (k = 10) over adder-weak-1 and adder-strong (two vocabularies)",
        sums.accuracy(unite, pick(models, List.of("adder-weak-1", "adder-strong"))));
    results.put(
        "unite (k = 2) over the three weak adders",
        sums.accuracy(new UniteEnsemble(new UniteEnsemble.Settings(2, 1)), pick(models, weak)));
    models.values().forEach(OnnxLanguageModel::close);

    var report = new ReplayReport();
    results.forEach((who, right) -> report.add(SET, who, "accuracy", right));
    report.note(
        "Greedy answers that equal the reference, of %d held-out sums of starter-models."
            .formatted(sums.items().size()));
    report.note(
        "Averaging a weak member with a strong one by gac costs the strong one accuracy; where it is"
            + " asked first and mostly sure, it does not.");
    report.note(
        "With one vocabulary unite answers as many right as gac. adder-strong has twelve pieces of two"
            + " digits; a digit of the weak adder counts for each of them that begins by it, which"
            + " is probably why unite costs the strong one nothing here.");
    DistributionRows.addTo(report);
    SpeculationRows.add(report);
    RoutedPoolRows.add(report);
    ByteExactRows.add(report);
    SpansReplay.addTo(report);
    SpansHarmRows.addTo(report);
    ChainsReplay.addTo(report);
    report.write();
  }

  private static GacEnsemble gac(double threshold, int primary) {
    return new GacEnsemble(new GacEnsemble.Settings(threshold, primary));
  }

  private static List<OnnxLanguageModel> pick(
      Map<String, OnnxLanguageModel> models, List<String> names) {
    return names.stream().map(models::get).toList();
  }
}
