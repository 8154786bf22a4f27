package dev.tutti.registry.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Cuts a stream of lines into chunks of whole lines, holding no more than one chunk and one line.
 * Confined to one thread.
 */
public final class LineChunks {

  /** Longest line, in bytes; its end does not count. */
  public static final int LONGEST_LINE = 1 << 20;

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
  public LineChunks(InputStream source, long most) {
    this.source = source;
    this.most = most;
  }

  /**
   * Whole lines.
   *
   * @param firstLine number of the first one, from 1 on
   * @param data the lines with their ends; null where it is one line that is too long
   */
  public record Chunk(long firstLine, byte[] data) {

    /** Its lines, in order; of one that is too long one without bytes. */
    public List<Part> parts() {
      if (data == null) {
        return List.of(new Part(firstLine, -1, 0));
      }
      var parts = new ArrayList<Part>();
      long number = firstLine;
      int start = 0;
      for (int i = 0; i <= data.length; i++) {
        if (i == data.length ? start < i : data[i] == '\n') {
          parts.add(new Part(number++, start, i - start));
          start = i + 1;
        }
      }
      return parts;
    }
  }

  /**
   * Where a line is in its chunk.
   *
   * @param number of the line, from 1 on
   * @param start its first byte; -1 where it is too long, and not there
   * @param length in bytes, without its end
   */
  public record Part(long number, int start, int length) {

    /** What a line that is too long is refused for. */
    static final String TOO_LONG = "The line has more than %d bytes.".formatted(LONGEST_LINE);

    /**
     * Reads it.
     *
     * @return the object; null where there is nothing
     * @throws JsonLine.WrongException where it is none
     */
    public JsonNode read(Chunk chunk) {
      if (start < 0) {
        throw new JsonLine.WrongException("", TOO_LONG);
      }
      return JsonLine.read(chunk.data(), start, length);
    }
  }

  /** More bytes than are allowed. */
  public static final class TooManyBytesException extends IOException {
    TooManyBytesException() {
      super("too many bytes");
    }
  }

  /** Bytes read so far. */
  public long read() {
    return read;
  }

  /**
   * The next chunk; null at the end.
   *
   * @throws TooManyBytesException where the lines together have too many
   * @throws IOException of the stream
   */
  public Chunk next() throws IOException {
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
