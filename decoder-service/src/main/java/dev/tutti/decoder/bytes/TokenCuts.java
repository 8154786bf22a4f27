package dev.tutti.decoder.bytes;

import dev.tutti.decoder.Tokenizer;
import dev.tutti.decoder.Utf8;
import dev.tutti.decoder.bytes.Head.Path;
import dev.tutti.decoder.bytes.SortedTokens.Range;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * How a tokenizer cuts bytes into tokens, and whether it would cut them so. Thread-safe; what it
 * has looked up is kept, within bounds.
 */
public final class TokenCuts {

  private static final int MOST_KEPT = 1 << 16;

  private final Tokenizer tokenizer;
  private final SortedTokens sorted;
  private final Map<List<Integer>, Boolean> known = new ConcurrentHashMap<>();

  /** The cuts of this tokenizer. */
  public TokenCuts(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
    this.sorted = new SortedTokens(tokenizer);
  }

  /** Its tokens by their bytes. */
  SortedTokens sorted() {
    return sorted;
  }

  /**
   * Whether the tokenizer itself may go on with a token: it cuts the text of the characters around
   * the border just so. For byte-pair encodings, where a cut is valid if all neighbours are, that
   * is exact; others may let pass what they would not write. The prompt's end is a border by force.
   * True where it cannot be known: for what is no whole characters.
   */
  boolean mayFollow(Path path, int token) {
    var window = new ArrayList<Integer>();
    window.add(token);
    Path at = path;
    while (at != null && !beginsCharacter(window.getLast())) {
      window.add(at.token());
      at = at.before();
    }
    boolean more = at != null;
    while (more) {
      window.add(at.token());
      more = !beginsCharacter(at.token()) && at.before() != null;
      at = at.before();
    }
    return known(List.copyOf(window.reversed()));
  }

  private boolean beginsCharacter(int token) {
    return (tokenizer.bytes(token)[0] & 0xC0) != 0x80;
  }

  private boolean known(List<Integer> window) {
    Boolean cut = known.get(window);
    if (cut == null) {
      cut = cuts(window.stream().mapToInt(Integer::intValue).toArray());
      if (known.size() >= MOST_KEPT) {
        known.clear();
      }
      known.put(window, cut);
    }
    return cut;
  }

  private boolean cuts(int[] window) {
    var text = new ByteArrayOutputStream();
    for (int token : window) {
      text.writeBytes(tokenizer.bytes(token));
    }
    byte[] bytes = text.toByteArray();
    return !Utf8.isText(bytes)
        || tokenizer
            .encodeBehind(new String(bytes, StandardCharsets.UTF_8))
            .map(cut -> Arrays.equals(cut, window))
            .orElse(true);
  }

  /**
   * Bytes in tokens: text as the tokenizer cuts it, all else byte by byte.
   *
   * @return empty where it has no token for a byte
   */
  Optional<int[]> tokens(byte[] bytes) {
    var tokens = IntStream.builder();
    for (int from = 0; from < bytes.length; ) {
      int end = endOfText(bytes, from);
      Optional<int[]> cut =
          end > from
              ? tokenizer.encodeBehind(new String(bytes, from, end - from, StandardCharsets.UTF_8))
              : Optional.empty();
      int upTo = Math.max(end, from + 1);
      byte[] raw = Arrays.copyOfRange(bytes, from, upTo);
      Optional<int[]> part = cut.or(() -> byteByByte(raw));
      if (part.isEmpty()) {
        return Optional.empty();
      }
      Arrays.stream(part.get()).forEach(tokens::add);
      from = upTo;
    }
    return Optional.of(tokens.build().toArray());
  }

  /** Where the whole characters from a place on end. */
  private static int endOfText(byte[] bytes, int from) {
    int end = from;
    while (end < bytes.length) {
      int lead = bytes[end] & 0xFF;
      int length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
      if (end + length > bytes.length
          || !Utf8.isText(Arrays.copyOfRange(bytes, end, end + length))) {
        break;
      }
      end += length;
    }
    return end;
  }

  private Optional<int[]> byteByByte(byte[] bytes) {
    var tokens = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      Range range = sorted.narrow(sorted.all(), 0, bytes[i] & 0xFF);
      if (range.isEmpty() || sorted.longer(range, 1).from() == range.from()) {
        return Optional.empty();
      }
      tokens[i] = sorted.token(range.from());
    }
    return Optional.of(tokens);
  }

  /**
   * The tokens by which every way to write a text begins: what all cuts of its beginnings share
   * whose rest a longer token may take up.
   *
   * @return empty where it cannot be written
   */
  Optional<int[]> settled(byte[] text) {
    int whole = text.length - Utf8.incompleteTail(text, text.length);
    Optional<int[]> shared = tokens(Arrays.copyOf(text, whole));
    for (int from = Math.max(0, text.length - sorted.longest()); from < whole; from++) {
      if (spans(text, from, whole)) {
        byte[] before = Arrays.copyOf(text, from);
        // What ends within a character is cut in more than one way itself.
        boolean within = (text[from] & 0xC0) == 0x80;
        int[] other = (within ? settled(before) : tokens(before)).orElse(new int[0]);
        shared = shared.map(tokens -> Arrays.copyOf(tokens, common(tokens, other)));
      }
    }
    return shared;
  }

  /**
   * Whether a token from a place on goes beyond the whole characters, or may once there is more.
   */
  private boolean spans(byte[] text, int from, int whole) {
    Range range = sorted.all();
    for (int at = from; at < text.length; at++) {
      range = sorted.narrow(range, at - from, text[at] & 0xFF);
      if (at >= whole && sorted.longer(range, at + 1 - from).from() > range.from()) {
        return true;
      }
    }
    return !sorted.longer(range, text.length - from).isEmpty();
  }

  /**
   * The same where a beginning of the text has been cut before: what lies well before its end is
   * not cut again, if the tokenizer would go on behind it with the rest.
   *
   * @param known tokens that may spell a beginning of the text, and were cut by the tokenizer
   */
  Optional<int[]> settled(byte[] text, int[] known) {
    int upTo = text.length - 2 * sorted.longest();
    Path path = null;
    Path border = null;
    int at = 0;
    int kept = 0;
    int bytes = 0;
    for (int i = 0; i < known.length; i++) {
      byte[] piece = tokenizer.bytes(known[i]);
      int end = at + piece.length;
      if (end > upTo || !Arrays.equals(piece, 0, piece.length, text, at, end)) {
        break;
      }
      path = new Path(path, known[i]);
      at = end;
      if ((text[at] & 0xC0) != 0x80) {
        border = path;
        kept = i + 1;
        bytes = at;
      }
    }
    if (border == null) {
      return settled(text);
    }
    Optional<int[]> rest = settled(Arrays.copyOfRange(text, bytes, text.length));
    if (rest.isEmpty() || (rest.get().length > 0 && !mayFollow(border, rest.get()[0]))) {
      return settled(text);
    }
    int[] all = Arrays.copyOf(known, kept + rest.get().length);
    System.arraycopy(rest.get(), 0, all, kept, rest.get().length);
    return Optional.of(all);
  }

  /** Number of tokens by which both begin. */
  static int common(int[] one, int[] other) {
    int mismatch = Arrays.mismatch(one, other);
    return mismatch < 0 ? one.length : mismatch;
  }

  /** Number of bytes that tokens spell. */
  int length(int[] tokens) {
    return Arrays.stream(tokens).map(token -> tokenizer.bytes(token).length).sum();
  }
}
