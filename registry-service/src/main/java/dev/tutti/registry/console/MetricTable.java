package dev.tutti.registry.console;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * What several versions measured, a metric a row.
 *
 * @param name of the metric, a path
 * @param values by version; null where it has none
 */
public record MetricTable(String name, List<String> values) {

  static List<MetricTable> of(int versions, List<List<Difference>> metrics) {
    var rows = new LinkedHashMap<String, List<String>>();
    for (int i = 0; i < versions; i++) {
      for (Difference metric : metrics.get(i)) {
        rows.computeIfAbsent(metric.field(), _ -> blank(versions)).set(i, metric.after());
      }
    }
    return rows.entrySet().stream().map(r -> new MetricTable(r.getKey(), r.getValue())).toList();
  }

  private static List<String> blank(int versions) {
    var blank = new ArrayList<String>();
    for (int i = 0; i < versions; i++) {
      blank.add(null);
    }
    return blank;
  }
}
