package dev.tutti.decoder.span;

import dev.tutti.decoder.AnswerSource.Drawn;
import dev.tutti.decoder.AnswerSource.Opinion;
import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.Prefix;
import dev.tutti.decoder.TopTokens;
import dev.tutti.decoder.Utf8;
import dev.tutti.decoder.Vocabulary;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A span of text that a member wrote: its tokens, and how probable each was. Of each token's
 * distribution it keeps the top, so that many spans fit in memory. Immutable.
 */
public final class Span {

  /** Alternatives that an answer can tell of a token. */
  private static final int TOP = 20;

  private final Vocabulary vocabulary;
  private final List<Place> places;
  private final byte[] text;

  /**
   * A token and the top of what it was drawn from.
   *
   * @param kept tokens of which the probability is kept
   * @param probabilities one each
   */
  private record Place(
      int token,
      double logprob,
      int[] kept,
      double[] probabilities,
      double entropy,
      double distanceToUniform) {}

  private Span(Vocabulary vocabulary, List<Place> places) {
    this.vocabulary = vocabulary;
    this.places = List.copyOf(places);
    var all = new ByteArrayOutputStream();
    places.forEach(place -> all.writeBytes(vocabulary.bytes(place.token())));
    this.text = all.toByteArray();
  }

  /** Its text; shared, leave it as it is. */
  public byte[] text() {
    return text;
  }

  /** Bytes of its text; the end is one. */
  int bytes() {
    return text.length + (ended() ? 1 : 0);
  }

  /** Whether the answer ends with it. */
  public boolean ended() {
    return vocabulary.isEnd(places.getLast().token());
  }

  /** A text with its pieces behind it. */
  public Prefix behind(Prefix prefix) {
    Prefix longer = prefix;
    for (Place place : places) {
      longer = longer.with(vocabulary.bytes(place.token()));
    }
    return longer;
  }

  /** Whether it does not end within a character. */
  boolean isWhole() {
    return Utf8.incompleteTail(text, text.length) == 0;
  }

  /** Number of its tokens, the end included; at least 1. */
  public int size() {
    return places.size();
  }

  /** Sum of its tokens' log-probabilities, as its writer drew them, nats. */
  public double logprob() {
    return places.stream().mapToDouble(Place::logprob).sum();
  }

  /** Least log-probability of one of its tokens, nats. */
  public double leastLogprob() {
    return places.stream().mapToDouble(Place::logprob).min().orElseThrow();
  }

  /** Whether its tokens are of this vocabulary. */
  boolean isOf(Vocabulary other) {
    return vocabulary.equals(other);
  }

  /** Whether it says the same as another one. */
  public boolean says(Span other) {
    return ended() == other.ended() && Arrays.equals(text, other.text);
  }

  /** Its tokens in its writer's vocabulary, without the end. */
  int[] tokens() {
    return places.stream().mapToInt(Place::token).limit(ended() ? size() - 1 : size()).toArray();
  }

  /**
   * The span as an answer tells it.
   *
   * @param opinions of the members, told at its first token
   */
  public Told told(Supplier<List<Opinion>> opinions) {
    int[] kept =
        places.stream().flatMapToInt(p -> Arrays.stream(p.kept())).distinct().sorted().toArray();
    List<Drawn> drawn =
        places.stream()
            .map(
                place -> {
                  var probabilities = new double[kept.length];
                  for (int i = 0; i < place.kept().length; i++) {
                    probabilities[Arrays.binarySearch(kept, place.kept()[i])] =
                        place.probabilities()[i];
                  }
                  return new Drawn(
                      Arrays.binarySearch(kept, place.token()),
                      Distribution.part(probabilities, place.entropy(), place.distanceToUniform()));
                })
            .collect(Collectors.toCollection(ArrayList::new));
    drawn.set(0, drawn.getFirst().with(opinions));
    return new Told(drawn, new Kept(vocabulary, kept));
  }

  /**
   * A span as an answer tells it.
   *
   * @param drawn its tokens
   * @param vocabulary what they and their alternatives stand for
   */
  public record Told(List<Drawn> drawn, Vocabulary vocabulary) {}

  /** Some tokens of a vocabulary, by their place in the list. */
  private record Kept(Vocabulary all, int[] kept) implements Vocabulary {
    @Override
    public int size() {
      return kept.length;
    }

    @Override
    public byte[] bytes(int token) {
      return all.bytes(kept[token]);
    }

    @Override
    public boolean isSpecial(int token) {
      return all.isSpecial(kept[token]);
    }

    @Override
    public boolean isEnd(int token) {
      return all.isEnd(kept[token]);
    }
  }

  /** Writes a span, token by token. */
  static final class Draft {

    private final Vocabulary vocabulary;
    private final List<Place> places = new ArrayList<>();
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();

    /** Of a member with this vocabulary. */
    Draft(Vocabulary vocabulary) {
      this.vocabulary = vocabulary;
    }

    int size() {
      return places.size();
    }

    byte[] text() {
      return text.toByteArray();
    }

    void add(int token, Distribution from) {
      int[] top = TopTokens.of(from.probabilities(), TOP);
      int[] kept = IntStream.concat(Arrays.stream(top), IntStream.of(token)).distinct().toArray();
      places.add(
          new Place(
              token,
              from.logProbability(token),
              kept,
              Arrays.stream(kept).mapToDouble(from::probability).toArray(),
              from.entropy(),
              from.distanceToUniform()));
      text.writeBytes(vocabulary.bytes(token));
    }

    /** The span. */
    Span span() {
      return new Span(vocabulary, places);
    }

    /** The span after it was cut off: as much as the segmenter keeps, in whole characters. */
    Span cutOff(Segmenter segmenter) {
      List<byte[]> pieces = places.stream().map(p -> vocabulary.bytes(p.token())).toList();
      int kept = segmenter.kept(pieces);
      Span span = new Span(vocabulary, places.subList(0, kept));
      while (kept > 1 && !span.isWhole()) {
        kept--;
        span = new Span(vocabulary, places.subList(0, kept));
      }
      return span;
    }
  }
}
