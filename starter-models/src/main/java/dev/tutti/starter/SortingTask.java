package dev.tutti.starter;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Lists of three to six different numbers below 100, to be put in order: {@code sort 42 7 19:} asks
 * for {@code 7 19 42}. All orders of the same numbers are in the same part.
 */
public final class SortingTask implements Task {

  /** The name of this task. */
  public static final String NAME = "sorting";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Draft draw(RandomGenerator random) {
    int length = random.nextInt(3, 7);
    List<Integer> numbers =
        random.ints(0, 100).distinct().limit(length).boxed().collect(Collectors.toList());
    String reference = joined(numbers.stream().sorted().toList());
    boolean heldOut = Split.heldOut(Split.key(reference));
    return Draft.direct(heldOut, "sort " + joined(numbers) + ":", reference);
  }

  private static String joined(List<Integer> numbers) {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(" "));
  }
}
