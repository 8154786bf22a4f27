package dev.tutti.decoder;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model that runs here, asked for its most probable pieces. It knows the probability of every
 * piece: a piece of its own has its own; any other has that of the token by which it begins, shared
 * evenly among all pieces that begin by that token.
 */
final class LocalTopSession implements TopSession {

  private final CountedSession session;
  private final PieceIndex index;
  // What it told last.
  private double[] told = {};

  LocalTopSession(DecodeSession session, PieceIndex index) {
    this(new CountedSession(session), index);
  }

  private LocalTopSession(CountedSession session, PieceIndex index) {
    this.session = session;
    this.index = index;
  }

  @Override
  public List<Piece> top(int k) {
    told = session.next().probabilities();
    return more(k);
  }

  @Override
  public List<Piece> more(int k) {
    var pieces = new ArrayList<Piece>();
    for (int token : index.top(told, k)) {
      if (index.probability(told, token) > 0) {
        pieces.add(new Piece(index.bytes(token), logprob(token)));
      }
    }
    return pieces;
  }

  private double logprob(int token) {
    return Math.min(0, Math.log(index.probability(told, token)));
  }

  @Override
  public double[] scores(List<byte[]> union) {
    var first = new int[union.size()];
    Map<Integer, Integer> sharers = new HashMap<>();
    for (int u = 0; u < first.length; u++) {
      first[u] = index.first(union.get(u));
      sharers.merge(first[u], 1, Integer::sum);
    }
    var scores = new double[first.length];
    for (int u = 0; u < first.length; u++) {
      scores[u] =
          first[u] < 0
              ? Double.NEGATIVE_INFINITY
              : logprob(first[u]) - Math.log(sharers.get(first[u]));
    }
    return scores;
  }

  @Override
  public Appended append(byte[] piece) {
    return index.tokens(piece).map(session::append).orElse(Appended.UNWRITABLE);
  }

  @Override
  public Optional<float[]> hidden() {
    return session.hidden();
  }

  @Override
  public Optional<PromptReading> prompt() {
    return Optional.of(session.prompt());
  }

  @Override
  public int length() {
    return session.length();
  }

  @Override
  public int remaining() {
    return session.remaining();
  }

  @Override
  public void rewind(int length) {
    session.rewind(length);
  }

  @Override
  public LocalTopSession fork() {
    return new LocalTopSession(session.fork(), index);
  }

  @Override
  public MemberActivity activity() {
    return session.activity();
  }

  @Override
  public MemberActivity activityAfterStep() {
    return session.activityAfterStep();
  }

  @Override
  public void close() {
    session.close();
  }
}
