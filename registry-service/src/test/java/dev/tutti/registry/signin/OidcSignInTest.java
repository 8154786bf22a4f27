package dev.tutti.registry.signin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.registry.RefusedException;
import java.util.List;
import org.junit.jupiter.api.Test;

class OidcSignInTest {

  @Test
  void theNameIsTheFirstThatCanBeNotedOfTheClaimsThatCount() throws Exception {
    JsonNode claims =
        new ObjectMapper()
            .readTree(
                "{\"preferred_username\": \"\u00e4da\", \"email\": \"a@example.com\", \"sub\": \"17\"}");
    assertEquals(
        "a@example.com", OidcSignIn.name(claims, List.of("preferred_username", "email", "sub")));
    // Who does not trust what people choose names the one claim that they cannot.
    assertEquals("17", OidcSignIn.name(claims, List.of("sub")));
    assertThrows(
        RefusedException.class, () -> OidcSignIn.name(claims, List.of("preferred_username")));
  }
}
