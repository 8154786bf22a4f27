package dev.tutti.router;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an {@link Observing} router has learned: some numbers a member, which a service keeps as a
 * row each ({@code elo_rating}, {@code bandit_arm}). Immutable as long as nobody writes to an
 * array.
 *
 * @param arms by member; what the numbers are, the learner's Javadoc says
 * @param observed how many observations went in
 */
public record LearnerState(SortedMap<String, double[]> arms, long observed) {

  /** Nothing learned. */
  public static final LearnerState EMPTY = new LearnerState(new TreeMap<>(), 0);

  /** Copies the map; refuses numbers that are none. */
  public LearnerState {
    arms = Collections.unmodifiableSortedMap(new TreeMap<>(arms));
    arms.forEach(
        (member, numbers) -> {
          for (double number : numbers) {
            if (!Double.isFinite(number)) {
              throw new IllegalArgumentException(
                  "The state of %s holds %s.".formatted(member, number));
            }
          }
        });
  }

  /** This state with another arm, after one more observation. */
  public LearnerState with(String member, double[] numbers) {
    var more = new TreeMap<>(arms);
    more.put(member, numbers);
    return new LearnerState(more, observed + 1);
  }

  /** Exactly these numbers as bytes; {@link #of} reads them. Equal states, equal bytes. */
  public byte[] bytes() {
    int size = Long.BYTES + Integer.BYTES;
    for (var arm : arms.entrySet()) {
      size += 2 * Integer.BYTES + utf8(arm.getKey()).length + Double.BYTES * arm.getValue().length;
    }
    ByteBuffer bytes = ByteBuffer.allocate(size).putLong(observed).putInt(arms.size());
    arms.forEach(
        (member, numbers) -> {
          bytes.putInt(utf8(member).length).put(utf8(member)).putInt(numbers.length);
          for (double number : numbers) {
            bytes.putDouble(number);
          }
        });
    return bytes.array();
  }

  /** The state that {@link #bytes} wrote. */
  public static LearnerState of(byte[] written) {
    ByteBuffer bytes = ByteBuffer.wrap(written);
    long observed = bytes.getLong();
    int count = bytes.getInt();
    var arms = new TreeMap<String, double[]>();
    for (int i = 0; i < count; i++) {
      var name = new byte[bytes.getInt()];
      bytes.get(name);
      var numbers = new double[bytes.getInt()];
      for (int j = 0; j < numbers.length; j++) {
        numbers[j] = bytes.getDouble();
      }
      arms.put(new String(name, StandardCharsets.UTF_8), numbers);
    }
    return new LearnerState(arms, observed);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
