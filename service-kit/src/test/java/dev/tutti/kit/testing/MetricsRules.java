package dev.tutti.kit.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import java.util.stream.Stream;

/** What holds for the metrics of every service, as Prometheus reads them. */
public final class MetricsRules {

  private static final String HELP = "# HELP tutti_";
  private static final String LATENCY = "_seconds_count";

  private MetricsRules() {}

  /**
   * Every metric of ours says what it is, and every latency has buckets.
   *
   * @param metrics the text of {@code /q/metrics}, after some calls
   */
  public static void check(String metrics) {
    List<String> lines = metrics.lines().toList();
    List<String> help = lines.stream().filter(line -> line.startsWith(HELP)).toList();
    assertFalse(help.isEmpty(), metrics);
    assertEquals(
        List.of(),
        help.stream().filter(line -> line.strip().split(" ").length < 5).toList(),
        "without a text of some words");
    Stream<String> latencies =
        lines.stream()
            .filter(line -> line.startsWith("tutti_") && line.contains(LATENCY))
            .map(line -> line.substring(0, line.indexOf(LATENCY)));
    assertEquals(
        List.of(),
        latencies
            .distinct()
            .filter(name -> !metrics.contains("\n" + name + "_seconds_bucket{"))
            .toList(),
        "without buckets");
  }
}
