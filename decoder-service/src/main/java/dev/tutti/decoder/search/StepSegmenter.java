package dev.tutti.decoder.search;

import dev.tutti.decoder.span.Segmenter;
import java.nio.charset.StandardCharsets;

/**
 * Steps of a chain of thought: each is a span that ends with a delimiter.
 *
 * @param delimiter not empty
 * @param longest most tokens of a step, at least 1
 */
public record StepSegmenter(String delimiter, int longest) implements Segmenter {

  /** {@inheritDoc} The token that completes the delimiter ends the step, whatever else it holds. */
  @Override
  public boolean complete(byte[] span) {
    return new String(span, StandardCharsets.UTF_8).contains(delimiter);
  }
}
