package dev.tutti.decoder.bytes;

/**
 * Tokens of a text from its beginning, as a list from the last to the first, so that what two of
 * them begin by is held once. Never compare two by {@code equals}: it looks at all of both.
 *
 * @param before all but the last; null for {@link #START}
 * @param token the last; -1 for {@link #START}
 * @param length how many they are
 * @param end how many bytes they spell
 */
record Path(Path before, int token, int length, int end) {

  /** No token. */
  static final Path START = new Path(null, -1, 0, 0);

  /** The same and a token more, of so many bytes. */
  Path then(int next, int bytes) {
    return new Path(this, next, length + 1, end + bytes);
  }

  /** The tokens behind the first {@code from}, in the order of the text. */
  int[] tokens(int from) {
    var tokens = new int[length - from];
    Path at = this;
    for (int i = tokens.length - 1; i >= 0; i--) {
      tokens[i] = at.token;
      at = at.before;
    }
    return tokens;
  }

  /** The tokens by which both begin; takes time by how far behind the two differ. */
  static Path common(Path one, Path other) {
    Path last = null;
    while (one != other) {
      if (one.end == other.end && one.token == other.token) {
        last = last == null ? one : last;
        one = one.before;
        other = other.before;
      } else {
        last = null;
        if (one.end >= other.end) {
          one = one.before;
        } else {
          other = other.before;
        }
      }
    }
    return last == null ? one : last;
  }
}
