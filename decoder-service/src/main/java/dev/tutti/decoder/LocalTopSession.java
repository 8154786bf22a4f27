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

  private final DecodeSession session;
  private final PieceIndex index;
  private final double[] merged;
  // Length of the session when it was asked last, and how many tokens since then are its own.
  private int readUpTo;
  private int own;
  private boolean asked;
  private long read;
  private long written;

  LocalTopSession(DecodeSession session, PieceIndex index) {
    this.session = session;
    this.index = index;
    this.merged = new double[index.size()];
  }

  @Override
  public List<Piece> top(int k) {
    Distribution distribution = session.next();
    read += unread();
    written++;
    readUpTo = session.length();
    own = 0;
    asked = true;
    index.merge(distribution.probabilities(), merged);
    var pieces = new ArrayList<Piece>();
    for (int token : TopTokens.of(merged, k)) {
      if (merged[token] > 0) {
        pieces.add(new Piece(index.bytes(token), logprob(token)));
      }
    }
    return pieces;
  }

  private double logprob(int token) {
    return Math.min(0, Math.log(merged[token]));
  }

  private int unread() {
    return session.length() - readUpTo - own;
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
    Optional<int[]> ids = index.tokens(piece);
    if (ids.isEmpty()) {
      return Appended.UNWRITABLE;
    }
    if (ids.get().length > session.remaining()) {
      return Appended.FULL;
    }
    session.append(ids.get());
    own += asked ? 1 : 0;
    asked = false;
    return Appended.WRITTEN;
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
    readUpTo = Math.min(readUpTo, length);
    own = Math.min(own, length - readUpTo);
    asked = false;
  }

  @Override
  public LocalTopSession fork() {
    var copy = new LocalTopSession(session.fork(), index);
    copy.readUpTo = readUpTo;
    copy.own = own;
    return copy;
  }

  @Override
  public MemberActivity activity() {
    return MemberActivity.counted(read, written, Optional.empty());
  }

  @Override
  public MemberActivity activityAfterStep() {
    return MemberActivity.counted(read + unread(), written + 1, Optional.empty());
  }

  @Override
  public void close() {
    session.close();
  }
}
