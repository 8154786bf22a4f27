package dev.tutti.router.feedback;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.router.activity.StandingReport;
import dev.tutti.router.activity.StandingTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How members compare, in a database without a service. */
class StandingTest {

  @RegisterExtension static final TestDatabase POSTGRES = new TestDatabase();

  private static final LocalDate FIRST = LocalDate.of(2026, 11, 1);

  private final StandingTable table = new StandingTable();
  private final StandingReport report = new StandingReport();
  private int said;

  /** Something said at noon of a day of November, in the order of learning. */
  private void say(
      int day,
      String ensemble,
      String domain,
      String kind,
      String member,
      String other,
      double score)
      throws SQLException {
    said++;
    try (Connection connection = POSTGRES.database().connect();
        var insert =
            connection.prepareStatement(
                """
                insert into router.feedback (key, content, time, decision, ensemble,
                  ensemble_version, method, kind, member, other, score, source, pool, position,
                  domain)
                values (?, '', ?::timestamptz, 'd', ?, 1, 'any', ?, ?, ?, ?, 'person', '{}', ?, ?)""")) {
      insert.setString(1, "k" + said);
      insert.setString(2, "2026-11-%02dT12:00:00Z".formatted(day));
      insert.setString(3, ensemble);
      insert.setString(4, kind);
      insert.setString(5, member);
      insert.setString(6, other);
      insert.setDouble(7, score);
      insert.setLong(8, said);
      insert.setString(9, domain);
      insert.executeUpdate();
    }
  }

  private boolean fold(int most) throws SQLException {
    return POSTGRES.database().within(connection -> table.fold(connection, most));
  }

  private StandingReport.Board board(String ensemble, String domain, LocalDate from)
      throws SQLException {
    try (Connection connection = POSTGRES.database().connect()) {
      return report.board(connection, ensemble, domain, from);
    }
  }

  @Test
  void eachPieceMovesItsMembersOnceByEnsembleAndDomainAndOverAll() throws SQLException {
    say(3, "e", "math", "comparison", "a", "b", 1);
    say(4, "e", null, "correct", "a", null, 1);
    say(4, "e", "law", "failed", "a", null, 0);
    say(5, "f", null, "rating", "a", null, 0.25);
    assertTrue(fold(3));
    assertFalse(fold(3));
    assertFalse(fold(3));
    StandingReport.Board e = board("e", "", FIRST);
    assertEquals(2, e.count());
    // 1,016, then against 1,000 with an expectation of .52301: 16 less .73636.
    assertEquals("a", e.members().getFirst().name());
    assertEquals(1_031.26369, e.members().getFirst().rating().points(), 1e-4);
    assertEquals(2, e.members().getFirst().pieces());
    assertEquals(1, e.members().getFirst().quality().orElseThrow().ratings());
    assertEquals(984, e.members().getLast().rating().points(), 1e-9);
    assertTrue(e.members().getLast().quality().isEmpty());
    StandingReport.Rated rated = e.members().getFirst().rating();
    assertEquals(rated.points() - rated.low(), rated.high() - rated.points(), 1e-9);
    StandingReport.Board math = board("e", "math", FIRST);
    assertEquals(1_016, math.members().getFirst().rating().points(), 1e-9);
    // A call that failed makes no rating.
    assertEquals(0, board("e", "law", FIRST).count());
    assertEquals(2, board("", "", FIRST).count());
    assertEquals(3, board("", "", FIRST).members().getFirst().pieces());
    assertEquals(
        992, board("f", "", FIRST).members().getFirst().rating().points(), 1e-9, "32 (.25 - .5)");
    try (Connection connection = POSTGRES.database().connect()) {
      assertEquals(List.of("e", "f"), report.ensembles(connection));
      assertEquals(List.of("law", "math"), report.domains(connection, "e"));
      assertEquals(List.of("law", "math"), report.domains(connection, ""));
      assertEquals(List.of(), report.domains(connection, "f"));
      assertEquals(
          List.of(
              new StandingReport.Volume(LocalDate.of(2026, 11, 3), 0, 1, 0),
              new StandingReport.Volume(LocalDate.of(2026, 11, 4), 1, 0, 1)),
          report.volume(connection, "e", FIRST));
      assertEquals(3, report.volume(connection, "", FIRST).size());
      assertEquals(1, report.volume(connection, "", LocalDate.of(2026, 11, 5)).size());
      var qualities = report.qualities(connection, List.of("e", "f"));
      assertEquals(0.25, qualities.get("f").get("a").mean());
      assertFalse(qualities.get("e").containsKey("b"));
    }
  }

