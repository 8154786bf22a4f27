package dev.tutti.registry.signin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PasswordsTest {

  private final Passwords passwords = new Passwords(8);

  private long nanos(String hash) {
    var times = new long[15];
    for (int i = 0; i < times.length; i++) {
      long start = System.nanoTime();
      assertFalse(passwords.matches("a guess " + i, hash));
      times[i] = System.nanoTime() - start;
    }
    Arrays.sort(times);
    return times[0];
  }

  @Test
  void whoDoesNotExistTakesAsLongAsWhoDoes() {
    String hash = passwords.hash("correct horse battery");
    nanos(hash);
    double ratio = (double) nanos(null) / nanos(hash);
    // Without the work it were a thousandth.
    assertTrue(ratio > 0.4 && ratio < 2.5, "ratio " + ratio);
  }

  @Test
  void itsHashIsBcryptsAndSalted() {
    String hash = passwords.hash("correct horse battery");
    assertTrue(hash.startsWith("$2a$08$"), hash);
    assertNotEquals(hash, passwords.hash("correct horse battery"));
    assertTrue(passwords.matches("correct horse battery", hash));
    assertFalse(passwords.matches("correct horse batterY", hash));
    assertFalse(passwords.matches("", hash));
    // Typed as one character, or as a letter and its accent.
    assertTrue(
        passwords.matches(
            "caf\u00e9 caf\u00e9 caf\u00e9", passwords.hash("cafe\u0301 cafe\u0301 cafe\u0301")));
    assertThrows(IllegalArgumentException.class, () -> new Passwords(3));
  }

  @Test
  void whatBcryptWouldNotLookAtIsNotTaken() {
    String longest = "abcd".repeat(18);
    String hash = passwords.hash(longest);
    assertTrue(passwords.matches(longest, hash));
    assertFalse(passwords.matches(longest + "x", hash));
    assertFalse(passwords.matches("x".repeat(1_000_000), hash));
    // Minutes of work for a normaliser, which no password is worth.
    String marks = "a" + "\u0301".repeat(300_000) + "\u0316".repeat(300_000);
    assertTimeoutPreemptively(
        Duration.ofSeconds(30),
        () -> {
          assertFalse(passwords.matches(marks, hash));
          assertTrue(Passwords.fault(marks, "ann").isPresent());
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "elevenchars",
        "aaaaaaaaaaaaaaaa",
        "it is ada, of course",
        "tab\tand more of it"
      })
  void whatIsNoPassword(String text) {
    assertTrue(Passwords.fault(text, "ada,").isPresent());
  }

  @Test
  void whatIsOne() {
    assertTrue(Passwords.fault("twelve chars", "ada").isEmpty());
    assertTrue(Passwords.fault("a b c d e f g", "a").isEmpty());
    assertTrue(Passwords.fault("ab\u00e9d".repeat(14), "ada").isEmpty());
    assertTrue(Passwords.fault("ab\u00e9d".repeat(15), "ada").isPresent(), "75 bytes");
    String one = passwords.oneTime();
    assertTrue(Passwords.fault(one, "admin").isEmpty());
    assertEquals(24, one.length());
    assertNotEquals(one, passwords.oneTime());
  }
}
