package dev.tutti.registry.dataset;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Cuts a stream of lines into chunks of whole lines, holding no more than one chunk and one line.
 * Confined to one thread.
 */
final class LineChunks {

  /** Longest line, in bytes; its end does not count. */
  static final int LONGEST_LINE = 1 << 20;

  private static final int CHUNK = 256 << 10;

  private final InputStream source;
  private final long most;
  private byte[] buffer = new byte[CHUNK];
  private int filled;
  private long line = 1;
  private long read;
  private boolean ended;

  /**
   * Chunks of a stream.
   *
   * @param most bytes of all lines together
   */
  LineChunks(InputStream source, long most) {
    this.source = source;
    this.most = most;
  }

  /**
   * Whole lines.
   *
   * @param firstLine number of the first one, from 1 on
   * @param data the lines with their ends; null where it is one line that is too long
   */
  record Chunk(long firstLine, byte[] data) {}

  /** More bytes than are allowed. */
  static final class TooManyBytesException extends IOException {
    TooManyBytesException() {
      super("too many bytes");
    }
  }

  /** Bytes read so far. */
  long read() {
    return read;
  }

  /**
   * The next chunk; null at the end.
   *
   * @throws TooManyBytesException where the lines together have too many
   * @throws IOException of the stream
   */
  Chunk next() throws IOException {
    while (true) {
      int end = lastLineEnd();
      if (end > 0 && (filled >= CHUNK || ended)) {
        return cut(end);
      }
      if (ended) {
        // The last line may lack its end.
        return filled == 0 ? null : filled > LONGEST_LINE ? tooLong(filled) : cut(filled);
      }
      if (filled > LONGEST_LINE) {
        return skipLine();
      }
      fill();
    }
  }

  private int lastLineEnd() {
    for (int i = filled - 1; i >= 0; i--) {
      if (buffer[i] == '\n') {
        return i + 1;
      }
    }
    return 0;
  }

  private void fill() throws IOException {
    if (filled == buffer.length) {
      // One byte more than the longest line tells that a line is longer.
      buffer = Arrays.copyOf(buffer, Math.min(buffer.length * 2, LONGEST_LINE + 1));
    }
    int count = source.read(buffer, filled, buffer.length - filled);
    if (count < 0) {
      ended = true;
      return;
    }
    filled += count;
    read += count;
    if (read > most) {
      throw new TooManyBytesException();
    }
  }

  private Chunk cut(int end) {
    byte[] data = Arrays.copyOf(buffer, end);
    long first = line;
    for (byte b : data) {
      if (b == '\n') {
        line++;
      }
    }
    keepFrom(end);
    return new Chunk(first, data);
  }

  /** Reads over the rest of a line that is too long. */
  private Chunk skipLine() throws IOException {
    while (true) {
      filled = 0;
      fill();
      for (int i = 0; i < filled; i++) {
        if (buffer[i] == '\n') {
          return tooLong(i + 1);
        }
      }
      if (ended) {
        return tooLong(filled);
      }
    }
  }

  private Chunk tooLong(int end) {
    keepFrom(end);
    return new Chunk(line++, null);
  }

  private void keepFrom(int end) {
    System.arraycopy(buffer, end, buffer, 0, filled - end);
    filled -= end;
  }
}