  @Test
  void theHistoryTellsTheEndOfEachDayFromWhatWasKnownBefore() throws SQLException {
    say(3, "e", null, "correct", "a", null, 1);
    say(3, "e", null, "correct", "a", null, 0);
    say(10, "e", null, "correct", "a", null, 1);
    // Said before, but learned later: days do not go back.
    say(9, "e", null, "correct", "a", null, 1);
    fold(100);
    say(12, "e", null, "correct", "a", null, 0);
    fold(100);
    List<StandingReport.At> all = board("e", "", FIRST).members().getFirst().history();
    assertEquals(List.of(3, 10, 12), all.stream().map(at -> at.day().getDayOfMonth()).toList());
    List<StandingReport.At> late =
        board("e", "", LocalDate.of(2026, 11, 7)).members().getFirst().history();
    assertEquals(List.of(7, 10, 12), late.stream().map(at -> at.day().getDayOfMonth()).toList());
    assertEquals(all.getFirst().rating(), late.getFirst().rating());
    assertEquals(all.getLast().rating(), board("e", "", FIRST).members().getFirst().rating());
    assertTrue(all.get(1).rating().points() > all.getFirst().rating().points());
    assertTrue(
        all.getLast().rating().high() - all.getLast().rating().low()
            < all.getFirst().rating().high() - all.getFirst().rating().low());
  }

  @Test
  void inPiecesOrAtOnceItIsTheSame() throws SQLException {
    for (int i = 0; i < 60; i++) {
      say(
          1 + i / 10,
          i % 2 == 0 ? "e" : "f",
          i % 3 == 0 ? "math" : null,
          i % 4 == 0 ? "comparison" : "rating",
          "m" + i % 5,
          i % 4 == 0 ? "m" + (i + 1) % 5 : null,
          i % 4 == 0 ? 1 : i / 60.0);
    }
    while (fold(7)) {
      // Goes on.
    }
    StandingReport.Board pieces = board("", "", FIRST);
    StandingReport.Board math = board("e", "math", FIRST);
    try (Connection connection = POSTGRES.database().connect();
        var statement = connection.createStatement()) {
      statement.execute(
          "truncate router.standing, router.standing_day, router.standing_board, router.feedback_day, router.standing_progress");
    }
    fold(1_000);
    assertEquals(pieces, board("", "", FIRST));
    assertEquals(math, board("e", "math", FIRST));
  }

  @Test
  void whatNamesNobodyOrOneTwiceIsPassedOver() throws SQLException {
    say(1, "e", null, "comparison", "a", "a", 1);
    say(1, "", "math", "comparison", "", null, 1);
    say(1, "", null, "rating", "", null, 1);
    say(1, "e", null, "comparison", "a", "b", 1);
    say(1, "", null, "failed", "", null, 0);
    assertTrue(fold(2));
    assertTrue(fold(2));
    assertFalse(fold(2));
    assertFalse(fold(2));
    for (String ensemble : List.of("", "e")) {
      StandingReport.Board its = board(ensemble, "", FIRST);
      assertEquals(2, its.count(), ensemble);
      assertEquals("a", its.members().getFirst().name());
      assertEquals(1_016, its.members().getFirst().rating().points(), 1e-9);
      assertEquals(1, its.members().getFirst().pieces());
    }
    try (Connection connection = POSTGRES.database().connect()) {
      assertEquals(List.of(), report.domains(connection, ""));
      assertEquals(
          List.of(new StandingReport.Volume(FIRST, 0, 1, 0)), report.volume(connection, "", FIRST));
    }
  }

  /** A recipe that somebody sends is called what they like. */
  @Test
  void aRecipesNameIsNoEnsemble() throws SQLException {
    say(1, "e", null, "correct", "a", null, 1);
    say(1, "e", "math", "correct", "a", null, 0);
    say(1, "made up", null, "comparison", "b", "a", 1);
    try (Connection connection = POSTGRES.database().connect();
        var statement = connection.createStatement()) {
      statement.execute("update router.feedback set ensemble_version = 0 where position > 1");
    }
    fold(100);
    assertEquals(1, board("e", "", FIRST).members().getFirst().pieces());
    assertEquals(2, board("", "", FIRST).count());
    assertEquals(1, board("", "math", FIRST).count());
    try (Connection connection = POSTGRES.database().connect()) {
      assertEquals(List.of("e"), report.ensembles(connection));
      assertEquals(
          List.of(new StandingReport.Volume(FIRST, 2, 1, 0)), report.volume(connection, "", FIRST));
    }
  }

  /** Who gives feedback chooses its domains: there is an end to it. */
  @Test
  void domainsThatAreTooManyCountInTheWholeAlone() throws SQLException {
    for (int i = 0; i < 53; i++) {
      say(1, "e", "d%02d".formatted(i), "correct", "a", null, 1);
    }
    fold(1_000);
    try (Connection connection = POSTGRES.database().connect()) {
      assertEquals(50, report.domains(connection, "e").size());
    }
    assertEquals(53, board("e", "", FIRST).members().getFirst().pieces());
    assertEquals(0, board("e", "d52", FIRST).count());
  }
}
