package dev.tutti.decoder.span;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Spans of a number of tokens, cut back to their last whole word or sign. What is blank, or a full
 * stop by itself, is ignored where there is anything else.
 *
 * @param longest tokens that are drawn, at least 1
 */
public record DraftSegmenter(int longest) implements Segmenter {

  @Override
  public int kept(List<byte[]> pieces) {
    var before = new ByteArrayOutputStream();
    int kept = pieces.size();
    for (int i = 0; i < pieces.size(); i++) {
      String head = before.toString(StandardCharsets.UTF_8);
      before.writeBytes(pieces.get(i));
      if (Words.boundary(head, new String(pieces.get(i), StandardCharsets.UTF_8))) {
        kept = i;
      }
    }
    String text = before.toString(StandardCharsets.UTF_8);
    boolean sign =
        !text.isEmpty()
            && !Character.isLetterOrDigit(text.codePointBefore(text.length()))
            && !Character.isWhitespace(text.codePointBefore(text.length()));
    return sign ? pieces.size() : kept;
  }

  @Override
  public boolean ignores(byte[] span) {
    String text = new String(span, StandardCharsets.UTF_8).strip();
    return text.isEmpty() || text.equals(".");
  }
}
