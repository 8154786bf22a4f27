package dev.tutti.decoder.span;

import dev.tutti.decoder.AnswerSource.Picker;
import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.MemberActivity;
import dev.tutti.decoder.Prefix;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.Vocabulary;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A member that goes on with an answer by spans, and tells how likely it finds those of others. It
 * has its own tokens of the answer so far; nothing is read twice but what another proposal took the
 * place of. Confined to one thread at a time.
 */
public final class SpanMember implements AutoCloseable {

  private final TokenMember part;
  private final TextJoin join;
  private final HeldAnswer held;

  /**
   * A member at the beginning of an answer.
   *
   * @param join of its tokenizer
   * @param session holds its prompt; closed with it
   */
  public SpanMember(TokenMember part, TextJoin join, DecodeSession session) {
    this.part = part;
    this.join = join;
    this.held = new HeldAnswer(session);
  }

  /** What its tokens stand for. */
  public Vocabulary vocabulary() {
    return part.tokenizer();
  }

  /** Its name in the registry. */
  public String name() {
    return part.name();
  }

  /**
   * Goes on with a span of its own. It is not part of the answer before {@link #accept}.
   *
   * @param text of the answer so far
   * @param most tokens, at least 1; it writes no more than it has room for either, which must be
   *     one at least
   * @throws dev.tutti.decoder.DecodeException when the model fails
   */
  public Span propose(byte[] text, Segmenter segmenter, Picker picker, int most) {
    held.begin();
    // What is left of the answer is in its writers' tokens, which may be longer than its own.
    int room = Math.min(most, remaining());
    int longest = Math.min(room, segmenter.longest());
    int ahead = held.takeAhead();
    Vocabulary vocabulary = part.tokenizer();
    var draft = new Span.Draft(vocabulary);
    Prefix prefix = picker.prefix();
    while (true) {
      Distribution distribution = held.next(draft.size() == 0 ? 0 : 1);
      int token = ahead >= 0 ? ahead : picker.behind(prefix, vocabulary).pick(distribution);
      ahead = -1;
      boolean end = vocabulary.isEnd(token);
      if (!end
          && draft.size() > 0
          && segmenter.complete(text, draft.text(), vocabulary.bytes(token))) {
        held.drawAhead(token);
        return draft.span();
      }
      draft.add(token, distribution);
      if (end) {
        return draft.span();
      }
      held.append(token);
      prefix = prefix.with(vocabulary.bytes(token));
      if (segmenter.complete(draft.text())) {
        return draft.span();
      }
      if (draft.size() >= longest) {
        Span span = draft.cutOff(segmenter);
        // Half a character is no text, and others could not write it.
        if (span.isWhole()) {
          return span;
        }
        // Cut back it would be half a character that the answer goes on behind.
        if (draft.size() == Math.min(room, segmenter.longest() + Segmenter.REST)) {
          return draft.span();
        }
      }
    }
  }

  /**
   * How likely it finds spans behind the answer so far, read together where the model can.
   *
   * @param text of the answer so far
   * @return one a span; empty where it cannot write it, or has no room for it
   * @throws dev.tutti.decoder.DecodeException when the model fails
   */
  public List<Optional<Likelihood>> score(byte[] text, List<Span> spans) {
    return likelihoods(
        spans.stream().map(span -> tokens(held.tokens(), text, span)).toList(),
        spans.stream().map(Span::ended).toList(),
        text.length);
  }

  /**
   * A text that an answer goes on with.
   *
   * @param text of it
   * @param ended whether the answer ends with it
   */
  public record Piece(byte[] text, boolean ended) {}

  /** As {@link #score}, of texts that it cuts into tokens by itself, whoever wrote them. */
  public List<Optional<Likelihood>> scorePieces(byte[] text, List<Piece> pieces) {
    return likelihoods(
        pieces.stream().map(piece -> join.join(held.tokens(), text, piece.text())).toList(),
        pieces.stream().map(Piece::ended).toList(),
        text.length);
  }

