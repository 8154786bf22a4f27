package dev.tutti.registry.signin;

import dev.tutti.registry.Refusal;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.springframework.security.crypto.bcrypt.BCrypt;

/**
 * What passwords may be, and what is kept of them: bcrypt's hash. People choose them, so unlike
 * keys they need one that is slow.
 */
@ApplicationScoped
class Passwords {

  private static final int SHORTEST = 12;
  private static final int DIFFERENT = 4;

  /** What bcrypt looks at. */
  private static final int LONGEST_BYTES = 72;

  /** Longer ones are not even looked at: normalising takes a square of what is combined. */
  private static final int LONGEST_TYPED = 1_024;

  private static final int LEAST_COST = 4;
  private static final int MOST_COST = 16;
  private static final int PATIENCE_SECONDS = 10;

  /** Without those that are taken for each other. */
  private static final String LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";

  private static final int GROUPS = 5;
  private static final int GROUP = 4;

  private final int cost;
  private final SecureRandom random = new SecureRandom();
  private final String nobodys;

  /** Half of the processors at most are at it, so that the rest goes on. */
  private final Semaphore free =
      new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));

  Passwords(@ConfigProperty(name = "tutti.registry.sign-in.bcrypt-cost") int cost) {
    if (cost < LEAST_COST || cost > MOST_COST) {
      throw new IllegalArgumentException(
          "tutti.registry.sign-in.bcrypt-cost is %d; it must be %d to %d."
              .formatted(cost, LEAST_COST, MOST_COST));
    }
    this.cost = cost;
    this.nobodys = BCrypt.hashpw("nobody's password", BCrypt.gensalt(cost, random));
  }

  /** What is kept of a password. */
  String hash(String password) {
    return working(() -> BCrypt.hashpw(normal(password), BCrypt.gensalt(cost, random)));
  }

  /**
   * Whether a password is the one of a hash. It does the same work where there is no such user.
   *
   * @param hash null where there is none
   */
  boolean matches(String password, String hash) {
    boolean typable = password.length() <= LONGEST_TYPED;
    byte[] typed = (typable ? normal(password) : "").getBytes(StandardCharsets.UTF_8);
    byte[] looked = Arrays.copyOf(typed, Math.min(typed.length, LONGEST_BYTES));
    boolean same = working(() -> BCrypt.checkpw(looked, hash == null ? nobodys : hash));
    return same && hash != null && typable && typed.length <= LONGEST_BYTES;
  }

  /** Why a password cannot be one; empty where it can. */
  static Optional<String> fault(String password, String user) {
    String normal = password.length() > LONGEST_TYPED ? "" : normal(password);
    int bytes = normal.getBytes(StandardCharsets.UTF_8).length;
    if (normal.codePointCount(0, normal.length()) < SHORTEST || bytes > LONGEST_BYTES) {
      return Optional.of(
          "A password has %d characters at least, and %d bytes at most."
              .formatted(SHORTEST, LONGEST_BYTES));
    }
    if (normal.chars().anyMatch(Character::isISOControl)) {
      return Optional.of("A password has no control characters.");
    }
    if (normal.codePoints().distinct().count() < DIFFERENT
        || (user.length() >= DIFFERENT && normal.contains(user))) {
      return Optional.of(
          "A password has %d different characters at least, and the user's name is no part of it."
              .formatted(DIFFERENT));
    }
    return Optional.empty();
  }

  /** A password to be changed at once: 20 random letters and digits, 99 bits. */
  String oneTime() {
    var text = new StringBuilder();
    for (int i = 0; i < GROUPS * GROUP; i++) {
      text.append(i > 0 && i % GROUP == 0 ? "-" : "")
          .append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return text.toString();
  }

  /** The same letters are the same bytes, however they were typed. */
  private static String normal(String password) {
    return Normalizer.normalize(password, Normalizer.Form.NFC);
  }

  private interface Work<T> {
    T run();
  }

  private <T> T working(Work<T> work) {
    try {
      if (!free.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new Refusal.Unavailable("Too many sign in at once. Try again.").exception();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refusal.Unavailable("The registry stops.").exception();
    }
    try {
      return work.run();
    } finally {
      free.release();
    }
  }
}
