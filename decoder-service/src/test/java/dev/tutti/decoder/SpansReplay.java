package dev.tutti.decoder;

import dev.tutti.decoder.fixture.HeldOutSet;
import dev.tutti.decoder.fixture.ModelFiles;
import dev.tutti.decoder.method.span.CoolFusionEnsemble;
import dev.tutti.decoder.method.span.ScoreFilter;
import dev.tutti.decoder.method.span.SpecFuseEnsemble;
import dev.tutti.decoder.method.span.SweetSpanEnsemble;
import dev.tutti.decoder.runtime.OnnxLanguageModel;
import dev.tutti.kit.testing.ReplayReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The methods by spans on the committed held-out sums, greedy. */
final class SpansReplay {

  private static final Map<String, List<String>> SETS = new LinkedHashMap<>();

  static {
    SETS.put("same-vocabulary", List.of("adder-weak-1", "adder-weak-2", "adder-weak-3"));
    SETS.put("across-vocabularies", List.of("adder-weak-1", "adder-bpe-1", "adder-bpe-2"));
    SETS.put(
        "five-adders",
        List.of("adder-weak-1", "adder-weak-2", "adder-weak-3", "adder-bpe-1", "adder-bpe-2"));
  }

  private SpansReplay() {}

  /** Adds rows and remarks. */
  static void addTo(ReplayReport report) {
    var sums = HeldOutSet.of("addition");
    var methods = new LinkedHashMap<String, JointEnsemble>();
    methods.put("cool-fusion", new CoolFusionEnsemble(CoolFusionEnsemble.Settings.DEFAULTS));
    methods.put(
        "cool-fusion per byte",
        new CoolFusionEnsemble(new CoolFusionEnsemble.Settings(4, 64, true, false)));
    methods.put(
        "cool-fusion with rerank",
        new CoolFusionEnsemble(new CoolFusionEnsemble.Settings(4, 64, false, true)));
    for (ScoreFilter filter : ScoreFilter.values()) {
      for (boolean perByte : new boolean[] {false, true}) {
        methods.put(
            "sweet-span (%s)%s"
                .formatted(filter.name().toLowerCase(Locale.ROOT), perByte ? " per byte" : ""),
            new SweetSpanEnsemble(new SweetSpanEnsemble.Settings(4, filter, 3, 4, 64, perByte)));
      }
    }
    methods.put("specfuse", new SpecFuseEnsemble(SpecFuseEnsemble.Settings.DEFAULTS));
    methods.put(
        "specfuse per byte",
        new SpecFuseEnsemble(new SpecFuseEnsemble.Settings(10, .6, .9, 1, .3, 4, true)));
    SETS.forEach(
        (set, names) -> {
          List<OnnxLanguageModel> members = names.stream().map(ModelFiles::load).toList();
          methods.forEach(
              (name, method) -> report.add(set, name, "accuracy", sums.accuracy(method, members)));
          members.forEach(OnnxLanguageModel::close);
        });
    report.note(
        "A sum is one word, so cool-fusion and sweet-span decide between whole answers there; specfuse"
            + " cuts its drafts nowhere.");
  }
}
