package dev.tutti.registry.signin;

import dev.tutti.kit.connection.KeyRing;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Somebody who is signed in.
 *
 * @param id 43 characters that the browser's cookie holds and nobody else may know
 * @param user who
 * @param provider who says that it is them
 * @param role what they may do
 * @param mustChange whether they have yet to change a one-time password, and may nothing before
 */
public record Session(String id, String user, Provider provider, Role role, boolean mustChange) {

  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{43}");
  private static final String MAC = "HmacSHA256";

  /** Who says who somebody is. */
  public enum Provider {
    /** A password that is kept here. */
    LOCAL,
    /** An OpenID provider. */
    OIDC
  }

  /** Whether a text has the form of an id. */
  static boolean isId(String text) {
    return text != null && FORM.matcher(text).matches();
  }

  /** What is kept of an id. */
  static byte[] hash(String id) {
    return KeyRing.hash(id).toByteArray();
  }

  /** How the audit log names them. */
  public String author() {
    return provider == Provider.LOCAL ? user : user + " (oidc)";
  }

  /**
   * What a change in this session has to bring beside the cookie: a page of another site cannot.
   */
  public String csrf() {
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(new SecretKeySpec(id.getBytes(StandardCharsets.US_ASCII), MAC));
      byte[] token = mac.doFinal("csrf".getBytes(StandardCharsets.US_ASCII));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has " + MAC, e);
    }
  }

  /** Whether a text is {@link #csrf}; how long that takes tells nothing. */
  public boolean isCsrf(String text) {
    return text != null
        && MessageDigest.isEqual(
            csrf().getBytes(StandardCharsets.UTF_8), text.getBytes(StandardCharsets.UTF_8));
  }

  /** Without what opens. */
  @Override
  public String toString() {
    return "Session[" + author() + ", " + role.word() + "]";
  }
}
