package dev.tutti.decoder.bytes;

import dev.tutti.decoder.Tokenizer;
import dev.tutti.decoder.Utf8;
import dev.tutti.decoder.bytes.SortedTokens.Range;
import java.io.ByteArrayOutputStream;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * How a tokenizer cuts bytes into tokens, and whether it would cut them so. Thread-safe; what it
 * has looked up is kept, within bounds.
 */
public final class TokenCuts {

  private static final int MOST_KEPT = 1 << 16;

  /** Bytes before new text that are cut again with it, to see whether the cut is in step. */
  private static final int CONTEXT = 32;

  // As long as a plan or an answer holds them.
  private static final Map<Tokenizer, WeakReference<TokenCuts>> ALL = new WeakHashMap<>();

  private final Tokenizer tokenizer;
  private final SortedTokens sorted;
  private final Map<List<Integer>, Boolean> known = new ConcurrentHashMap<>();

  /** The cuts of this tokenizer. */
  public TokenCuts(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
    this.sorted = new SortedTokens(tokenizer);
  }

  /** Those of this tokenizer that others hold already, or new ones. */
  public static synchronized TokenCuts of(Tokenizer tokenizer) {
    WeakReference<TokenCuts> held = ALL.get(tokenizer);
    TokenCuts cuts = held == null ? null : held.get();
    if (cuts == null) {
      cuts = new TokenCuts(tokenizer);
      ALL.put(tokenizer, new WeakReference<>(cuts));
    }
    return cuts;
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
    while (at != Path.START && !beginsCharacter(window.getLast())) {
      window.add(at.token());
      at = at.before();
    }
    boolean more = at != Path.START;
    while (more) {
      window.add(at.token());
      more = !beginsCharacter(at.token()) && at.before() != Path.START;
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
   * The beginning of a text, as {@link #tokens(byte[])} cuts it.
   *
   * @param length bytes of the beginning
   * @param likely by which its tokens probably begin; only the end of it is cut again, more where
   *     the cut does not come out at it
   * @return empty where it has no token for a byte
   */
  Optional<Path> tokens(byte[] text, int length, Path likely) {
    Path known = likely;
    while (known.end() > length) {
      known = known.before();
    }
    for (int context = CONTEXT; ; context *= 2) {
      Path border = known;
      while (border != Path.START
          && (known.end() - border.end() < context || isWithin(text, border.end(), length))) {
        border = border.before();
      }
      Optional<int[]> cut = tokens(Arrays.copyOfRange(text, border.end(), length));
      int[] expected = known.tokens(border.length());
      boolean inStep = cut.isPresent() && begins(cut.get(), expected);
      if (inStep || border == Path.START) {
        Path from = inStep ? known : border;
        int skip = inStep ? expected.length : 0;
        return cut.map(tokens -> goOn(from, tokens, skip));
      }
    }
  }

  private static boolean begins(int[] tokens, int[] first) {
    return tokens.length >= first.length
        && Arrays.equals(tokens, 0, first.length, first, 0, first.length);
  }

  private Path goOn(Path from, int[] tokens, int skip) {
    Path path = from;
    for (int i = skip; i < tokens.length; i++) {
      path = then(path, tokens[i]);
    }
    return path;
  }

  private static boolean isWithin(byte[] text, int at, int length) {
    return at < length && (text[at] & 0xC0) == 0x80;
  }

  /**
   * Bytes in tokens: characters as the tokenizer cuts them, all else byte by byte. A character that
   * it does not give back, as the first of a special token's text, is cut by itself, and what is
   * around it as if it were not there.
   *
   * @return empty where it has no token for a byte
   */
  Optional<int[]> tokens(byte[] bytes) {
    var tokens = IntStream.builder();
    for (int from = 0; from < bytes.length; ) {
      int end = endOfText(bytes, from);
      if (end > from) {
        int[] first =
            tokenizer.beginBehind(new String(bytes, from, end - from, StandardCharsets.UTF_8));
        Arrays.stream(first).forEach(tokens::add);
        from += length(first);
      }
      if (from < bytes.length) {
        int upTo = from < end ? from + lengthOfCharacter(bytes[from]) : from + 1;
        Optional<int[]> part = alone(Arrays.copyOfRange(bytes, from, upTo));
        if (part.isEmpty()) {
          return part;
        }
        Arrays.stream(part.get()).forEach(tokens::add);
        from = upTo;
      }
    }
    return Optional.of(tokens.build().toArray());
  }

  /** Where the whole characters from a place on end. */
  private static int endOfText(byte[] bytes, int from) {
    int end = from;
    while (end < bytes.length) {
      int next = end + lengthOfCharacter(bytes[end]);
      if (next > bytes.length || !Utf8.isText(Arrays.copyOfRange(bytes, end, next))) {
        break;
      }
      end = next;
    }
    return end;
  }

  private static int lengthOfCharacter(byte first) {
    int lead = first & 0xFF;
    return lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  }

  /** A character, or a byte that is part of none, by itself. */
  private Optional<int[]> alone(byte[] bytes) {
    Optional<int[]> cut =
        Utf8.isText(bytes)
            ? tokenizer.encodeBehind(new String(bytes, StandardCharsets.UTF_8))
            : Optional.empty();
    return cut.or(() -> byteByByte(bytes));
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
   * Whether a token from a place on goes beyond the whole characters, or may once there is more.
   *
   * @param whole where the whole characters of the text end
   * @param length bytes of the text
   */
  boolean spans(byte[] text, int from, int whole, int length) {
    Range range = sorted.all();
    for (int at = from; at < length; at++) {
      range = sorted.narrow(range, at - from, text[at] & 0xFF);
      if (at >= whole && sorted.longer(range, at + 1 - from).from() > range.from()) {
        return true;
      }
    }
    return !sorted.longer(range, length - from).isEmpty();
  }

  /** Number of bytes that tokens spell. */
  private int length(int[] tokens) {
    return Arrays.stream(tokens).map(token -> tokenizer.bytes(token).length).sum();
  }

  /** A path and a token more. */
  Path then(Path path, int token) {
    return path.then(token, tokenizer.bytes(token).length);
  }
}
