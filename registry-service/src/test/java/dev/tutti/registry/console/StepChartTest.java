package dev.tutti.registry.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepChartTest {

  private static final Instant START = Instant.parse("2026-11-30T00:00:00Z");

  private static StepChart chart(long seconds, Double... values) {
    var times = new ArrayList<Instant>();
    for (int i = 0; i < values.length; i++) {
      times.add(START.plusSeconds(i * seconds));
    }
    return StepChart.of(
        "t", times, seconds, List.of(new StepChart.Series("s", Arrays.asList(values))));
  }

  @Test
  void numbersStandOnRoundLinesFromZeroOn() {
    StepChart chart = chart(3_600, 0.0, 7.0, 3.5);
    assertEquals(
        List.of("0", "2", "4", "6", "8"),
        chart.numbers().stream().map(StepChart.Tick::text).toList());
    // From 195 at 0 up to 12 at 8.
    assertEquals("195.0", chart.numbers().getFirst().at());
    assertEquals("12.0", chart.numbers().getLast().at());
    assertEquals(List.of("68.0,195.0 262.5,34.9 457.0,114.9"), chart.lines().getFirst().runs());
    assertEquals("01:00: 7", chart.lines().getFirst().dots().get(1).title());
  }

  @Test
  void whatIsBelowZeroHasRoomToo() {
    StepChart chart = chart(86_400, -0.3, 0.9);
    assertEquals(
        List.of("-0.5", "0", "0.5", "1"),
        chart.numbers().stream().map(StepChart.Tick::text).toList());
    assertEquals("30 Nov", chart.times().getFirst().text());
    assertEquals("1 Dec", chart.times().get(1).text());
  }

  @Test
  void whereThereIsNoNumberTheLineIsBroken() {
    StepChart chart = chart(300, 1.0, null, 2.0, 2.0);
    assertEquals(2, chart.lines().getFirst().runs().size());
    assertEquals(3, chart.lines().getFirst().dots().size());
  }

  @Test
  void intervalsAreBandsFromTheLowerEdgeBackAlongTheUpperOne() {
    var series =
        new StepChart.Series(
            "s",
            Arrays.asList(1_000.0, 1_100.0, null, 1_000.0),
            Arrays.asList(900.0, 1_000.0, null, 900.0),
            Arrays.asList(1_100.0, 1_200.0, null, 1_100.0));
    List<Instant> times =
        List.of(
            START,
            START.plusSeconds(86_400),
            START.plusSeconds(172_800),
            START.plusSeconds(259_200));
    StepChart chart = StepChart.between("t", times, 86_400, List.of(series));
    assertEquals(
        List.of("900", "1000", "1100", "1200"),
        chart.numbers().stream().map(StepChart.Tick::text).toList());
    assertEquals(
        List.of(
            "68.0,195.0 197.7,134.0 197.7,12.0 68.0,73.0",
            "454.0,195.0 460.0,195.0 460.0,73.0 454.0,73.0"),
        chart.lines().getFirst().bands());
  }

  @Test
  void nothingAndAbsurdNumbersAreDrawnTooAndTimesAreFew() {
    assertEquals(List.of("0", "1"), ends(chart(300, 0.0, 0.0)));
    assertEquals(List.of("0", "1"), ends(chart(300, (Double) null)));
    assertEquals(List.of("0", "100000000000"), ends(chart(300, 1e11)));
    assertEquals(List.of("0", "0.000001"), ends(chart(300, 1e-6)));
    assertEquals(5, chart(300, new Double[30]).times().size());
    assertEquals(4, chart(300, new Double[12]).times().size());
  }

  private static List<String> ends(StepChart chart) {
    return List.of(chart.numbers().getFirst().text(), chart.numbers().getLast().text());
  }
}
