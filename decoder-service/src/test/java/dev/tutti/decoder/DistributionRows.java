package dev.tutti.decoder;

import dev.tutti.decoder.fixture.HeldOutSet;
import dev.tutti.decoder.fixture.HeldOutSet.Together;
import dev.tutti.decoder.fixture.ModelFiles;
import dev.tutti.decoder.method.token.DeepenEnsemble;
import dev.tutti.decoder.method.token.EvaEnsemble;
import dev.tutti.decoder.method.token.PackLlmEnsemble;
import dev.tutti.decoder.method.token.PackLlmEnsemble.Weighting;
import dev.tutti.decoder.method.token.PurifyingEnsemble;
import dev.tutti.decoder.method.token.PurifyingEnsemble.Divergence;
import dev.tutti.decoder.runtime.OnnxLanguageModel;
import dev.tutti.kit.testing.ReplayReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Rows of the replay: methods over whole distributions, on sums. */
final class DistributionRows {

  private static final Map<String, List<String>> GROUPS =
      Map.of(
          "same-vocabulary", List.of("adder-weak-1", "adder-weak-2", "adder-weak-3"),
          "across-vocabularies", List.of("adder-weak-1", "adder-bpe-1", "adder-bpe-2"),
          "five-adders",
              List.of(
                  "adder-weak-1", "adder-weak-2", "adder-weak-3", "adder-bpe-1", "adder-bpe-2"));

  private DistributionRows() {}

  /** Measures them. */
  static void addTo(ReplayReport report) {
    var sums = HeldOutSet.of("addition");
    for (String set : List.of("same-vocabulary", "across-vocabularies", "five-adders")) {
      List<OnnxLanguageModel> models = GROUPS.get(set).stream().map(ModelFiles::load).toList();
      methods()
          .forEach(
              (name, method) -> {
                Together together = sums.together(method, models);
                report.add(set, name, "accuracy", HeldOutSet.share(together.answers()));
                together.addCosts(report, set, name, GROUPS.get(set));
              });
      models.forEach(OnnxLanguageModel::close);
    }
    report.note(
        "packllm, purifying, deepen and eva with their defaults but for what is named; the first of"
            + " adder-weak-1.. is the benign, main and pivot member.");
  }

  private static Map<String, JointEnsemble> methods() {
    var methods = new LinkedHashMap<String, JointEnsemble>();
    methods.put("packllm", new PackLlmEnsemble(PackLlmEnsemble.Settings.DEFAULTS));
    methods.put(
        "packllm (opt)", new PackLlmEnsemble(new PackLlmEnsemble.Settings(Weighting.OPT, 1)));
    methods.put("purifying", new PurifyingEnsemble(PurifyingEnsemble.Settings.DEFAULTS));
    methods.put(
        "purifying (max)",
        new PurifyingEnsemble(new PurifyingEnsemble.Settings(0, Divergence.MAX, .5, .5, .1)));
    methods.put("deepen", new DeepenEnsemble(DeepenEnsemble.Settings.DEFAULTS));
    methods.put(
        "deepen (rate .6)", new DeepenEnsemble(new DeepenEnsemble.Settings(0, .6, 5, 100, 200)));
    methods.put("eva", new EvaEnsemble(EvaEnsemble.Settings.DEFAULTS));
    return methods;
  }
}
