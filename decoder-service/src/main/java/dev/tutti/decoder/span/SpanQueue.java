package dev.tutti.decoder.span;

import dev.tutti.decoder.AnswerSource.Drawn;
import dev.tutti.decoder.AnswerSource.Opinion;
import dev.tutti.decoder.Vocabulary;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;

/** A text that was decided upon before it is told, span by span. */
public final class SpanQueue {

  private final ToldVocabulary vocabulary = new ToldVocabulary();
  private final Deque<Waiting> spans = new ArrayDeque<>();
  private int tokens;

  private record Waiting(Span span, Supplier<List<Opinion>> opinions) {}

  /**
   * Puts a span at its end.
   *
   * @param opinions of the members, told at its first token
   */
  public void add(Span span, Supplier<List<Opinion>> opinions) {
    spans.add(new Waiting(span, opinions));
    tokens += span.size();
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
    Waiting next = spans.remove();
    tokens -= next.span().size();
    Span.Told told = next.span().told(next.opinions());
    vocabulary.tell(told.vocabulary());
    return told.drawn().subList(0, Math.min(most, next.span().size()));
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
