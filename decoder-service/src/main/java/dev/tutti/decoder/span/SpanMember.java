package dev.tutti.decoder.span;

import dev.tutti.decoder.AnswerSource.Picker;
import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.MemberActivity;
import dev.tutti.decoder.Prefix;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.Vocabulary;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A member that goes on with an answer by spans, and tells how likely it finds those of others. It
 * has its own tokens of the answer so far; nothing is read twice but what another proposal took the
 * place of. Confined to one thread at a time.
 */
public final class SpanMember implements AutoCloseable {

  private static final int NONE = -1;

  private final TokenMember part;
  private final TextJoin join;
  private final DecodeSession session;
  private final int prompt;
  // The answer that it goes on from, in its own tokens; the session may hold a proposal behind it.
  private int[] answer = {};
  // Tokens of the session that were read, and the length behind which the next one was told.
  private int known;
  private int told = NONE;
  // The token behind its own proposal, which it drew to see that the span was complete.
  private int drawnAhead = NONE;
  private long read;
  private long written;
  private long passes;

  /**
   * A member at the beginning of an answer.
   *
   * @param join of its tokenizer
   * @param session holds its prompt; closed with it
   */
  public SpanMember(TokenMember part, TextJoin join, DecodeSession session) {
    this.part = part;
    this.join = join;
    this.session = session;
    this.prompt = session.length();
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
   * How likely a member finds a text.
   *
   * @param logprob sum over its own tokens, nats
   * @param least the least of them, nats
   * @param tokens how many there are
   */
  public record Likelihood(double logprob, double least, int tokens) {}

  /**
   * Goes on with a span of its own. It is not part of the answer before {@link #accept}.
   *
   * @param text of the answer so far
   * @param most tokens, at least 1; it writes no more than it has room for either, which must be
   *     one at least
   * @throws dev.tutti.decoder.DecodeException when the model fails
   */
  public Span propose(byte[] text, Segmenter segmenter, Picker picker, int most) {
    place(answer);
    // What is left of the answer is in its writers' tokens, which may be longer than its own.
    int room = Math.min(most, remaining());
    int longest = Math.min(room, segmenter.longest());
    int ahead = drawnAhead;
    drawnAhead = NONE;
    Vocabulary vocabulary = part.tokenizer();
    var draft = new Span.Draft(vocabulary);
    Prefix prefix = picker.prefix();
    while (true) {
      Distribution distribution = next(draft.size() == 0 ? 0 : 1);
      int token = ahead != NONE ? ahead : picker.behind(prefix, vocabulary).pick(distribution);
      ahead = NONE;
      boolean end = vocabulary.isEnd(token);
      if (!end
          && draft.size() > 0
          && segmenter.complete(text, draft.text(), vocabulary.bytes(token))) {
        drawnAhead = token;
        return draft.span();
      }
      draft.add(token, distribution);
      if (end) {
        return draft.span();
      }
      session.append(token);
      prefix = prefix.with(vocabulary.bytes(token));
      if (segmenter.complete(draft.text())) {
        return draft.span();
      }
      if (draft.size() >= longest) {
        Span span = draft.cutOff(segmenter);
        // Half a character is no text, and others could not write it.
        if (span.isWhole()
            || draft.size() == Math.min(room, segmenter.longest() + Segmenter.REST)) {
          return span;
        }
      }
    }
  }

  private Distribution next(int own) {
    if (told == session.length()) {
      return session.next();
    }
    Distribution distribution = session.next();
    counted(own);
    written++;
    passes++;
    return distribution;
  }

  private void counted(int own) {
    read += Math.max(0, session.length() - known - own);
    known = session.length();
    told = known;
  }

  /**
   * How likely it finds a span behind the answer so far, read in one pass.
   *
   * @param text of the answer so far
   * @return empty where it cannot write the span, or has no room for it
   * @throws dev.tutti.decoder.DecodeException when the model fails
   */
  public Optional<Likelihood> score(byte[] text, Span span) {
    return score(tokens(answer, text, span), text.length, span.ended());
  }

  /**
   * How likely it finds a text behind the answer so far, read in one pass.
   *
   * @param text of the answer so far
   * @param added the text
   * @param ended whether the answer ends with it
   * @return empty where it cannot write the text, or has no room for it
   * @throws dev.tutti.decoder.DecodeException when the model fails
   */
  public Optional<Likelihood> score(byte[] text, byte[] added, boolean ended) {
    return score(join.join(answer, text, added), text.length, ended);
  }

  private Optional<Likelihood> score(Optional<int[]> tokens, int before, boolean ended) {
    return tokens.filter(its -> its.length <= room()).map(its -> score(its, before, ended));
  }

  private Likelihood score(int[] tokens, int before, boolean ended) {
    if (known < prompt) {
      // Once for all forks.
      session.next();
      counted(0);
      passes++;
    }
    int first = 0;
    for (int at = 0; first < tokens.length; first++) {
      at += part.tokenizer().bytes(tokens[first]).length;
      if (at > before) {
        break;
      }
    }
    int same = Math.min(first, common(tokens));
    try (DecodeSession judge = session.fork()) {
      judge.rewind(prompt + same);
      double[] logprobs = judge.score(Arrays.copyOfRange(tokens, same, tokens.length));
      read += logprobs.length;
      passes++;
      double sum = 0;
      double least = 0;
      for (int i = first - same; i < logprobs.length; i++) {
        sum += logprobs[i];
        least = Math.min(least, logprobs[i]);
      }
      int count = tokens.length - first;
      if (ended) {
        double end = end(judge.next());
        sum += end;
        least = Math.min(least, end);
        count++;
      }
      return new Likelihood(sum, least, count);
    }
  }

  /** All its end tokens are one. */
  private double end(Distribution distribution) {
    int[] ends = IntStream.range(0, distribution.size()).filter(part.tokenizer()::isEnd).toArray();
    return ends.length == 1
        ? distribution.logProbability(ends[0])
        : Math.log(Arrays.stream(ends).mapToDouble(distribution::probability).sum());
  }

  /** Goes back to where the answer begins. */
  void restart() {
    answer = new int[0];
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
    Optional<int[]> tokens = tokens(answer, text, own.orElse(span));
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
    if (tokens.length > room()) {
      return false;
    }
    place(tokens);
    answer = tokens;
    return true;
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
   * How probable each token is behind an answer; the object changes with the next call.
   *
   * @param text of the answer
   * @return empty where it cannot write it, or has no room for it
   * @throws dev.tutti.decoder.DecodeException when the model fails
   */
  public Optional<Distribution> behind(byte[] text) {
    return read(text).map(_ -> next(0));
  }

  /** Has the session hold the prompt and these tokens. */
  private void place(int[] tokens) {
    int same = common(tokens);
    if (prompt + same < session.length()) {
      session.rewind(prompt + same);
      known = Math.min(known, session.length());
      told = NONE;
      drawnAhead = NONE;
    }
    if (same < tokens.length) {
      session.append(Arrays.copyOfRange(tokens, same, tokens.length));
      drawnAhead = NONE;
    }
  }

  /** Number of answer tokens that the session holds already. */
  private int common(int[] tokens) {
    int[] held = session.tokens();
    int same = 0;
    while (same < tokens.length
        && prompt + same < held.length
        && held[prompt + same] == tokens[same]) {
      same++;
    }
    return same;
  }

  private int room() {
    return session.remaining() + session.length() - prompt;
  }

  /** Tokens that still fit behind the answer. */
  public int remaining() {
    return room() - answer.length;
  }

  /** Forward passes that its model took, each over one token or many. */
  public long passes() {
    return passes;
  }

  /** What it did. */
  public MemberActivity activity() {
    return MemberActivity.counted(read, written, Optional.empty());
  }

  /**
   * What it will have done after a further round at most.
   *
   * @param writes tokens that it writes
   * @param reads tokens that it judges
   */
  public MemberActivity activityAfter(int writes, int reads) {
    return MemberActivity.counted(
        read + Math.max(0, session.length() - known) + reads, written + writes, Optional.empty());
  }

  @Override
  public void close() {
    session.close();
  }
}
