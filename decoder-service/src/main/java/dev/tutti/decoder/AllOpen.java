package dev.tutti.decoder;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/** Opens several sessions or none: they hold memory that only closing gives back. */
public final class AllOpen {

  private AllOpen() {}

  /**
   * Opens one after the other; where one fails, those before it are closed and its error goes on.
   *
   * @param count how many
   * @param open the one with this index, from 0
   * @param close one
   */
  public static <T> List<T> of(int count, IntFunction<T> open, Consumer<T> close) {
    var opened = new ArrayList<T>(count);
    try {
      for (int i = 0; i < count; i++) {
        opened.add(open.apply(i));
      }
      return List.copyOf(opened);
    } catch (RuntimeException | Error e) {
      opened.forEach(close);
      throw e;
    }
  }
}