  private List<Optional<Likelihood>> likelihoods(
      List<Optional<int[]>> texts, List<Boolean> ended, int before) {
    int[] from =
        texts.stream()
            .mapToInt(its -> its.map(tokens -> behind(tokens, before)).orElse(0))
            .toArray();
    return held.likelihoods(texts, from, ended, join.ends());
  }

  /** Index of the first token that does not end within the text before. */
  private int behind(int[] tokens, int before) {
    int first = 0;
    for (int at = 0; first < tokens.length; first++) {
      at += part.tokenizer().bytes(tokens[first]).length;
      if (at > before) {
        break;
      }
    }
    return first;
  }

  /** Goes back to where the answer begins. */
  void restart() {
    held.restart();
  }

  /** What became of a span that the answer goes on with. */
  enum Accepted {
    WRITTEN,
    UNWRITABLE,
    FULL
  }

  /**
   * Goes on with a span.
   *
   * @param text of the answer before it
   * @param own what the member proposed last, where that says the same
   */
  Accepted accept(byte[] text, Span span, Optional<Span> own) {
    Optional<int[]> tokens = tokens(held.tokens(), text, own.orElse(span));
    if (tokens.isEmpty()) {
      return Accepted.UNWRITABLE;
    }
    return goTo(tokens.get()) ? Accepted.WRITTEN : Accepted.FULL;
  }

  /**
   * An answer in the member's tokens that goes on with a span: in the writer's where it has the
   * same tokenizer.
   *
   * @param before its tokens before the span
   * @param text that these spell
   * @return empty where it cannot write it
   */
  public Optional<int[]> tokens(int[] before, byte[] text, Span span) {
    return span.isOf(part.tokenizer())
        ? Optional.of(
            IntStream.concat(Arrays.stream(before), Arrays.stream(span.tokens())).toArray())
        : join.join(before, text, span.text());
  }

  /**
   * Goes on from an answer.
   *
   * @param tokens of it
   * @return whether there is room for it; where not, nothing changes
   */
  public boolean goTo(int[] tokens) {
    return held.goTo(tokens);
  }

  /**
   * Goes on from an answer that others wrote.
   *
   * @param text of the answer
   * @return itself; empty where it cannot write it, or has no room for it
   */
  public Optional<SpanMember> read(byte[] text) {
    return join.join(new int[0], new byte[0], text).filter(this::goTo).map(_ -> this);
  }

  /**
   * How probable some tokens are behind answers, which are read together where the model can.
   *
   * @param texts of the answers
   * @param wanted the tokens
   * @return one array an answer, natural logarithms; empty where it cannot write the answer, or has
   *     no room for it
   * @throws dev.tutti.decoder.DecodeException when the model fails
   */
  public List<Optional<double[]>> behind(List<byte[]> texts, int... wanted) {
    List<Optional<int[]>> tokens =
        texts.stream()
            .map(t -> join.join(new int[0], new byte[0], t))
            .map(its -> its.filter(all -> all.length <= held.room()))
            .toList();
    Iterator<double[]> told =
        held.behind(tokens.stream().flatMap(Optional::stream).toList(), wanted).iterator();
    return tokens.stream().map(its -> its.map(_ -> told.next())).toList();
  }

  /** Tokens that still fit behind the answer. */
  public int remaining() {
    return held.room() - held.tokens().length;
  }

  /**
   * Forward passes that its model took, each over one token or many. Texts that were read together
   * count one each.
   */
  public long passes() {
    return held.passes();
  }

  /** What it did. */
  public MemberActivity activity() {
    return held.activity();
  }

  /**
   * What it will have done after a further round at most.
   *
   * @param writes tokens that it writes
   * @param reads tokens that it judges
   */
  public MemberActivity activityAfter(int writes, int reads) {
    return held.activityAfter(writes, reads);
  }

  @Override
  public void close() {
    held.close();
  }
}
