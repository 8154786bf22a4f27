package dev.tutti.registry.signin;

/**
 * Who makes a request.
 *
 * @param name as the audit log has it; empty where nobody has to say
 * @param role what they may do
 * @param session that they are signed in by; null where they are not
 */
public record Caller(String name, Role role, Session session) {

  /** Under which it is kept with the request. */
  public static final String ATTRIBUTE = Caller.class.getName();

  /** Whoever asks while nobody has to sign in. */
  public static final Caller ANYBODY = new Caller("", Role.ADMINISTRATOR, null);

  /** Somebody who is signed in. */
  public static Caller of(Session session) {
    return new Caller(session.author(), session.role(), session);
  }

  /** Whether this is somebody who is signed in. */
  public boolean isSignedIn() {
    return session != null;
  }

  /** Whether they can change their password here. */
  public boolean hasPassword() {
    return session != null && session.provider() == Session.Provider.LOCAL;
  }
}
