package dev.tutti.decoder.sampling;

import java.util.List;

/**
 * Finds stop strings in a growing text, across the borders of its pieces, and holds back whatever
 * could be the start of one. Confined to one thread.
 */
final class StopScanner {

  private final List<String> stops;
  private final StringBuilder held = new StringBuilder();
  private boolean stopped;

  /**
   * A scanner.
   *
   * @param stops none of them empty
   */
  StopScanner(List<String> stops) {
    this.stops = stops;
  }

  /** Whether a stop string was found; nothing is released any more. */
  boolean stopped() {
    return stopped;
  }

  /** Adds text; returns what is now sure to be part of the answer. */
  String add(String text) {
    if (stopped) {
      return "";
    }
    held.append(text);
    int first = -1;
    for (String stop : stops) {
      int at = held.indexOf(stop);
      if (at >= 0 && (first < 0 || at < first)) {
        first = at;
      }
    }
    if (first >= 0) {
      stopped = true;
      return release(first);
    }
    int back = 0;
    for (String stop : stops) {
      back = Math.max(back, startLength(stop));
    }
    return release(held.length() - back);
  }

  /** The text ends; returns what was held back. */
  String finish() {
    return stopped ? "" : release(held.length());
  }

  private String release(int length) {
    String text = held.substring(0, length);
    held.delete(0, length);
    return text;
  }

  /** Length of the longest end of the held text that is a beginning of the stop string. */
  private int startLength(String stop) {
    for (int n = Math.min(stop.length() - 1, held.length()); n > 0; n--) {
      int from = held.length() - n;
      int i = 0;
      while (i < n && held.charAt(from + i) == stop.charAt(i)) {
        i++;
      }
      if (i == n) {
        return n;
      }
    }
    return 0;
  }
}
