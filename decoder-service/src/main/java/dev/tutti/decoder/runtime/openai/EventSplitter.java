package dev.tutti.decoder.runtime.openai;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Cuts a stream of bytes into server-sent events, at bytes and not at characters: an event is given
 * out once its blank line is there, framing included. Confined to one thread.
 */
final class EventSplitter {

  private static final int WAIT = -1;

  private final int longest;
  private byte[] bytes = new byte[0];
  private int from;
  private int searched;
  private int to;

  /**
   * A splitter.
   *
   * @param longest most bytes of an event
   */
  EventSplitter(int longest) {
    this.longest = longest;
  }

  /** Adds bytes that arrived. */
  void add(byte[] more) {
    if (from == to) {
      bytes = more;
      from = 0;
      searched = 0;
      to = more.length;
      return;
    }
    byte[] joined = Arrays.copyOfRange(bytes, from, to + more.length);
    System.arraycopy(more, 0, joined, to - from, more.length);
    searched -= from;
    to = to - from + more.length;
    from = 0;
    bytes = joined;
  }

  /**
   * The next whole event with all its bytes; null where none is whole yet.
   *
   * @throws IllegalStateException when it is longer than allowed
   */
  byte[] next() {
    for (int i = Math.max(searched, from); i < to; i++) {
      int end = endOfBlankLine(i);
      if (end == WAIT) {
        break;
      }
      if (end > 0) {
        byte[] event = Arrays.copyOfRange(bytes, from, end);
        from = end;
        searched = end;
        requireShort(event.length);
        return event;
      }
      searched = i + 1;
    }
    requireShort(to - from);
    return null;
  }

  /** What is left when the stream ends: an event without its blank line, or nothing. */
  byte[] rest() {
    byte[] rest = Arrays.copyOfRange(bytes, from, to);
    from = to;
    return rest;
  }

  /**
   * Where the blank line ends whose first line end stands at {@code i}; 0 where there is none,
   * {@link #WAIT} where more bytes must tell.
   */
  private int endOfBlankLine(int i) {
    int first = lineEnd(i);
    if (first <= 0) {
      return first;
    }
    if (first == to) {
      return WAIT;
    }
    int second = lineEnd(first);
    return second == WAIT && bytes[first] == '\r' ? to : second;
  }

  /**
   * Where the line end at {@code i} ends; 0 where there is none. A carriage return that is the last
   * byte so far may be one half.
   */
  private int lineEnd(int i) {
    if (bytes[i] == '\n') {
      return i + 1;
    }
    if (bytes[i] != '\r') {
      return 0;
    }
    if (i + 1 == to) {
      return WAIT;
    }
    return bytes[i + 1] == '\n' ? i + 2 : i + 1;
  }

  /** What an event says: its data lines joined; null where it has none, e.g. a comment. */
  static byte[] data(byte[] event) {
    var data = new ByteArrayOutputStream(event.length);
    boolean any = false;
    int line = 0;
    while (line < event.length) {
      int end = line;
      while (end < event.length && event[end] != '\n' && event[end] != '\r') {
        end++;
      }
      if (startsWithData(event, line, end)) {
        if (any) {
          data.write('\n');
        }
        any = true;
        int begin = line + 5;
        begin += begin < end && event[begin] == ' ' ? 1 : 0;
        data.write(event, begin, end - begin);
      }
      line = end + 1;
    }
    return any ? data.toByteArray() : null;
  }

  private static boolean startsWithData(byte[] event, int from, int to) {
    return to - from >= 5
        && event[from] == 'd'
        && event[from + 1] == 'a'
        && event[from + 2] == 't'
        && event[from + 3] == 'a'
        && event[from + 4] == ':';
  }

  private void requireShort(int length) {
    if (length > longest) {
      throw new IllegalStateException("An event has more than " + longest + " bytes.");
    }
  }
}
