package dev.tutti.registry.signin;

import java.time.Instant;
import java.util.regex.Pattern;

/**
 * Somebody who signs in with a password kept here.
 *
 * @param name {@link #RULE}
 * @param role what they may do
 * @param mustChange whether their password is a one-time password
 * @param oneTimeUntil until when that lets them in; null for without an end
 * @param disabled whether they may not sign in
 * @param createdAt when they were made
 * @param signedInAt when they signed in last; null for never
 */
public record User(
    String name,
    Role role,
    boolean mustChange,
    Instant oneTimeUntil,
    boolean disabled,
    Instant createdAt,
    Instant signedInAt) {

  /** What a name may be. */
  public static final String RULE = "1 to 64 of a-z, 0-9 and . _ @ -, the first a letter or digit";

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._@-]{0,63}");

  /** Whether somebody can be called so. */
  public static boolean isName(String name) {
    return name != null && NAME.matcher(name).matches();
  }
}
