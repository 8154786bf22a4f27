package dev.tutti.router.access;

import io.grpc.Context;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/**
 * For which of its users a team asks: the field {@code user} of OpenAI's requests. What is kept of
 * it is a digest, by which a user's decisions are found and nobody's name is read. It travels with
 * the gRPC context of a call.
 */
public final class EndUser {

  private static final Context.Key<String> CURRENT = Context.key("end-user");
  private static final byte[] NOBODY = new byte[0];

  private EndUser() {}

  /** The context of a call for this user. */
  public static Context in(Context context, Optional<String> user) {
    return user.filter(its -> !its.isEmpty())
        .map(its -> context.withValue(CURRENT, its))
        .orElse(context);
  }

  /** Digest of the user of this call, who is one of the team's; empty where none was named. */
  public static byte[] current(String team) {
    String user = CURRENT.get();
    return user == null ? NOBODY : digest(team, user);
  }

  /** Digest of a team's user: two teams' users of one name are two. */
  public static byte[] digest(String team, String user) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update((team + "\0").getBytes(StandardCharsets.UTF_8));
      return sha256.digest(user.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }
}
