package dev.tutti.decoder;

import dev.tutti.decoder.OpenedSessions.SharedSession;
import java.util.List;
import java.util.Optional;

/** One of {@link OpenedSessions}: alone with a model's session, or in turn with others. */
final class SharingSession implements DecodeSession {

  /** Index of its member. */
  final int member;

  private final OpenedSessions all;
  private SharedSession shared;
  // Its tokens where another holds the model's session; null where it does itself.
  private int[] parked;
  // What it was told behind its last token, where another may take the model's session over.
  private Distribution told;
  private boolean closed;

  /** Alone, at the tokens of the model's session. */
  SharingSession(OpenedSessions all, int member, SharedSession shared) {
    this(all, member, shared, null);
    shared.holder = this;
  }

  private SharingSession(OpenedSessions all, int member, SharedSession shared, int[] parked) {
    this.all = all;
    this.member = member;
    this.shared = shared;
    this.parked = parked;
  }

  /** The model's session, at its tokens. */
  private DecodeSession held() {
    if (closed) {
      throw new IllegalStateException("The session is closed.");
    }
    if (parked != null) {
      if (shared.holder == null) {
        takeOver();
      } else if (shared.room.take()) {
        leaveFor(shared.room);
      } else {
        shared.holder.parked = shared.session.tokens();
        takeOver();
      }
    }
    return shared.session;
  }

  private void takeOver() {
    shared.goTo(parked);
    shared.holder = this;
    parked = null;
  }

  /** There is room for one of its own now. */
  private void leaveFor(SessionRoom room) {
    SharedSession own;
    try {
      own = new SharedSession(shared.session.fork(), room);
    } catch (RuntimeException | Error e) {
      room.giveBack();
      throw e;
    }
    shared.users--;
    shared = own;
    takeOver();
  }

  @Override
  public int length() {
    return parked == null ? held().length() : parked.length;
  }

  @Override
  public int[] tokens() {
    return parked == null ? held().tokens() : parked.clone();
  }

  @Override
  public int remaining() {
    return parked == null
        ? held().remaining()
        : shared.session.remaining() + shared.session.length() - parked.length;
  }

  @Override
  public void append(int... tokens) {
    held().append(tokens);
    told = tokens.length > 0 ? null : told;
  }

  @Override
  public void rewind(int length) {
    if (length != length()) {
      told = null;
    }
    held().rewind(length);
  }

  @Override
  public Distribution next() {
    if (told == null) {
      Distribution next = held().next();
      if (shared.users == 1) {
        return next;
      }
      told = next.copy();
    }
    return told;
  }

  @Override
  public List<Distribution> next(int... proposed) {
    List<Distribution> places = held().next(proposed);
    told = null;
    return places;
  }

  @Override
  public double[] score(int... tokens) {
    double[] logprobs = held().score(tokens);
    told = tokens.length > 0 ? null : told;
    return logprobs;
  }

  /** {@inheritDoc} As many at once as there is room for. */
  @Override
  public List<double[]> score(List<int[]> branches) {
    DecodeSession session = held();
    SessionRoom room = shared.room;
    BranchHeads heads = BranchHeads.of(branches);
    int wanted = Math.clamp(heads.heads().size(), 1, session.rows());
    int rows = 0;
    try {
      while (rows < wanted && room.take()) {
        rows++;
      }
      if (rows == 0) {
        return DecodeSession.super.score(branches);
      }
      return rows == wanted ? session.score(branches) : heads.scoredInParts(rows, session::score);
    } finally {
      for (int row = 0; row < rows; row++) {
        room.giveBack();
      }
    }
  }

  @Override
  public Optional<float[]> hidden() {
    return held().hidden();
  }

  @Override
  public void reserve() {
    held().reserve();
  }

  @Override
  public SharingSession fork() {
    DecodeSession session = held();
    SessionRoom room = shared.room;
    if (!room.take()) {
      if (shared.users == 1) {
        shared.renew();
      }
      shared.users++;
      return all.opened(new SharingSession(all, member, shared, shared.session.tokens()));
    }
    try {
      return all.opened(new SharingSession(all, member, new SharedSession(session.fork(), room)));
    } catch (RuntimeException | Error e) {
      room.giveBack();
      throw e;
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    all.closed(this);
    if (shared.holder == this) {
      shared.holder = null;
    }
    if (--shared.users == 0) {
      try {
        shared.session.close();
      } finally {
        shared.room.giveBack();
      }
    }
  }
}
