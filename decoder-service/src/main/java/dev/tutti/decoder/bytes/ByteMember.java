package dev.tutti.decoder.bytes;

import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.JointMember;
import dev.tutti.decoder.MemberActivity;
import dev.tutti.decoder.PromptReading;
import dev.tutti.decoder.TopSession.Appended;
import dev.tutti.decoder.Utf8;
import dev.tutti.decoder.Vocabulary;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A model as a member that says how probable each byte is next ({@link ByteSymbols}). It holds the
 * text in bytes, and all ways in which the model may have cut them ({@link Heads}); nothing is read
 * twice when a cut changes. Bytes that it was not asked about, that none of its ways leads to, or
 * that come after a rewind, are cut anew when it is asked next, as the tokenizer cuts them.
 *
 * <p>The share of the mass that its bounds drop is an upper bound of how far its distribution is
 * from the exact one (total variation); a byte of probability P makes it 1 / P of that. Beyond
 * {@value #MOST_DROPPED} it finds all ways anew.
 */
public final class ByteMember implements JointMember {

  private static final double MOST_DROPPED = .05;

  private final TokenCuts cuts;
  private final HeadBounds bounds;
  private final int prompt;
  private final Heads heads;
  private final Settled settled;
  private final double[] symbols = new double[ByteSymbols.SIZE];
  private final Distribution own = new Distribution(ByteSymbols.SIZE);
  private byte[] text;
  // Whether the heads are behind another text.
  private boolean stale;
  // Whether it is the text's tokens that are too many.
  private boolean full;
  // Whether the distribution is the one behind the text.
  private boolean told;
  private double dropped;
  private double mostDropped;

  /**
   * A member.
   *
   * @param session holds its prompt, and nothing else; closed with it
   */
  public ByteMember(TokenCuts cuts, HeadBounds bounds, DecodeSession session) {
    this(cuts, bounds, session.length(), new Heads(cuts, session), new Settled(cuts), new byte[0]);
  }

  private ByteMember(
      TokenCuts cuts, HeadBounds bounds, int prompt, Heads heads, Settled settled, byte[] text) {
    this.cuts = cuts;
    this.bounds = bounds;
    this.prompt = prompt;
    this.heads = heads;
    this.settled = settled;
    this.text = text;
  }

  @Override
  public boolean ask() {
    if (stale && !cutAnew()) {
      told = false;
      return false;
    }
    stale = false;
    heads.ask();
    heads.symbols(symbols);
    mostDropped = Math.max(mostDropped, dropped);
    told = Arrays.stream(symbols).anyMatch(p -> p > 0);
    if (told) {
      own.setProbabilities(symbols);
    }
    return told;
  }

  /** Returns whether there is room for the text. */
  private boolean cutAnew() {
    Path begun = settled.of(text).orElseThrow(this::unwritable);
    if (!settle(begun)) {
      return false;
    }
    for (int at = begun.end(); at < text.length; at++) {
      heads.ask();
      if (heads.push(text[at] & 0xFF, HeadBounds.NONE).isEmpty()) {
        // The model finds it impossible, but that is how it is written.
        if (!settle(settled.tokens(text).orElseThrow(this::unwritable))) {
          return false;
        }
        break;
      }
    }
    dropped = heads.bound(bounds);
    return true;
  }

  private boolean settle(Path path) {
    full = path.length() > heads.room(prompt);
    if (!full) {
      heads.settle(prompt, path);
    }
    return !full;
  }

  private DecodeException unwritable() {
    return new DecodeException(
        "cannot write '%s' in its own tokens".formatted(new String(text, StandardCharsets.UTF_8)));
  }

  @Override
  public List<byte[]> pieces() {
    return List.of();
  }

  @Override
  public double[] ratings(Vocabulary tokens) {
    return symbols;
  }

  @Override
  public boolean favours(Vocabulary tokens, int token) {
    return token == own.mostProbable();
  }

  @Override
  public Optional<byte[]> favourite(Vocabulary tokens) {
    return Optional.of(tokens.bytes(own.mostProbable()));
  }

  @Override
  public double highest() {
    return own.probability(own.mostProbable());
  }

  /** {@inheritDoc} Its tokens are bytes here. */
  @Override
  public Optional<Distribution> distribution() {
    return Optional.of(own);
  }

  @Override
  public Optional<float[]> hidden() {
    return heads.first().session.hidden();
  }

  @Override
  public Optional<PromptReading> prompt() {
    return Optional.of(new PromptReading(heads.first().session));
  }

  @Override
  public Appended append(int token, byte[] piece) {
    byte[] longer = Arrays.copyOf(text, text.length + piece.length);
    System.arraycopy(piece, 0, longer, text.length, piece.length);
    boolean follows = told && piece.length == 1 && goOn(piece[0] & 0xFF);
    if (!follows && (told || piece.length > 1)) {
      Optional<Path> tokens = settled.tokens(longer);
      if (tokens.isEmpty() || tokens.get().length() > heads.room(prompt)) {
        settled.rewind(text.length);
        return tokens.isEmpty() ? Appended.UNWRITABLE : Appended.FULL;
      }
    }
    stale |= !follows;
    told = false;
    text = longer;
    return Appended.WRITTEN;
  }

  @Override
  public byte[] refused(byte[] piece) {
    int begun = Utf8.incompleteTail(text, text.length);
    byte[] whole = Arrays.copyOfRange(text, text.length - begun, text.length + piece.length);
    System.arraycopy(piece, 0, whole, begun, piece.length);
    return whole;
  }

  private boolean goOn(int next) {
    double p = own.probability(next);
    OptionalDouble now = heads.push(next, bounds);
    if (now.isPresent()) {
      double before = p > 0 ? Math.min(1, dropped / p) : 1;
      stale = before > MOST_DROPPED;
      dropped = before + (1 - before) * now.getAsDouble();
    }
    return now.isPresent();
  }

  @Override
  public int length() {
    return text.length;
  }

  /** {@inheritDoc} In bytes; a token may be several, so there may be fewer. */
  @Override
  public int remaining() {
    return full
        ? 0
        : (int) Math.min(Integer.MAX_VALUE, (long) heads.remaining() * cuts.sorted().longest());
  }

  @Override
  public void rewind(int length) {
    if (length < text.length) {
      text = Arrays.copyOf(text, length);
      settled.rewind(length);
      stale = true;
      full = false;
      told = false;
    }
  }

  @Override
  public ByteMember fork() {
    var copy = new ByteMember(cuts, bounds, prompt, heads.fork(), settled.fork(), text);
    copy.stale = stale;
    copy.full = full;
    copy.dropped = dropped;
    return copy;
  }

  /**
   * {@inheritDoc} {@code dropped_share}: the greatest share of its mass, 0 to 1, that was out of
   * bounds when it was asked. Its distributions were within that of the exact ones.
   */
  @Override
  public Map<String, Double> measures() {
    return Map.of("dropped_share", mostDropped);
  }

  @Override
  public MemberActivity activity() {
    return MemberActivity.counted(heads.read(), heads.asked(), Optional.empty());
  }

  /** {@inheritDoc} Nothing where a token that it has told already goes on. */
  @Override
  public MemberActivity activityAfterStep() {
    long read = heads.read() + heads.toRead() + (stale ? text.length - shared() : 0);
    return MemberActivity.counted(
        read, heads.asked() + Math.max(heads.toAsk(), stale ? 1 : 0), Optional.empty());
  }

  /** Bytes that need not be read again when they are cut anew. */
  private int shared() {
    return Path.common(heads.first().path, settled.last()).end();
  }

  @Override
  public void close() {
    heads.close();
  }
}
