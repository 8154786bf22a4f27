package dev.tutti.cascade.tuning;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Of what was tried, whatever no other beats in both cost and quality. For one thread. */
public final class Front {

  private record Kept(double quality, float[] values) {}

  private final TreeMap<Double, Kept> byUsd = new TreeMap<>();

  /**
   * Takes it in, unless what is there is as cheap and as good.
   *
   * @param values the rule's own numbers; copied where it is taken in
   */
  public void add(double usd, double quality, float[] values) {
    Map.Entry<Double, Kept> cheaper = byUsd.floorEntry(usd);
    if (cheaper != null && cheaper.getValue().quality() >= quality) {
      return;
    }
    byUsd.put(usd, new Kept(quality, values.clone()));
    for (var dearer = byUsd.higherEntry(usd);
        dearer != null && dearer.getValue().quality() <= quality;
        dearer = byUsd.higherEntry(usd)) {
      byUsd.remove(dearer.getKey());
    }
  }

  /** By rising cost and quality. */
  public List<TunedPoints.Point> points() {
    return byUsd.entrySet().stream()
        .map(
            its ->
                new TunedPoints.Point(
                    its.getKey(), its.getValue().quality(), its.getValue().values()))
        .toList();
  }
}
