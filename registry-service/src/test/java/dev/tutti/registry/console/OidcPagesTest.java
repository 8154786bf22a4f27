package dev.tutti.registry.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.Rest.Answer;
import dev.tutti.registry.testing.ScriptedProvider;
import dev.tutti.registry.watch.ServicesOnlyTest;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.net.URI;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signing in by an OpenID provider. */
@QuarkusTest
@TestProfile(ServicesOnlyTest.Required.class)
@ExtendWith(OfRegistry.class)
class OidcPagesTest {

  private static final String START = "/console/sign-in/oidc?to=%2Fconsole%2Fjobs";

  @ConfigProperty(name = ScriptedProvider.URL)
  String provider;

  /** Follows where it is led, as a browser would, to the end of it. */
  private Answer arrives(Person person, String claims) {
    Rest.absolute("POST", provider + "/script", claims).expect(200);
    Answer answer = person.get(START);
    for (int i = 0; i < 8 && answer.status() / 100 == 3; i++) {
      URI to = Rest.uri(START).resolve(answer.header("Location"));
      if (to.getPath().equals("/console/jobs")) {
        return answer;
      }
      answer =
          to.toString().startsWith(provider)
              ? Rest.absolute("GET", to.toString(), null)
              : person.get(
                  to.getRawPath() + (to.getRawQuery() == null ? "" : "?" + to.getRawQuery()));
    }
    return answer;
  }

  @Test
  void theProviderSaysWhoItIsAndItsClaimTheRole() {
    var person = new Person();
    assertTrue(person.get("/console/sign-in").body().contains("/console/sign-in/oidc?to="));
    arrives(
            person,
            "{\"preferred_username\": \"grace@example.com\", \"groups\": [\"everybody\", \"runners\"]}")
        .expect(303);
    assertTrue(person.isIn());
    Answer account = Browsing.page(person.get("/console/account"));
    assertTrue(account.body().contains("grace@example.com (oidc)"), account.body());
    assertFalse(account.body().contains("name=\"old\""), "no password here");
    person
        .rest("POST", "models", Rest.model("of-grace", "full"), "X-CSRF", person.csrf())
        .expect(201);
    person.get("/api/v1/keys").expect(403);
    JsonNode log = Person.admin("GET", "audit?name=of-grace", null).json();
    assertEquals("grace@example.com (oidc)", log.at("/items/0/user").asText());
    person.send("/console/account", "old", "x", "password", "y", "again", "y").expect(403);
  }

  @Test
  void theHighestRoleCountsAndOneTextIsOneValue() {
    var owner = new Person();
    arrives(owner, "{\"email\": \"o@example.com\", \"groups\": [\"readers\", \"owners\"]}")
        .expect(303);
    owner.get("/api/v1/keys").expect(200);
    var reader = new Person();
    arrives(reader, "{\"groups\": \"readers\"}").expect(303);
    reader.get("/api/v1/models").expect(200);
    reader.post("/console/models", reader.csrf(), "name", "x").expect(403);
    assertTrue(reader.get("/console/account").body().contains("subject-1 (oidc)"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"aud\": \"somebody-else\"",
        "\"exp\": 1000000000",
        "\"iss\": \"http://127.0.0.1:1\"",
        "\"nonce\": \"another\"",
        "\"foreign_key\": true"
      })
  void whatIsNoTokenForUsOrNotAnyMoreIsRefused(String claim) {
    var person = new Person();
    Answer refused = arrives(person, "{\"groups\": \"owners\", %s}".formatted(claim));
    assertEquals(401, refused.status(), refused.body());
    Browsing.page(refused);
    assertFalse(person.isIn());
  }

  @Test
  void whoHasNoRoleIsNotLetIn() {
    for (String groups : new String[] {"[\"others\"]", "\"\"", "[]", "{\"owners\": true}", "7"}) {
      var person = new Person();
      Answer refused = arrives(person, "{\"groups\": %s}".formatted(groups));
      assertEquals(403, refused.status(), refused.body());
      assertFalse(person.isIn());
    }
  }

  @Test
  void whoIsGivenARoleAfterwardsIsLetIn() {
    var person = new Person();
    arrives(person, "{\"groups\": []}").expect(403);
    arrives(person, "{\"groups\": \"readers\"}").expect(303);
    assertTrue(person.isIn());
  }

  @Test
  void anAnswerOfTheProviderThatNobodyAskedForIsRefused() {
    var person = new Person();
    for (String query : new String[] {"code=code-1&state=x", "error=access_denied&state=x"}) {
      Answer answer = person.get("/console/sign-in/oidc?" + query);
      assertTrue(
          answer.status() == 302 || answer.status() >= 400 && answer.status() < 500,
          "" + answer.status());
      assertFalse(person.isIn());
    }
  }

  @Test
  void signingOutEndsItHereAndOffersToEndItThere() {
    var person = new Person();
    arrives(person, "{\"preferred_username\": \"lea\", \"groups\": \"readers\"}").expect(303);
    String over = person.session();
    Answer out = person.send("/console/sign-out").expect(200);
    assertTrue(out.body().contains(provider + "/end?client_id=tutti-registry"), out.body());
    person.bring(Person.SESSION, over);
    assertFalse(person.isIn());
  }
}
