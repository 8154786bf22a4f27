package dev.tutti.kit.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.tutti.registry.v1.ApiKey;
import dev.tutti.registry.v1.KeySecret;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyRingTest {

  private static final Instant NOW = Instant.ofEpochSecond(1_000);
  private static final String TEXT = "tk-" + "a".repeat(43);
  private static final String OLD = "tk-" + "b".repeat(43);

  private static KeySecret secret(String text) {
    return KeySecret.newBuilder().setSha256(KeyRing.hash(text)).build();
  }

  private static Timestamp at(long seconds) {
    return Timestamp.newBuilder().setSeconds(seconds).build();
  }

  @Test
  void ofAKeyInATextThePrefixIsTold() {
    assertEquals(
        "no 'tk-aaaaaaaa...', tk-bbbbbbbb...",
        KeyRing.masked("no '%s', %s".formatted(TEXT, OLD.substring(0, 40))));
    assertEquals("/whs-.../", KeyRing.masked("/whs-" + "a-_".repeat(14) + "b/"));
    // A model's name.
    assertEquals("/tk-instruct-base-def-pos", KeyRing.masked("/tk-instruct-base-def-pos"));
  }

  @Test
  void whatIsKeptIsTheSha256() {
    // printf abc | sha256sum
    assertEquals(
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        HexFormat.of().formatHex(KeyRing.hash("abc").toByteArray()));
  }

  /**
   * Whatever is sent is hashed whole, and only hashes are compared: those of texts of which more is
   * right are no more alike, so that no comparison takes longer for it.
   */
  @Test
  void howMuchOfAKeyIsRightSaysNothingOfWhatIsCompared() {
    String right = "tk-" + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ";
    ByteString kept = KeyRing.hash(right);
    for (int same = 3; same < right.length(); same++) {
      String wrong = right.substring(0, same) + "_".repeat(right.length() - same);
      assertTrue(KeyRing.isKey(wrong), wrong);
      ByteString hash = KeyRing.hash(wrong);
      int bits = 0;
      int prefix = 0;
      for (int i = 0; i < kept.size(); i++) {
        bits += Integer.bitCount((kept.byteAt(i) ^ hash.byteAt(i)) & 0xff);
        prefix += prefix == i && kept.byteAt(i) == hash.byteAt(i) ? 1 : 0;
      }
      // Of 256 coins, half; of the first bytes, hardly any.
      assertTrue(bits > 80 && bits < 176, same + " characters: " + bits);
      assertTrue(prefix <= 2, same + " characters: " + prefix);
    }
  }

  @Test
  void bothTextsOpenUntilTheOlderOneIsOver() {
    var key =
        ApiKey.newBuilder()
            .setId("k")
            .addSecrets(secret(TEXT))
            .addSecrets(secret(OLD).toBuilder().setUntil(at(1_001)))
            .build();
    var ring = new KeyRing(List.of(key));
    assertEquals(new KeyRing.Valid(key), ring.find(TEXT, NOW));
    assertEquals(new KeyRing.Valid(key), ring.find(OLD, NOW));
    assertEquals(new KeyRing.Valid(key), ring.find(TEXT, NOW.plusSeconds(1)));
    assertEquals(new KeyRing.Expired(key), ring.find(OLD, NOW.plusSeconds(1)));
  }

  @Test
  void aKeyIsOverAtItsExpiry() {
    var key = ApiKey.newBuilder().setId("k").addSecrets(secret(TEXT)).setExpires(at(1_000)).build();
    var ring = new KeyRing(List.of(key));
    assertEquals(new KeyRing.Valid(key), ring.find(TEXT, NOW.minusNanos(1)));
    assertEquals(new KeyRing.Expired(key), ring.find(TEXT, NOW));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "tk-",
        "tk-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ",
        "tk-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "TK-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "tk-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
        "tk-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa+"
      })
  void nothingElseOpens(String text) {
    var key = ApiKey.newBuilder().setId("k").addSecrets(secret(TEXT)).build();
    assertInstanceOf(KeyRing.Unknown.class, new KeyRing(List.of(key)).find(text, NOW));
  }

  @Test
  void theBearerComesBeforeTheOtherHeader() {
    assertEquals("", KeyRing.brought(null, null));
    assertEquals("x", KeyRing.brought(null, " x "));
    assertEquals("y", KeyRing.brought("Bearer y", "x"));
    assertEquals("y", KeyRing.brought("bEARER  y", null));
    // Who brings something else is not let in by what else it brings.
    assertFalse(KeyRing.isKey(KeyRing.brought("Basic " + TEXT, TEXT)));
    for (String none : new String[] {null, TEXT, "Basic " + TEXT, "Bearer "}) {
      assertTrue(
          KeyRing.unknown(KeyRing.brought(none, null)).startsWith("A key is required"), none);
    }
    assertTrue(KeyRing.unknown(KeyRing.brought("Bearer y", null)).startsWith("There is no such"));
    assertFalse(KeyRing.isKey(KeyRing.brought(TEXT, TEXT)));
  }

  @Test
  void keysAreRequiredWhereTheSettingSaysSoOrOthersReachIt() {
    assertFalse(KeyRule.of(Optional.empty(), "127.0.0.1", "::1").required());
    assertFalse(KeyRule.of(Optional.of(" "), "localhost").required());
    assertTrue(KeyRule.of(Optional.of("required"), "127.0.0.1").required());
    assertTrue(KeyRule.of(Optional.empty(), "127.0.0.1", "0.0.0.0").required());
    assertTrue(KeyRule.of(Optional.empty(), "::").required());
    assertTrue(
        assertThrows(
                IllegalArgumentException.class, () -> KeyRule.of(Optional.of("no"), "127.0.0.1"))
            .getMessage()
            .contains("'no'"));
  }
}
