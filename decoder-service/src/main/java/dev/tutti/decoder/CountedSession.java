package dev.tutti.decoder;

import java.util.Optional;

/** A model's session in an answer of several members: it counts what the model reads and writes. */
final class CountedSession implements AutoCloseable {

  private final DecodeSession session;
  // Length of the session when it was asked last, and how many tokens since then are its own.
  private int readUpTo;
  private int own;
  private boolean asked;
  private long read;
  private long written;

  CountedSession(DecodeSession session) {
    this.session = session;
  }

  /** What comes next: one token written, and all read that it had not read. */
  Distribution next() {
    Distribution distribution = session.next();
    read += unread();
    written++;
    readUpTo = session.length();
    own = 0;
    asked = true;
    return distribution;
  }

  /** The last hidden state, as {@link DecodeSession#hidden}. */
  Optional<float[]> hidden() {
    return session.hidden();
  }

  /** How it reads the prompt that it holds. */
  PromptReading prompt() {
    return new PromptReading(session, again -> read += again);
  }

  /** Goes on with a piece; its first token is the one that it wrote, where it was asked. */
  TopSession.Appended append(int[] ids) {
    if (ids.length > session.remaining()) {
      return TopSession.Appended.FULL;
    }
    session.append(ids);
    own += asked ? 1 : 0;
    asked = false;
    return TopSession.Appended.WRITTEN;
  }

  private int unread() {
    return session.length() - readUpTo - own;
  }

  int length() {
    return session.length();
  }

  int remaining() {
    return session.remaining();
  }

  void rewind(int length) {
    session.rewind(length);
    readUpTo = Math.min(readUpTo, length);
    own = Math.min(own, length - readUpTo);
    asked = false;
  }

  /** At the same place; it has done nothing yet. */
  CountedSession fork() {
    var copy = new CountedSession(session.fork());
    copy.readUpTo = readUpTo;
    copy.own = own;
    return copy;
  }

  MemberActivity activity() {
    return MemberActivity.counted(read, written, Optional.empty());
  }

  MemberActivity activityAfterStep() {
    return MemberActivity.counted(read + unread(), written + 1, Optional.empty());
  }

  @Override
  public void close() {
    session.close();
  }
}
