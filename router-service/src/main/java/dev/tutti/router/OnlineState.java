package dev.tutti.router;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an {@link Observing} router has learned: some numbers a member, which a service keeps as a
 * row each ({@code elo_rating}, {@code bandit_arm}). Immutable as long as nobody writes to an
 * array.
 */
public final class OnlineState {

  /** Nothing learned. */
  public static final OnlineState EMPTY = new OnlineState(new TreeMap<>(), 0);

  private final long observed;
  private final SortedMap<String, double[]> arms;

  /**
   * A state; copies the map.
   *
   * @param arms by member; what the numbers are, the learner's Javadoc says
   * @param observed how many observations went in
   * @throws IllegalArgumentException for numbers that are none
   */
  public OnlineState(Map<String, double[]> arms, long observed) {
    this(observed, new TreeMap<>(arms));
    arms.forEach(OnlineState::requireFinite);
  }

  private OnlineState(long observed, TreeMap<String, double[]> arms) {
    this.observed = observed;
    this.arms = Collections.unmodifiableSortedMap(arms);
  }

  /** By member; not to be changed. */
  public SortedMap<String, double[]> arms() {
    return arms;
  }

  /** How many observations went in. */
  public long observed() {
    return observed;
  }

  /** This state with another arm, after one more observation. */
  public OnlineState with(String member, double[] numbers) {
    return with(Map.of(member, numbers));
  }

  /**
   * This state with some other arms, after one more observation.
   *
   * @throws IllegalArgumentException for numbers that are none
   */
  public OnlineState with(Map<String, double[]> changed) {
    // Arms can be large, and those that stay were looked at.
    changed.forEach(OnlineState::requireFinite);
    var more = new TreeMap<>(arms);
    more.putAll(changed);
    return new OnlineState(observed + 1, more);
  }

  private static void requireFinite(String member, double[] numbers) {
    for (double number : numbers) {
      if (!Double.isFinite(number)) {
        throw new IllegalArgumentException("The state of %s holds %s.".formatted(member, number));
      }
    }
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
  public static OnlineState of(byte[] written) {
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
    return new OnlineState(arms, observed);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
