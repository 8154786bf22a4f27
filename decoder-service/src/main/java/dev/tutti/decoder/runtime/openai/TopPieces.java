package dev.tutti.decoder.runtime.openai;

import dev.tutti.decoder.TopSession.Piece;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The pieces of text that an endpoint finds most probable, from the tokens that it tells. Servers
 * spell them in several ways: with their bytes; as {@code <0xE2>} or {@code bytes:\xe2\x82} where
 * they are no characters; with U+2581 for a space. End tokens become the end, of which there is
 * one; other special tokens, and those of which only a replacement character is told, are left out.
 */
final class TopPieces {

  /** What widespread models end their answers with. */
  private static final Set<String> ENDS =
      Set.of(
          "",
          "</s>",
          "<eos>",
          "<|eos|>",
          "[EOS]",
          "<end>",
          "<|end|>",
          "<|endoftext|>",
          "<|end_of_text|>",
          "<|im_end|>",
          "<|eot_id|>",
          "<|eom_id|>",
          "<|return|>",
          "<end_of_turn>",
          "<|end_of_turn|>",
          "<|endofturn|>",
          "<｜end▁of▁sentence｜>");

  private static final Pattern SPECIAL =
      Pattern.compile("<\\|[^|]*\\|>|<｜[^｜]*｜>|<s>|<bos>|<pad>|<unk>");
  private static final Pattern BYTE = Pattern.compile("<0x([0-9A-Fa-f]{2})>");
  private static final Pattern BYTES = Pattern.compile("bytes:((?:\\\\x[0-9a-fA-F]{2})+)");

  private TopPieces() {}

  /** Whether the one token that was asked for is the end of the answer. */
  static boolean ends(Chunk chunk) {
    return "stop".equals(chunk.finish()) && chunk.text().isEmpty();
  }

  /** The pieces at the place of the one token, best first, at most k; each text once. */
  static List<Piece> of(Chunk chunk, int k) {
    if (chunk.tokens().isEmpty()) {
      return ends(chunk) ? List.of(new Piece(new byte[0], 0)) : List.of();
    }
    Chunk.Token chosen = chunk.tokens().getFirst();
    // How this model spells its end, whatever that is.
    String end = ends(chunk) ? chosen.text() : "";
    var mass = new TreeMap<String, Double>();
    for (Chunk.Token token : chosen.top()) {
      add(token, end, mass);
    }
    boolean told = chosen.top().stream().anyMatch(token -> token.text().equals(chosen.text()));
    if (!told) {
      add(chosen, end, mass);
    }
    var pieces = new ArrayList<Piece>();
    mass.forEach(
        (piece, p) ->
            pieces.add(
                new Piece(piece.getBytes(StandardCharsets.ISO_8859_1), Math.min(0, Math.log(p)))));
    // A stable sort: of equals the lesser text is first.
    pieces.sort(Comparator.comparingDouble(Piece::logprob).reversed());
    return List.copyOf(pieces.subList(0, Math.min(k, pieces.size())));
  }

  private static void add(Chunk.Token token, String end, TreeMap<String, Double> mass) {
    byte[] bytes = bytes(token, end);
    double p = Math.exp(Math.min(0, token.logprob()));
    if (bytes != null && p > 0) {
      mass.merge(new String(bytes, StandardCharsets.ISO_8859_1), p, Double::sum);
    }
  }

  /** Null where it is no piece of text. */
  private static byte[] bytes(Chunk.Token token, String end) {
    String text = token.text();
    boolean told = token.bytes() != null && token.bytes().length > 0;
    if (text.isEmpty() && told) {
      return token.bytes();
    }
    if (text.equals(end) || ENDS.contains(text)) {
      return new byte[0];
    }
    if (SPECIAL.matcher(text).matches()) {
      return null;
    }
    if (told) {
      return token.bytes();
    }
    Matcher one = BYTE.matcher(text);
    if (one.matches()) {
      return new byte[] {(byte) Integer.parseInt(one.group(1), 16)};
    }
    Matcher several = BYTES.matcher(text);
    if (several.matches()) {
      var bytes = new ByteArrayOutputStream();
      for (String hex : several.group(1).substring(2).split("\\\\x")) {
        bytes.write(Integer.parseInt(hex, 16));
      }
      return bytes.toByteArray();
    }
    return text.indexOf('\uFFFD') >= 0
        ? null
        : text.replace('\u2581', ' ').getBytes(StandardCharsets.UTF_8);
  }
}
