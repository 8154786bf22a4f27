package dev.tutti.decoder.answer;

import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.MemberPrompt;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenPrompt;
import java.util.ArrayList;
import java.util.List;

/**
 * The sessions that a plan opens for an answer, so that none is left open where a later one cannot
 * be opened.
 *
 * @param prompts of the members; each session that is opened with one is among its own
 * @param sessions of each member those that were opened
 */
record OpenedSessions(List<MemberPrompt> prompts, List<List<DecodeSession>> sessions)
    implements AutoCloseable {

  /** None yet. */
  static OpenedSessions of(List<? extends MemberPrompt> prompts) {
    var telling = new ArrayList<MemberPrompt>();
    var sessions = new ArrayList<List<DecodeSession>>();
    for (MemberPrompt prompt : prompts) {
      var its = new ArrayList<DecodeSession>();
      sessions.add(its);
      telling.add(prompt instanceof TokenPrompt tokens ? tokens.telling(its::add) : prompt);
    }
    return new OpenedSessions(List.copyOf(telling), List.copyOf(sessions));
  }

  /**
   * Has all of them take what they need of other machines, before the first token: methods may ask
   * a member late, or never.
   *
   * @param runner of the members' steps
   * @throws dev.tutti.kit.grpc.FailureException when a machine runs too many already
   */
  void reserve(StepRunner runner) {
    runner.run(sessions.size(), m -> sessions.get(m).forEach(DecodeSession::reserve));
  }

  /** Closes all that are still open. */
  @Override
  public void close() {
    RuntimeException failure = null;
    for (List<DecodeSession> its : sessions) {
      for (DecodeSession session : its) {
        try {
          session.close();
        } catch (RuntimeException e) {
          failure = e;
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
