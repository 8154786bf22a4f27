package dev.tutti.decoder.runtime.openai;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/**
 * Undoes the compression of an answer that was asked for without any, piece by piece as it arrives;
 * no piece is larger than a fixed number of bytes, whatever the compressed ones expand to. Confined
 * to one thread.
 */
final class Decompression implements AutoCloseable {

  private static final int PIECE = 64 * 1024;
  private static final int INPUT = 8 * 1024;

  private final Source source;
  private final boolean gzip;
  private final byte[] piece = new byte[PIECE];
  private final Compressed compressed = new Compressed();
  private Duration limit;
  private InputStream plain;
  private Inflater inflater;

  /** Gives bytes as they arrived; null at their end. */
  @FunctionalInterface
  interface Source {
    byte[] read(Duration limit) throws TimeoutException;
  }

  private Decompression(Source source, boolean gzip) {
    this.source = source;
    this.gzip = gzip;
  }

  /**
   * For an answer's {@code Content-Encoding}.
   *
   * @return null where nothing is to undo
   * @throws IOException for an encoding that is not known here
   */
  static Decompression of(String encoding, Source source) throws IOException {
    return switch (encoding == null ? "" : encoding.strip().toLowerCase(Locale.ROOT)) {
      case "", "identity" -> null;
      case "gzip", "x-gzip" -> new Decompression(source, true);
      case "deflate" -> new Decompression(source, false);
      default -> throw new IOException("Its encoding is neither gzip nor deflate.");
    };
  }

  /**
   * More bytes; null at the end.
   *
   * @throws IOException when they are not what they should be
   * @throws TimeoutException when it takes longer than the limit
   */
  byte[] read(Duration longest) throws IOException, TimeoutException {
    limit = longest;
    try {
      if (plain == null) {
        plain = open();
      }
      int count = plain.read(piece);
      return count < 0 ? null : Arrays.copyOf(piece, count);
    } catch (Late e) {
      throw e.cause;
    }
  }

  private InputStream open() throws IOException {
    var peeked = new PushbackInputStream(compressed);
    int first = peeked.read();
    if (first < 0) {
      return InputStream.nullInputStream();
    }
    peeked.unread(first);
    if (gzip) {
      return new GZIPInputStream(peeked, INPUT);
    }
    // Some servers leave out zlib's header.
    boolean zlib = (first & 0x0f) == 8 && first >> 4 <= 7;
    inflater = new Inflater(!zlib);
    return new InflaterInputStream(peeked, inflater, INPUT);
  }

  /** Frees what it holds; the source stays. */
  @Override
  public void close() {
    try {
      if (plain != null) {
        plain.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (inflater != null) {
        inflater.end();
      }
    }
  }

  /** Carries a timeout through streams that know none. */
  private static final class Late extends IOException {
    private final transient TimeoutException cause;

    Late(TimeoutException cause) {
      this.cause = cause;
    }
  }

  private final class Compressed extends InputStream {

    private byte[] arrived = {};
    private int at;

    private boolean more() throws IOException {
      while (at == arrived.length) {
        byte[] next;
        try {
          next = source.read(limit);
        } catch (TimeoutException e) {
          throw new Late(e);
        }
        if (next == null) {
          return false;
        }
        arrived = next;
        at = 0;
      }
      return true;
    }

    @Override
    public int read() throws IOException {
      return more() ? arrived[at++] & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (!more()) {
        return -1;
      }
      int count = Math.min(length, arrived.length - at);
      System.arraycopy(arrived, at, into, offset, count);
      at += count;
      return count;
    }

    @Override
    public int available() {
      return arrived.length - at;
    }
  }
}
