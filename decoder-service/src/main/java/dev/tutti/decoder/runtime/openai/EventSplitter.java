package dev.tutti.decoder.runtime.openai;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Cuts a stream of bytes into server-sent events, at bytes and not at characters: an event is given
 * out once its blank line is there, framing included. Confined to one thread.
 */
final class EventSplitter {

  private static final int WAIT = -1;

  private static final byte[] DATA = "data".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] EVENT = "event".getBytes(StandardCharsets.US_ASCII);

  private final int longest;
  private boolean begun;
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
    if (bytes.length - to < more.length) {
      // Twice what is needed, so that a long event is not copied at each of its pieces.
      byte[] wider = new byte[2 * (to - from + more.length)];
      System.arraycopy(bytes, from, wider, 0, to - from);
      bytes = wider;
      searched -= from;
      to -= from;
      from = 0;
    }
    System.arraycopy(more, 0, bytes, to, more.length);
    to += more.length;
  }

  /**
   * The next whole event with all its bytes; null where none is whole yet.
   *
   * @throws IllegalStateException when it is longer than allowed
   */
  byte[] next() {
    if (!begun && !begin()) {
      return null;
    }
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

  /** Skips the byte order mark that a stream may begin with; false while it may be one. */
  private boolean begin() {
    int mark = ByteOrderMark.begun(bytes, from, to);
    begun = mark == 0 && from < to || ByteOrderMark.isWhole(mark);
    if (begun) {
      from += mark;
    }
    return begun;
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
    return values(event, DATA);
  }

  /** The type of an event; empty where it has none. */
  static String type(byte[] event) {
    byte[] type = values(event, EVENT);
    return type == null ? "" : new String(type, StandardCharsets.UTF_8);
  }

  /** The values of a field's lines joined; null where there is none. */
  private static byte[] values(byte[] event, byte[] field) {
    ByteArrayOutputStream values = null;
    int line = 0;
    while (line < event.length) {
      int end = line;
      while (end < event.length && event[end] != '\n' && event[end] != '\r') {
        end++;
      }
      if (isField(event, line, end, field)) {
        if (values == null) {
          values = new ByteArrayOutputStream(end - line);
        } else {
          values.write('\n');
        }
        int begin = line + field.length + 1;
        begin += begin < end && event[begin] == ' ' ? 1 : 0;
        values.write(event, begin, end - begin);
      }
      line = end + 1;
    }
    return values == null ? null : values.toByteArray();
  }

  private static boolean isField(byte[] event, int from, int to, byte[] field) {
    int colon = from + field.length;
    return colon < to
        && event[colon] == ':'
        && Arrays.equals(event, from, colon, field, 0, field.length);
  }

  private void requireShort(int length) {
    if (length > longest) {
      throw new IllegalStateException("An event has more than " + longest + " bytes.");
    }
  }
}
