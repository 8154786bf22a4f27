package dev.tutti.decoder.method.token;

import dev.tutti.decoder.TokenMember;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A member's output embeddings, one a column of its own.
 *
 * @param rows in the order of the member's columns; not of length 1
 */
record Embeddings(float[][] rows) {

  /**
   * Of a member.
   *
   * @param method that needs them, for the refusal
   * @throws IllegalArgumentException when it tells none, or others than it has tokens
   */
  static Embeddings of(TokenMember member, MemberColumns columns, String method) {
    float[][] all =
        member
            .outputEmbeddings()
            .get()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "'%s' tells no output embeddings, which %s needs."
                            .formatted(member.name(), method)));
    if (all.length != member.tokenizer().size()) {
      throw new IllegalArgumentException(
          "'%s' tells %d output embeddings for %d tokens."
              .formatted(member.name(), all.length, member.tokenizer().size()));
    }
    var rows = new float[columns.tokens().length][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = all[columns.tokens()[i]];
      for (float value : rows[i]) {
        if (!Float.isFinite(value)) {
          throw new IllegalArgumentException(
              "An output embedding of '%s' has the number %s.".formatted(member.name(), value));
        }
      }
    }
    return new Embeddings(rows);
  }

  /** The same rows scaled to length 1; a row of zeros stays one. */
  float[][] unit() {
    var unit = new float[rows.length][];
    for (int i = 0; i < unit.length; i++) {
      double length = 0;
      for (float value : rows[i]) {
        length += (double) value * value;
      }
      length = Math.sqrt(length);
      unit[i] = rows[i].clone();
      for (int d = 0; d < unit[i].length && length > 0; d++) {
        unit[i][d] = (float) (unit[i][d] / length);
      }
    }
    return unit;
  }

  /** Equal for equal numbers, whichever object holds them. */
  String fingerprint() {
    return Fingerprint.of(
        Arrays.stream(rows)
            .map(
                row -> {
                  var bytes = ByteBuffer.allocate(4 * row.length);
                  bytes.asFloatBuffer().put(row);
                  return bytes.array();
                }));
  }
}
