package dev.tutti.starter;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Conversions of 2 to 99 of a unit: {@code 5 km in m:} asks for {@code 5000 m}, {@code 180 min in
 * h:} for {@code 3 h}. Both directions are in the same part. One in six is held out, since there
 * are no more than 1,764 of them.
 */
public final class UnitsTask implements Task {

  /** The name of this task. */
  public static final String NAME = "units";

  private static final int HELD_OUT_ONE_IN = 6;

  private record Pair(String large, String small, int factor) {}

  private static final List<Pair> PAIRS =
      List.of(
          new Pair("km", "m", 1000),
          new Pair("m", "cm", 100),
          new Pair("cm", "mm", 10),
          new Pair("kg", "g", 1000),
          new Pair("h", "min", 60),
          new Pair("min", "s", 60),
          new Pair("days", "h", 24),
          new Pair("weeks", "days", 7),
          new Pair("years", "months", 12));

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Draft draw(RandomGenerator random) {
    Pair pair = PAIRS.get(random.nextInt(PAIRS.size()));
    int count = random.nextInt(2, 100);
    String large = count + " " + pair.large;
    String small = count * pair.factor + " " + pair.small;
    boolean heldOut = Split.heldOut(Split.key(large + " in " + pair.small), HELD_OUT_ONE_IN);
    return random.nextBoolean()
        ? Draft.direct(heldOut, large + " in " + pair.small + ":", small)
        : Draft.direct(heldOut, small + " in " + pair.large + ":", large);
  }
}
