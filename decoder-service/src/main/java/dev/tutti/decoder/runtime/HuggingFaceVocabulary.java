package dev.tutti.decoder.runtime;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.decoder.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A vocabulary read from {@code tokenizer.json}; text is cut by Hugging Face's own library. */
final class HuggingFaceVocabulary implements Tokenizer, AutoCloseable {

  // The library cuts at 512 tokens unless told otherwise.
  private static final Map<String, String> WHOLE =
      Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "false");

  /** Where the library found a fault; the rest of its words speaks of its own types. */
  private static final Pattern PLACE = Pattern.compile("at line (\\d+) column (\\d+)");

  private final HuggingFaceTokenizer tokenizer;
  private final byte[][] bytes;
  private final boolean[] special;
  private final boolean[] end;
  private final TokenSpan span;

  private HuggingFaceVocabulary(
      HuggingFaceTokenizer tokenizer,
      byte[][] bytes,
      boolean[] special,
      boolean[] end,
      TokenSpan span) {
    this.tokenizer = tokenizer;
    this.bytes = bytes;
    this.special = special;
    this.end = end;
    this.span = span;
  }

  /**
   * Reads a vocabulary.
   *
   * @param width number of logits of the graph; ids beyond the tokenizer's own are padding
   * @param ends ids of the end tokens
   * @throws ModelLoadException when the file is wrong or does not match the graph
   */
  static HuggingFaceVocabulary open(ModelFolder folder, int width, Set<Integer> ends) {
    JsonNode root = folder.json(ModelFolder.TOKENIZER);
    Map<Integer, String> pieces = pieces(root.path("model").path("vocab"));
    var added = new TreeMap<Integer, JsonNode>();
    root.path("added_tokens").forEach(token -> added.put(token.path("id").asInt(-1), token));
    int size = 1 + Math.max(last(pieces), added.isEmpty() ? -1 : added.lastKey());
    requireMatch(pieces.isEmpty() && added.isEmpty() ? 0 : size, width);
    var bytes = new byte[width][];
    var special = new boolean[width];
    var end = new boolean[width];
    TokenBytes spelling = TokenBytes.of(root);
    for (int id = 0; id < width; id++) {
      JsonNode token = added.get(id);
      String piece = pieces.get(id);
      boolean marker = token != null && token.path("special").asBoolean();
      special[id] = marker || (token == null && piece == null);
      if (special[id]) {
        bytes[id] = new byte[0];
      } else if (token != null) {
        bytes[id] = token.path("content").asText().getBytes(StandardCharsets.UTF_8);
      } else {
        bytes[id] = spelling.of(piece);
      }
    }
    for (int id : ends) {
      if (id < 0 || id >= size) {
        throw new ModelLoadException(
            "config.json names %d as an end token; tokenizer.json has ids 0 to %d."
                .formatted(id, size - 1));
      }
      end[id] = true;
      special[id] = true;
      bytes[id] = new byte[0];
    }
    TokenSpan span = TokenSpan.of(root, longest(pieces.values(), added.values()));
    return new HuggingFaceVocabulary(library(folder), bytes, special, end, span);
  }

  private static int longest(Collection<String> pieces, Collection<JsonNode> added) {
    return Stream.concat(pieces.stream(), added.stream().map(t -> t.path("content").asText()))
        .mapToInt(TokenSpan::length)
        .max()
        .orElse(1);
  }

  private static HuggingFaceTokenizer library(ModelFolder folder) {
    try {
      return HuggingFaceTokenizer.newInstance(folder.file(ModelFolder.TOKENIZER), WHOLE);
    } catch (IOException | RuntimeException e) {
      Matcher place = PLACE.matcher(String.valueOf(e.getMessage()));
      throw new ModelLoadException(
          "tokenizer.json is no tokenizer of Hugging Face's%s."
              .formatted(
                  place.find()
                      ? ", line %s column %s".formatted(place.group(1), place.group(2))
                      : ""),
          e);
    }
  }

  /** BPE and word lists are objects piece -> id, unigram lists are arrays of [piece, score]. */
  private static Map<Integer, String> pieces(JsonNode vocab) {
    var pieces = new TreeMap<Integer, String>();
    if (vocab.isObject()) {
      vocab.properties().forEach(entry -> pieces.put(entry.getValue().asInt(-1), entry.getKey()));
    } else {
      for (int id = 0; id < vocab.size(); id++) {
        pieces.put(id, vocab.get(id).path(0).asText());
      }
    }
    if (!pieces.isEmpty() && pieces.keySet().iterator().next() < 0) {
      throw new ModelLoadException("tokenizer.json: its vocabulary has an id that is no number.");
    }
    return pieces;
  }

  private static int last(Map<Integer, String> pieces) {
    return pieces.keySet().stream().mapToInt(Integer::intValue).max().orElse(-1);
  }

  /** Exporters pad the logits to a multiple of 64; nothing else may be left over. */
  private static void requireMatch(int size, int width) {
    int spare = width - size;
    boolean padded = spare > 0 && width % 64 == 0 && spare <= size / 50;
    if (size == 0 || (spare != 0 && !padded)) {
      throw new ModelLoadException(
          "tokenizer.json does not match model.onnx: it has %d tokens, the graph has %d logits."
              .formatted(size, width));
    }
  }

  /** The text in tokens, with those around it that the tokenizer's own post-processor adds. */
  int[] encodeWithSpecialTokens(String text) {
    return ints(tokenizer.encode(text, true, false).getIds());
  }

  @Override
  public int[] encode(String text) {
    return text.isEmpty() ? new int[0] : ints(tokenizer.encode(text, false, false).getIds());
  }

  /** {@inheritDoc} {@link TokenSpan} says how sure that is. */
  @Override
  public long leastTokens(String text) {
    return leastTokens(TokenSpan.length(text));
  }

  /** The tokens of a text of so many bytes of UTF-8, at least. */
  long leastTokens(long length) {
    return span.leastTokens(length);
  }

  private static int[] ints(long[] ids) {
    var ints = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      ints[i] = Math.toIntExact(ids[i]);
    }
    return ints;
  }

  @Override
  public int size() {
    return bytes.length;
  }

  @Override
  public byte[] bytes(int token) {
    return bytes[token];
  }

  @Override
  public boolean isSpecial(int token) {
    return special[token];
  }

  @Override
  public boolean isEnd(int token) {
    return end[token];
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
