package dev.tutti.decoder.span;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Spans of whole words: one ends where the next word would begin, if all members' tokens have an
 * edge there.
 */
public final class WordSegmenter implements Segmenter {

  private final Set<TextJoin> joins;
  private final int words;
  private final int longest;

  /**
   * A segmenter.
   *
   * @param joins of the members' tokenizers
   * @param words of a span, at least 1
   * @param longest most tokens of a span, at least 1
   */
  public WordSegmenter(List<TextJoin> joins, int words, int longest) {
    this.joins = new LinkedHashSet<>(joins);
    this.words = words;
    this.longest = longest;
  }

  @Override
  public int longest() {
    return longest;
  }

  @Override
  public boolean complete(byte[] text, byte[] span, byte[] next) {
    String written = new String(span, StandardCharsets.UTF_8);
    if (!Words.boundary(written, new String(next, StandardCharsets.UTF_8))
        || Words.count(written) < words) {
      return false;
    }
    var all = new byte[text.length + span.length];
    System.arraycopy(text, 0, all, 0, text.length);
    System.arraycopy(span, 0, all, text.length, span.length);
    return joins.stream().allMatch(join -> join.edge(all, next));
  }
}
