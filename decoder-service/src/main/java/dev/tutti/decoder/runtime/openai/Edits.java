package dev.tutti.decoder.runtime.openai;

import java.io.ByteArrayOutputStream;
import java.util.Comparator;
import java.util.List;

/** Changes of single places in bytes that stay as they are elsewhere. */
final class Edits {

  private static final int ROOM = 128;

  private Edits() {}

  /** Bytes to put in place of those from (inclusive) to (exclusive). */
  record Edit(int from, int to, byte[] with) {}

  /** The bytes with these changes, of which no two overlap. */
  static byte[] apply(byte[] bytes, List<Edit> edits) {
    if (edits.isEmpty()) {
      return bytes;
    }
    var out = new ByteArrayOutputStream(bytes.length + ROOM);
    int at = 0;
    for (Edit edit : edits.stream().sorted(Comparator.comparingInt(Edit::from)).toList()) {
      out.write(bytes, at, edit.from() - at);
      out.writeBytes(edit.with());
      at = edit.to();
    }
    out.write(bytes, at, bytes.length - at);
    return out.toByteArray();
  }
}
