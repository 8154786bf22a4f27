package dev.tutti.decoder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The sessions that an answer opens and forks, each of which takes room for as long as it is open.
 * A fork that gets none shares that of the session that it is forked from: one model's state stands
 * for both in turn, and what they do not have in common is read again at each turn. So an answer
 * says the same with little room as with much, but for the rounding of floats, and only takes
 * longer. Sessions on other machines take no room here.
 *
 * <p>Closing it closes all that are still open, so that none is left where a later one cannot be
 * opened, or an earlier one not closed. Thread-safe; its sessions are not.
 */
public final class OpenedSessions implements AutoCloseable {

  private final SessionRoom room;
  private final Set<SharingSession> open = new LinkedHashSet<>();
  private final List<MemberPrompt> prompts = new ArrayList<>();

  /** None yet, of members whose prompts are not known. */
  public OpenedSessions(SessionRoom room) {
    this.room = room;
  }

  /** None yet, of members with these prompts. */
  public OpenedSessions(List<? extends MemberPrompt> prompts, SessionRoom room) {
    this(room);
    for (int m = 0; m < prompts.size(); m++) {
      int member = m;
      this.prompts.add(
          prompts.get(m) instanceof TokenPrompt tokens
              ? tokens.openedBy(model -> open(model, member))
              : prompts.get(m));
    }
  }

  /** The members' prompts, in the same order; each session that one opens is among these. */
  public List<MemberPrompt> prompts() {
    return List.copyOf(prompts);
  }

  /**
   * An empty session, among these.
   *
   * @throws RuntimeException the room's refusal, where it has none
   */
  public DecodeSession open(LanguageModel model) {
    return open(model, 0);
  }

  private DecodeSession open(LanguageModel model, int member) {
    SessionRoom its = model.runsHere() ? room : SessionRoom.BOUNDLESS;
    if (!its.take()) {
      throw its.refusal();
    }
    try {
      return opened(new SharingSession(this, member, new SharedSession(model.open(), its)));
    } catch (RuntimeException | Error e) {
      its.giveBack();
      throw e;
    }
  }

  /** Counts one among these. */
  SharingSession opened(SharingSession session) {
    synchronized (open) {
      open.add(session);
    }
    return session;
  }

  /** One is closed. */
  void closed(SharingSession session) {
    synchronized (open) {
      open.remove(session);
    }
  }

  private List<SharingSession> all() {
    synchronized (open) {
      return List.copyOf(open);
    }
  }

  /**
   * Has all of them take what they need of other machines, before the first token: methods may ask
   * a member late, or never.
   *
   * @param runner of the members' steps
   * @throws RuntimeException when a machine runs too many already
   */
  public void reserve(StepRunner runner) {
    runner.run(
        prompts.size(),
        m -> all().stream().filter(its -> its.member == m).forEach(DecodeSession::reserve));
  }

  /** Closes all that are still open; throws what the last of them threw that did. */
  @Override
  public void close() {
    RuntimeException failure = null;
    for (SharingSession session : all()) {
      try {
        session.close();
      } catch (RuntimeException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** A model's session in memory, with the room that it takes, and those that stand on it. */
  static final class SharedSession {
    final SessionRoom room;
    DecodeSession session;
    // Whose tokens it holds; the others know theirs.
    SharingSession holder;
    int users = 1;

    SharedSession(DecodeSession session, SessionRoom room) {
      this.session = session;
      this.room = room;
    }

    /** Moves it to tokens; what it holds of them already is not read again. */
    void goTo(int[] tokens) {
      int[] held = session.tokens();
      int differs = Arrays.mismatch(held, tokens);
      int common = differs < 0 ? tokens.length : differs;
      session.rewind(common);
      session.append(Arrays.copyOfRange(tokens, common, tokens.length));
    }

    /**
     * Gets a new one at the same place: what the old one has told stays as it is. Both hold the
     * same state in memory.
     */
    void renew() {
      DecodeSession fresh = session.fork();
      session.close();
      session = fresh;
    }
  }
}
