package dev.tutti.registry.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SignatureTest {

  /** printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac whs-secret */
  @Test
  void itIsWhatOthersMakeOfTheSame() {
    assertEquals(
        "v1=00b2644cc8ec4513b5c97e8b61df2fd325d9bf518a50eb4e83d37e590d5d57d8",
        Signature.of("whs-secret", 1_700_000_000, "{\"a\":1}"));
  }
}
