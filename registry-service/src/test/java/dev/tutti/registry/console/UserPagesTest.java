package dev.tutti.registry.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.Rest.Answer;
import dev.tutti.registry.watch.ServicesOnlyTest;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@QuarkusTest
@TestProfile(ServicesOnlyTest.Required.class)
@ExtendWith(OfRegistry.class)
class UserPagesTest {

  private static final Pattern SECRET =
      Pattern.compile("<code class=\"secret\"[^>]*>([a-z0-9-]+)<");

  @Inject DataSource database;

  /** Whoever failed too often has to wait, from wherever they come. */
  @BeforeEach
  @AfterEach
  void forgetFailures() throws SQLException {
    try (var connection = database.getConnection();
        var delete = connection.prepareStatement("delete from registry.sign_in_try")) {
      delete.executeUpdate();
    }
  }

  @Test
  void aUserIsMadeWithAPasswordThatIsShownOnce() {
    Person boss = Person.as("boss", "administrator");
    Browsing.page(boss.get("/console/users").expect(200));
    Answer wrong =
        Browsing.page(
            boss.send("/console/users", "name", "No \"Name\"<b>", "role", "king").expect(422));
    assertTrue(wrong.body().contains("No &quot;Name&quot;&lt;b&gt;"), wrong.body());
    Answer made =
        Browsing.page(boss.send("/console/users", "name", "mia", "role", "viewer").expect(200));
    var matcher = SECRET.matcher(made.body());
    assertTrue(matcher.find(), made.body());
    String once = matcher.group(1);
    assertTrue(once.matches("([a-z2-9]{4}-){4}[a-z2-9]{4}"), once);
    Browsing.page(boss.send("/console/users", "name", "mia", "role", "viewer").expect(409));
    for (String page : new String[] {"/console/users", "/console/users/mia"}) {
      assertFalse(Browsing.page(boss.get(page).expect(200)).body().contains(once), page);
    }
    String until = Person.admin("GET", "users/mia", null).json().path("one_time_until").asText();
    assertTrue(Instant.parse(until).isAfter(Instant.now()), until);
    for (String page :
        new String[] {"/console/users", "/console/users/mia", "/console/users/~csv"}) {
      assertTrue(boss.get(page).body().contains(until), page);
    }
    new Person().signIn("mia", once).expect(303);
    Answer again = Browsing.page(boss.send("/console/users/mia/reset").expect(200));
    assertFalse(again.body().contains(once));
    assertEquals(401, new Person().signIn("mia", once).status());
    boss.send("/console/users/mia", "role", "operator", "disabled", "true").expect(303);
    JsonNode mia = Person.admin("GET", "users/mia", null).json();
    assertEquals("operator", mia.path("role").asText());
    assertTrue(mia.path("disabled").asBoolean());
    assertEquals(
        1,
        boss.get("/console/users/~csv")
            .body()
            .lines()
            .filter(l -> l.startsWith("mia,operator,true,true,"))
            .count());
    boss.get("/console/users/nobody").expect(404);
  }

  @Test
  void whatAnotherChangedMeanwhileStays() {
    Person boss = Person.as("changer", "administrator");
    Person.make("meanwhile", "viewer");
    String page = boss.get("/console/users/meanwhile").expect(200).body();
    Person.admin("PATCH", "users/meanwhile", "{\"disabled\": true}").expect(200);
    String[] form = {
      "was_role", Browsing.hidden(page, "was_role"),
      "was_disabled", Browsing.hidden(page, "was_disabled"),
      "role", "operator"
    };
    boss.send("/console/users/meanwhile", form).expect(303);
    JsonNode user = Person.admin("GET", "users/meanwhile", null).json();
    assertEquals("operator", user.path("role").asText());
    assertTrue(user.path("disabled").asBoolean(), "the page did not say so");
    form[5] = "viewer";
    boss.send("/console/users/meanwhile", form).expect(303);
    assertEquals(user, Person.admin("GET", "users/meanwhile", null).json(), "nothing was changed");
  }

  @Test
  void theLastAdministratorStaysOne() {
    Person.as("last", "administrator");
    for (JsonNode user : Person.admin("GET", "users?limit=200", null).json().path("items")) {
      if (user.path("role").asText().equals("administrator")
          && !user.path("name").asText().equals("last")) {
        Person.admin("PATCH", "users/" + user.path("name").asText(), "{\"disabled\": true}")
            .expect(200);
      }
    }
    for (String change : new String[] {"{\"disabled\": true}", "{\"role\": \"operator\"}"}) {
      Person.admin("PATCH", "users/last", change)
          .expectProblem(409, "wrong-lifecycle", null, "last administrator");
    }
    var person = new Person();
    person.signIn("last", Person.password("last")).expect(303);
    Browsing.page(person.send("/console/users/last", "role", "viewer").expect(409));
  }

  @Test
  void whatIsWrongIsNamed() {
    Person.admin("POST", "users", "{\"name\": \"A b\"}")
        .expectProblem(422, "invalid", "name", "no name of a user")
        .expectProblem(422, "invalid", "role", "role is required");
    Person.admin("POST", "users", "{\"name\": \"a\", \"role\": \"viewer\", \"hash\": \"\"}")
        .expectProblem(400, "malformed", "hash", "Unknown field");
    Person.admin("PATCH", "users/nobody", "{\"role\": \"viewer\"}").expect(404);
    Person.admin("PATCH", "users/nobody", "{}").expect(400);
    Person.admin("POST", "users/nobody/reset", "").expect(404);
    Rest.get("users").expect(401);
    Person.admin("GET", "users?cursor=x", null).expect(400);
  }

  @Test
  void aOneTimePasswordIsGoodForThreeDays() throws SQLException {
    Person person = Person.as("olga", "viewer");
    JsonNode made = Person.admin("POST", "users/olga/reset", "").expect(200).json();
    Instant until = Instant.parse(made.path("until").asText());
    Duration left = Duration.between(Instant.now(), until);
    assertTrue(
        left.compareTo(Duration.ofDays(3)) <= 0 && left.compareTo(Duration.ofHours(71)) > 0,
        left.toString());
    String once = made.path("password").asText();
    ends("olga", "- interval '4 days'");
    String late = person.signIn("olga", once).expect(401).body();
    assertTrue(late.contains("The one-time password was good until"), late);
    assertFalse(person.signIn("olga", "another").expect(401).body().contains("good until"));
    assertFalse(person.isIn());
    ends("olga", "+ interval '4 days'");
    person.signIn("olga", once).expect(303);
    ends("olga", "- interval '4 days'");
    String fresh = "another one altogether";
    person.send("/console/account", "old", once, "password", fresh, "again", fresh).expect(303);
    person.signIn("olga", fresh).expect(303);
    assertTrue(person.isIn());
  }

  private void ends(String user, String later) throws SQLException {
    try (var connection = database.getConnection();
        var update =
            connection.prepareStatement(
                "update registry.admin_user set one_time_until = one_time_until %s where name = ?"
                    .formatted(later))) {
      update.setString(1, user);
      assertEquals(1, update.executeUpdate());
    }
  }
}
