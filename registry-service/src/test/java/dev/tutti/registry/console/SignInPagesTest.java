package dev.tutti.registry.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.registry.testing.Datasets;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.Rest.Answer;
import dev.tutti.registry.watch.ServicesOnlyTest;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signing in, where that is asked for. */
@QuarkusTest
@TestProfile(ServicesOnlyTest.Required.class)
@ExtendWith(OfRegistry.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SignInPagesTest {

  @ConfigProperty(name = "tutti.registry.admin-password-file")
  Path file;

  private static Answer teamOf(Person person, String name, String... headers) {
    return person.rest("POST", "teams", "{\"name\": \"%s\"}".formatted(name), headers);
  }

  @Test
  @Order(1)
  void theFirstAdministratorHasAOneTimePasswordAndMustChangeIt() throws IOException {
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    String once = Files.readString(file).strip();
    var admin = new Person();
    assertTrue(admin.signIn("admin", once).expect(303).header("Location").endsWith("/console"));
    String first = admin.session();
    assertTrue(
        admin
            .get("/console/models?text=x")
            .expect(303)
            .header("Location")
            .endsWith("/console/account?to=%2Fconsole%2Fmodels%3Ftext%3Dx"));
    admin.get("/api/v1/models").expectProblem(403, "forbidden", null, "one-time password");
    teamOf(admin, "too-early", "X-CSRF", admin.csrf()).expect(403);
    Browsing.page(admin.get("/console/account").expect(200));
    for (String wrong :
        new String[] {
          "short", "aaaaaaaaaaaaaaaa", "my name is admin", once, "x".repeat(40) + "é".repeat(17)
        }) {
      Browsing.page(
          admin
              .send("/console/account", "old", once, "password", wrong, "again", wrong)
              .expect(422));
    }
    String fresh = "correct horse battery";
    admin
        .send("/console/account", "old", once, "password", fresh, "again", "another one")
        .expect(422);
    admin.send("/console/account", "old", "not it", "password", fresh, "again", fresh).expect(422);
    Answer changed =
        admin.send(
            "/console/account",
            "old",
            once,
            "password",
            fresh,
            "again",
            fresh,
            "to",
            "/console/jobs");
    assertTrue(changed.expect(303).header("Location").endsWith("/console/jobs"));
    assertNotEquals(first, admin.session());
    assertTrue(admin.isIn());
    assertFalse(Files.exists(file), "what it says opens nothing any more");
    admin.bring(Person.SESSION, first);
    assertFalse(admin.isIn());
    assertEquals(401, new Person().signIn("admin", once).status());
    assertEquals(303, new Person().signIn(" Admin ", fresh).status());
  }

  @Test
  void whoIsNotSignedInIsLedThereAndBack() {
    var nobody = new Person();
    assertTrue(
        nobody
            .get("/console/audit?user=a%26b")
            .expect(303)
            .header("Location")
            .endsWith("/console/sign-in?to=%2Fconsole%2Faudit%3Fuser%3Da%2526b"));
    Answer part =
        nobody.get(
            "/console/jobs",
            "HX-Request",
            "true",
            "HX-Current-URL",
            "http://x/console/jobs?kind=fit");
    assertEquals(
        "/console/sign-in?to=%2Fconsole%2Fjobs%3Fkind%3Dfit",
        part.expect(401).header("HX-Redirect"));
    nobody.get("/api/v1/models").expectProblem(401, "unauthorized", null, "Sign in");
    assertEquals("Bearer", nobody.get("/api/v1/models").header("WWW-Authenticate"));
    assertEquals(401, nobody.post("/console/users", "x", "name", "eve").status());
    Answer page = Browsing.page(nobody.get("/console/sign-in?to=/console/jobs").expect(200));
    assertFalse(page.body().contains("<nav"), "nobody is told what there is");
    Person.make("back", "viewer");
    Answer in =
        nobody.send(
            "/console/sign-in",
            "user",
            "back",
            "password",
            Person.admin("POST", "users/back/reset", "").json().path("password").asText(),
            "to",
            "/console/jobs?kind=fit");
    assertTrue(in.expect(303).header("Location").endsWith("/console/jobs?kind=fit"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "//evil.example/",
        "https://evil.example/",
        "/console//evil\\",
        "/\\evil.example",
        "/console@evil.example",
        "/consolex",
        "javascript:alert(1)",
        "/console/x\r\nSet-Cookie: a=b",
        "/console/%",
        "/console/../..//evil.example",
        "/console/%2e%2E/api/v1/keys",
        "/console/models/..?text=a",
        "/console/models?text=%4g",
        "/console/\"><script>",
        "console",
        ""
      })
  void nobodyIsLedElsewhere(String to) {
    var nobody = new Person();
    String form = nobody.get("/console/sign-in?to=" + Browsing.encoded(to)).expect(200).body();
    assertEquals("/console", Browsing.hidden(form, "to"));
  }

  @Test
  void aRoleMayWhatItMay() {
    Person viewer = Person.as("vera", "viewer");
    Person operator = Person.as("oscar", "operator");
    Person administrator = Person.as("anna", "administrator");
    String model = Rest.model("signed-model", "full");
    viewer.get("/api/v1/models").expect(200);
    viewer
        .rest("POST", "models", model, "X-CSRF", viewer.csrf())
        .expectProblem(403, "forbidden", null, "needs the role operator");
    viewer.post("/console/models", viewer.csrf(), "name", "x").expect(403);
    operator.rest("POST", "models", model, "X-CSRF", operator.csrf()).expect(201);
    for (String guarded : new String[] {"/api/v1/keys", "/api/v1/teams", "/api/v1/users"}) {
      viewer.get(guarded).expect(403);
      operator.get(guarded).expect(403);
      administrator.get(guarded).expect(200);
    }
    operator.get("/console/users").expect(403);
    teamOf(operator, "of-oscar", "X-CSRF", operator.csrf()).expect(403);
    teamOf(administrator, "of-anna", "X-CSRF", administrator.csrf()).expect(201);
    assertTrue(viewer.get("/console/recordings").body().contains("You are a viewer"));
    assertFalse(operator.get("/console/recordings").body().contains("You are a viewer"));
    assertFalse(viewer.get("/console/jobs").body().contains("/console/users"));
    assertTrue(administrator.get("/console/jobs").body().contains("/console/users"));
  }

  @Test
  void aChangeBringsTheTokenOfItsOwnSession() {
    Person right = Person.as("carl", "administrator");
    Person other = Person.as("cleo", "administrator");
    teamOf(right, "forged").expectProblem(403, "forged", null, "X-CSRF");
    teamOf(right, "forged", "X-CSRF", "").expectProblem(403, "forged", null, "X-CSRF");
    teamOf(right, "forged", "X-CSRF", other.csrf()).expectProblem(403, "forged", null, "X-CSRF");
    teamOf(right, "forged", "X-CSRF", right.csrf(), "Sec-Fetch-Site", "cross-site")
        .expectProblem(403, "forged", null, "X-CSRF");
    right.rest("DELETE", "teams/nobody", null).expect(403);
    for (String path : new String[] {"/console/users", "/console/account", "/console/sign-out"}) {
      right.post(path, other.csrf(), "name", "forged", "role", "viewer").expect(403);
      right.post(path, "", "name", "forged", "role", "viewer").expect(403);
    }
    assertTrue(right.isIn());
    Person.admin("GET", "users/forged", null).expect(404);
    new Person().post("/console/sign-in", "x", "user", "carl", "password", "x").expect(403);
    teamOf(right, "forged-not", "X-CSRF", right.csrf()).expect(201);
  }

  @Test
  void aFormWithAFileBringsTheTokenOfTheSessionToo() {
    Person operator = Person.as("imogen", "operator");
    String line = Datasets.line("q", "train", 1);
    operator.upload("A".repeat(43), "of-imogen", line).expect(403);
    operator.upload("", "of-imogen", line).expect(403);
    operator.upload(operator.csrf(), "of-imogen", line).expect(303);
    Person viewer = Person.as("victor", "viewer");
    viewer.upload(viewer.csrf(), "of-victor", line).expect(403);
    new Person().upload(operator.csrf(), "of-nobody", line).expect(401);
    for (String name : new String[] {"of-victor", "of-nobody"}) {
      operator.get("/api/v1/datasets/" + name).expect(404);
    }
  }

  @Test
  void aSessionThatABrowserWasGivenIsNotTheOneAfterSigningIn() {
    Person.as("fay", "viewer");
    Person attacker = Person.as("mallory", "viewer");
    String planted = attacker.session();
    var victim = new Person();
    victim.bring(Person.SESSION, planted);
    victim.signIn("fay", Person.password("fay")).expect(303);
    assertNotEquals(planted, victim.session());
    assertFalse(attacker.isIn(), "the planted one ended");
    var invented = new Person();
    invented.bring(Person.SESSION, "A".repeat(43));
    assertFalse(invented.isIn());
    invented.signIn("fay", Person.password("fay")).expect(303);
    assertNotEquals("A".repeat(43), invented.session());
    String over = invented.session();
    invented.send("/console/sign-out").expect(303);
    assertNull(invented.session());
    invented.bring(Person.SESSION, over);
    assertFalse(invented.isIn());
    assertTrue(victim.isIn());
  }

  @Test
  void whatEndsSessions() {
    Person first = Person.as("sam", "operator");
    var second = new Person();
    second.signIn("sam", Person.password("sam")).expect(303);
    Person.admin("PATCH", "users/sam", "{\"role\": \"operator\"}").expect(200);
    assertTrue(first.isIn(), "nothing changed");
    Person.admin("PATCH", "users/sam", "{\"role\": \"viewer\"}").expect(200);
    assertFalse(first.isIn() || second.isIn());
    first.signIn("sam", Person.password("sam")).expect(303);
    second.signIn("sam", Person.password("sam")).expect(303);
    String fresh = "another one altogether";
    first
        .send("/console/account", "old", Person.password("sam"), "password", fresh, "again", fresh)
        .expect(303);
    assertTrue(first.isIn());
    assertFalse(second.isIn());
    Person.admin("PATCH", "users/sam", "{\"disabled\": true}").expect(200);
    assertFalse(first.isIn());
    assertEquals(401, second.signIn("sam", fresh).status());
    Person.admin("PATCH", "users/sam", "{\"disabled\": false}").expect(200);
    second.signIn("sam", fresh).expect(303);
    String once =
        Person.admin("POST", "users/sam/reset", "").expect(200).json().path("password").asText();
    assertFalse(second.isIn());
    assertEquals(401, second.signIn("sam", fresh).status());
    second.signIn("sam", once).expect(303);
    second.get("/api/v1/models").expect(403);
  }

  @Test
  void whoGuessesHasToWaitWhetherThereIsSuchAUserOrNot() {
    Person.as("gus", "viewer");
    for (String name : new String[] {"gus", "nobody-at-all"}) {
      var guesser = new Person();
      String said = null;
      for (int i = 0; i < 5; i++) {
        String body = guesser.signIn(name, "guess " + i).expect(401).body();
        body = body.replaceAll("trace <code>[0-9a-f]*", "").replaceAll("value=\"[^\"]*\"", "");
        assertTrue(said == null || said.equals(body), body);
        said = body;
      }
      Answer waits = guesser.signIn(name, Person.password(name)).expect(429);
      int seconds = Integer.parseInt(waits.header("Retry-After"));
      assertTrue(seconds >= 1 && seconds <= 2, "seconds: " + seconds);
      Browsing.page(waits);
    }
    String once = Person.admin("POST", "users/gus/reset", "").json().path("password").asText();
    new Person().signIn("gus", once).expect(303);
  }

  @Test
  void theAuditLogTellsWhoReallyDidIt() {
    Person person = Person.as("dora", "administrator");
    teamOf(person, "of-dora", "X-CSRF", person.csrf(), "X-Tutti-User", "somebody else").expect(201);
    JsonNode log = Person.admin("GET", "audit?name=of-dora", null).json();
    assertEquals("dora", log.at("/items/0/user").asText());
    JsonNode own = Person.admin("GET", "audit?name=dora", null).json().path("items");
    assertEquals("sign_in", own.at("/0/action").asText());
    assertEquals("password", own.at("/1/action").asText());
    assertEquals("create", own.at("/3/action").asText());
    assertTrue(own.at("/3/user").asText().startsWith("key-"), own.toString());
    String all = Person.admin("GET", "audit?limit=200", null).body();
    assertFalse(all.contains(Person.password("dora")) || all.contains(person.session()));
  }

  @Test
  void whatIsTypedIsShownAsItIs() {
    Answer refused =
        Browsing.page(new Person().signIn("\"><script>alert(1)</script>", "x").expect(401));
    assertFalse(refused.body().contains("<script>alert"), refused.body());
    // A browser must not send the password elsewhere, nor a page be told it.
    assertFalse(
        new Person()
            .signIn("' or 1=1 --", "secret word")
            .expect(401)
            .body()
            .contains("secret word"));
  }
}
