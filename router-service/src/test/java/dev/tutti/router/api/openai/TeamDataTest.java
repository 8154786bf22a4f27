package dev.tutti.router.api.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.registry.v1.KeyUse;
import dev.tutti.router.testing.Admin;
import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Keys;
import dev.tutti.router.testing.Neighbourhood;
import dev.tutti.router.v1.KeySpend;
import dev.tutti.router.v1.ListKeySpendRequest;
import dev.tutti.team.v1.DeleteTeamDataRequest;
import dev.tutti.team.v1.DeleteTeamDataResponse;
import dev.tutti.team.v1.DeletedData;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is kept of a team's requests, until somebody deletes it; and what is told of its keys. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class TeamDataTest {

  @Inject AgroalDataSource database;

  /** A team a test. */
  private final String team = "t-" + UUID.randomUUID().toString().substring(0, 8);

  private final String key = "k" + team.substring(2);

  @BeforeEach
  void lock() {
    Keys.unlock();
    Neighbourhood.calm();
    Keys.lock(Keys.of(key, team), Keys.of("theirs", "them"), Keys.admin("root"));
  }

  @AfterAll
  static void unlock() {
    Keys.unlock();
  }

  private static String ask(String model, String key, String user) {
    Http.Answer answer = Keys.chat(model, key, "\"user\": \"%s\"".formatted(user));
    assertEquals(200, answer.status(), answer.body());
    return answer.header("x-tutti-decision-id");
  }

  private static void rate(String decision, String by) {
    Http.Answer given =
        Http.post(
            "/v1/feedback",
            "{\"decision\": \"%s\", \"member\": \"anna\", \"rating\": 1, \"comment\": \"of %s\"}"
                .formatted(decision, by),
            "authorization",
            Keys.bearer(by));
    assertEquals(200, given.status(), given.body());
  }

  private static DeleteTeamDataResponse delete(String team, String user) {
    var request = DeleteTeamDataRequest.newBuilder().setTeam(team).setUser(user).build();
    return Admin.teamData(stub -> stub.deleteTeamData(request));
  }

  private static Map<String, Long> counted(DeleteTeamDataResponse response) {
    return response.getDeletedList().stream()
        .collect(Collectors.toMap(DeletedData::getKind, DeletedData::getCount));
  }

  private long count(String sql) {
    try (var connection = database.getConnection();
        var statement = connection.createStatement();
        var row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private static BigDecimal spent(String id) {
    for (JsonNode line : Keys.get("/v1/spend?by=key", "root").json().path("data")) {
      if (line.path("key").asText().equals(id)) {
        return new BigDecimal(line.path("cost_usd").asText());
      }
    }
    return BigDecimal.ZERO;
  }

  @Test
  void aTeamsDecisionsAndFeedbackGoAndWhatItSpentStays() {
    String other = ask("anna", "theirs", "ada");
    rate(other, "theirs");
    String first = ask("blend", key, "ada");
    String second = ask("anna", key, "bo");
    rate(second, key);
    // Whatever waits is written before.
    assertEquals(Map.of("decisions", 2L, "feedback", 1L), counted(delete(team, "")));
    for (String id : List.of(first, second)) {
      assertEquals(404, Keys.get("/v1/decisions/" + id, key).status());
      assertEquals(404, Keys.get("/v1/decisions/" + id, "root").status());
    }
    assertEquals(0, Keys.get("/v1/feedback", key).json().path("data").size());
    assertTrue(spent(key).signum() > 0, "what it spent stays");
    assertEquals(200, Keys.get("/v1/decisions/" + other, "theirs").status());
    assertEquals(
        1, Keys.get("/v1/feedback?decision=" + other, "theirs").json().path("data").size());
    String where = " where team = '%s'".formatted(team);
    assertEquals(0, count("select count(*) from router.decision" + where));
    assertEquals(0, count("select count(*) from router.feedback" + where));
    assertEquals(
        0, count("select count(*) from router.feedback where comment = 'of %s'".formatted(key)));
    assertEquals(Map.of("decisions", 0L, "feedback", 0L), counted(delete(team, "")));
    rate(ask("anna", key, "ada"), key);
  }

  @Test
  void oneUsersRequestsAreFoundByADigestAndTheOthersStay() {
    String theirs = ask("anna", "theirs", "ada");
    String ada = ask("anna", key, "ada");
    String bo = ask("anna", key, "bo");
    rate(ada, key);
    rate(bo, key);
    DeleteTeamDataResponse deleted = delete(team, "ada");
    assertEquals(Map.of("decisions", 1L, "feedback", 1L), counted(deleted));
    assertEquals(List.of(ada), deleted.getRequestsList());
    assertEquals(404, Keys.get("/v1/decisions/" + ada, key).status());
    assertEquals(200, Keys.get("/v1/decisions/" + bo, key).status());
    assertEquals(200, Keys.get("/v1/decisions/" + theirs, "theirs").status(), "another's ada");
    assertEquals(1, Keys.get("/v1/feedback", key).json().path("data").size());
    assertEquals(Map.of("decisions", 0L, "feedback", 0L), counted(delete(team, "nobody")));
    assertEquals(
        0,
        count(
            "select count(*) from router.decision_user u where not exists"
                + " (select from router.decision d where d.id = u.decision)"));
    assertFalse(Keys.get("/v1/decisions/" + bo, key).body().contains("\"bo\""));
  }

  @Test
  void aUsersRequestsAreToldAndThenTheseAloneDeleted() {
    String first = ask("anna", key, "ada");
    String theirs = ask("anna", "theirs", "ada");
    String bo = ask("anna", key, "bo");
    var list = DeleteTeamDataRequest.newBuilder().setTeam(team).setUser("ada").setOnlyList(true);
    DeleteTeamDataResponse told = Admin.teamData(stub -> stub.deleteTeamData(list.build()));
    assertEquals(List.of(first), told.getRequestsList());
    assertEquals(Map.of("decisions", 0L, "feedback", 0L), counted(told));
    assertEquals(200, Keys.get("/v1/decisions/" + first, key).status(), "it is only told");
    String second = ask("anna", key, "ada");
    DeleteTeamDataRequest these =
        list.clone()
            .setOnlyList(false)
            .addAllRequests(List.of(first, theirs, bo, "nobodys"))
            .build();
    DeleteTeamDataResponse deleted = Admin.teamData(stub -> stub.deleteTeamData(these));
    assertEquals(List.of(first), deleted.getRequestsList());
    assertEquals(404, Keys.get("/v1/decisions/" + first, key).status());
    for (String id : List.of(second, bo)) {
      assertEquals(200, Keys.get("/v1/decisions/" + id, key).status());
    }
    assertEquals(200, Keys.get("/v1/decisions/" + theirs, "theirs").status());
    assertEquals(
        List.of(second),
        Admin.teamData(stub -> stub.deleteTeamData(list.build())).getRequestsList());
    for (var wrong : List.of(list.clone().addRequests(second), list.clone().setUser(""))) {
      assertEquals("only_list", field(wrong));
    }
    assertEquals("requests", field(these.toBuilder().setUser("")));
    assertEquals("requests", field(list.clone().setOnlyList(false).addRequests("a\0")));
  }

  /** Over gRPC a client says what its requests are called. */
  @Test
  void whatOnlyLooksLikeOneWithinIsAnothers() {
    String own = ask("anna", key, "ada");
    String theirs = own + ".1";
    Admin.generate(
        Keys.bearer("theirs"),
        GenerateRequest.newBuilder()
            .setRequestId(theirs)
            .setName("anna")
            .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent("Who?"))
            .build());
    rate(theirs, "theirs");
    assertEquals(Map.of("decisions", 1L, "feedback", 0L), counted(delete(team, "")));
    assertEquals(404, Keys.get("/v1/decisions/" + own, key).status());
    assertEquals(
        1, Keys.get("/v1/feedback?decision=" + theirs, "theirs").json().path("data").size());
  }

  /** Whoever follows by numbers would pass over one that is there later than the next. */
  @Test
  void deletionsAreNotedOneAfterTheOther() throws Exception {
    try (var connection = database.getConnection();
        var other = connection.createStatement()) {
      connection.setAutoCommit(false);
      other.execute("select pg_advisory_xact_lock(hashtextextended('tutti team deletion', 0))");
      Thread second = Thread.ofVirtual().start(() -> delete(team, ""));
      String waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted";
      Keys.await(() -> count(waiting) == 1);
      connection.rollback();
      second.join();
    }
    assertEquals(
        1, count("select count(*) from router.team_deletion where team = '%s'".formatted(team)));
  }

  @Test
  void whatIsNoTeamIsRefused() {
    for (String wrong : List.of("", "x".repeat(65))) {
      assertEquals("team", field(wrong, ""));
    }
    assertEquals("user", field(team, "x".repeat(1_025)));
  }

  private static String field(String team, String user) {
    return field(DeleteTeamDataRequest.newBuilder().setTeam(team).setUser(user));
  }

  private static String field(DeleteTeamDataRequest.Builder request) {
    var failure = Admin.refusal(() -> Admin.teamData(stub -> stub.deleteTeamData(request.build())));
    return failure instanceof dev.tutti.kit.grpc.Failure.InvalidArgument its
        ? its.field()
        : failure.toString();
  }

  @Test
  void theRegistryIsToldWhenAKeyWasUsedAndWhatItSpent() {
    for (int i = 0; i < 3; i++) {
      ask("anna", key, "ada");
    }
    Keys.await(() -> told() > 0);
    assertEquals(1, told(), "once a minute");
    Keys.await(() -> spend() != null);
    assertEquals(3, spend().getMonthRequests());
    assertTrue(spend().getMonthUsd() > 0 && spend().getDayUsd() == spend().getMonthUsd());
    // Its series go with it.
    assertTrue(Http.operators("/metrics").body().contains("key=\"%s\"".formatted(key)));
    Keys.lock(Keys.of("theirs", "them"), Keys.admin("root"));
    Keys.await(() -> !Http.operators("/metrics").body().contains("key=\"%s\"".formatted(key)));
  }

  private long told() {
    return Neighbourhood.registry.told().stream()
        .flatMap(its -> its.getUsesList().stream())
        .map(KeyUse::getKey)
        .filter(key::equals)
        .count();
  }

  private KeySpend spend() {
    return Admin.keys(stub -> stub.listKeySpend(ListKeySpendRequest.getDefaultInstance()))
        .getKeysList()
        .stream()
        .filter(its -> its.getKey().equals(key))
        .filter(its -> its.getMonthRequests() == 3)
        .findFirst()
        .orElse(null);
  }
}
