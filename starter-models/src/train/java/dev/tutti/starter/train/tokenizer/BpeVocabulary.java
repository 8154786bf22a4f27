package dev.tutti.starter.train.tokenizer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A byte-level BPE vocabulary: three special tokens, the 256 bytes, one token a merge. Without
 * merges it is a character vocabulary (one token an ASCII character). Immutable, thread-safe.
 */
public final class BpeVocabulary {

  /** Id of the padding token. */
  public static final int PAD = 0;

  /** Id of the token that begins every sequence. */
  public static final int BOS = 1;

  /** Id of the token that ends every answer. */
  public static final int EOS = 2;

  /** The special tokens, in the order of their ids. */
  public static final List<String> SPECIALS = List.of("<|pad|>", "<|bos|>", "<|eos|>");

  /** How GPT-2 cuts text into words; merges never cross a cut. */
  private static final Pattern WORD =
      Pattern.compile(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          Pattern.UNICODE_CHARACTER_CLASS);

  /**
   * Two neighbouring tokens that become one.
   *
   * @param left the left token, in the byte alphabet
   * @param right the right token, in the byte alphabet
   */
  public record Merge(String left, String right) {

    /** The token they become. */
    public String joined() {
      return left + right;
    }
  }

  private final List<Merge> merges;
  private final List<String> tokens = new ArrayList<>();
  private final Map<String, Integer> ids = new HashMap<>();
  private final Map<Merge, Integer> ranks = new HashMap<>();

  /** The vocabulary with these merges, the earliest first. */
  public BpeVocabulary(List<Merge> merges) {
    this.merges = List.copyOf(merges);
    tokens.addAll(SPECIALS);
    for (int b = 0; b < 256; b++) {
      tokens.add(ByteAlphabet.character(b));
    }
    for (Merge merge : merges) {
      ranks.put(merge, ranks.size());
      tokens.add(merge.joined());
    }
    for (int id = 0; id < tokens.size(); id++) {
      if (ids.put(tokens.get(id), id) != null) {
        throw new IllegalArgumentException("two merges give the token " + tokens.get(id));
      }
    }
  }

  /** The number of tokens. */
  public int size() {
    return tokens.size();
  }

  /** The merges, the earliest first. */
  public List<Merge> merges() {
    return merges;
  }

  /** Every token in the byte alphabet, in the order of the ids. */
  public List<String> tokens() {
    return List.copyOf(tokens);
  }

  /** The ids of a text, without special tokens. */
  public int[] encode(String text) {
    return words(text).stream().flatMap(word -> split(word).stream()).mapToInt(ids::get).toArray();
  }

  /** The text of these ids; special tokens are left out. */
  public String decode(int[] tokenIds) {
    StringBuilder written = new StringBuilder();
    for (int id : tokenIds) {
      if (id >= SPECIALS.size()) {
        written.append(tokens.get(id));
      }
    }
    return ByteAlphabet.read(written);
  }

  /** The words of a text, in the byte alphabet. */
  static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(text);
    while (matcher.find()) {
      words.add(ByteAlphabet.written(matcher.group()));
    }
    return words;
  }

  private List<String> split(String word) {
    List<String> parts = new ArrayList<>();
    word.chars().forEach(c -> parts.add(String.valueOf((char) c)));
    while (true) {
      int best = Integer.MAX_VALUE;
      int at = -1;
      for (int i = 0; i + 1 < parts.size(); i++) {
        int rank = ranks.getOrDefault(new Merge(parts.get(i), parts.get(i + 1)), Integer.MAX_VALUE);
        if (rank < best) {
          best = rank;
          at = i;
        }
      }
      if (at < 0) {
        return parts;
      }
      parts.set(at, parts.get(at) + parts.remove(at + 1));
    }
  }
}
