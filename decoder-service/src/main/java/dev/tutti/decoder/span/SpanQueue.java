package dev.tutti.decoder.span;

import dev.tutti.decoder.AnswerSource.Drawn;
import dev.tutti.decoder.Vocabulary;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** A text that was decided upon before it is told, span by span. */
public final class SpanQueue {

  private final ToldVocabulary vocabulary = new ToldVocabulary();
  private final Deque<Span> spans = new ArrayDeque<>();
  private int tokens;

  /** Puts spans at its end. */
  public void add(List<Span> more) {
    for (Span span : more) {
      spans.add(span);
      tokens += span.size();
    }
  }

  /**
   * Takes the next span.
   *
   * @param most tokens that are wanted of it
   * @return nothing where there is none
   */
  public List<Drawn> next(int most) {
    if (spans.isEmpty()) {
      return List.of();
    }
    Span span = spans.remove();
    tokens -= span.size();
    Span.Told told = span.told();
    vocabulary.tell(told.vocabulary());
    return told.drawn().subList(0, Math.min(most, span.size()));
  }

  /** Number of tokens that are not told yet. */
  public int tokens() {
    return tokens;
  }

  /** What the tokens of the last span stand for. */
  public Vocabulary vocabulary() {
    return vocabulary;
  }
}
