package dev.tutti.router.api.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.router.testing.Admin;
import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Neighbourhood;
import dev.tutti.router.v1.Activity;
import dev.tutti.router.v1.ActivityPeriod;
import dev.tutti.router.v1.GetActivityRequest;
import dev.tutti.router.v1.GetActivityResponse;
import dev.tutti.router.v1.GetLeaderboardRequest;
import dev.tutti.router.v1.GetLeaderboardResponse;
import dev.tutti.router.v1.GetStandingRequest;
import dev.tutti.router.v1.GetStandingResponse;
import dev.tutti.router.v1.MemberStanding;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(Neighbourhood.class)
class ActivityEndpointTest {

  @BeforeEach
  @AfterEach
  void calm() {
    Neighbourhood.calm();
  }

  private static GetActivityResponse of(String ensemble) {
    return Admin.activity(
        stub ->
            stub.getActivity(
                GetActivityRequest.newBuilder()
                    .setPeriod(ActivityPeriod.ACTIVITY_PERIOD_MONTH)
                    .setEnsemble(ensemble)
                    .build()));
  }

  private static void await(BooleanSupplier so) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!so.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "it did not come about in time");
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  /** The scripted answers have 3 tokens read, 3 written, and cost 0.25. */
  @Test
  void whatIsAskedIsCountedOnceWithHowItEnded() {
    Activity before = of("blend-mixed").getAll();
    Activity everything = of("").getAll();
    assertEquals(200, Http.chat("blend-mixed").status());
    assertEquals(200, Http.chat("blend-mixed").status());
    Neighbourhood.decoder.script(
        (_, _) -> {
          throw new Failure.Internal("BUG", "Bug.").exception();
        });
    assertTrue(Http.chat("blend-mixed").status() >= 500);
    assertEquals(404, Http.chat("nobody-at-all").status());
    await(() -> of("blend-mixed").getAll().getRequests() == before.getRequests() + 3);
    Activity after = of("blend-mixed").getAll();
    assertEquals(1, after.getFailures() - before.getFailures());
    assertEquals(2, after.getCompared() - before.getCompared());
    assertEquals(0.5, after.getCostUsd() - before.getCostUsd(), 1e-9);
    assertEquals(0.5, after.getComparedUsd() - before.getComparedUsd(), 1e-9);
    // Whoever is called costs 0.25; the other one nearly nothing.
    assertEquals(0.5, after.getDearestUsd() - before.getDearestUsd(), 1e-9);
    assertTrue(after.getP50Seconds() > 0 && after.getP50Seconds() <= after.getP95Seconds());
    assertTrue(of("").getAll().getRequests() >= everything.getRequests() + 3);
    assertTrue(
        of("").getEnsemblesList().stream().anyMatch(e -> e.getEnsemble().equals("blend-mixed")));
    GetActivityResponse one = of("blend-mixed");
    assertEquals(30, one.getStepsCount());
    assertEquals(86_400, one.getStepSeconds());
    assertEquals(one.getAll().getRequests(), one.getEnsembles(0).getActivity().getRequests());
    assertEquals(0, of("nobody-at-all").getAll().getRequests());
    assertEquals(
        12,
        Admin.activity(
                stub ->
                    stub.getActivity(
                        GetActivityRequest.newBuilder()
                            .setPeriod(ActivityPeriod.ACTIVITY_PERIOD_HOUR)
                            .build()))
            .getStepsCount());
  }

  @Test
  void anEmbeddingIsCountedAndARouteThatAsksNobodyIsNot() {
    long before = of("embedder").getAll().getRequests();
    long routes = of("blend-counted").getAll().getRequests();
    Http.post(
        "/v1/route",
        "{\"model\": \"blend-counted\", \"messages\": [{\"role\": \"user\", \"content\": \"?\"}]}");
    assertEquals(
        200, Http.post("/v1/embeddings", "{\"model\": \"embedder\", \"input\": \"x\"}").status());
    await(() -> of("embedder").getAll().getRequests() == before + 1);
    assertEquals(routes, of("blend-counted").getAll().getRequests());
  }

  @Test
  void whatIsSaidMakesALeaderboard() {
    Http.Answer answer = Http.chat("vote-drop");
    String decision = answer.header("x-tutti-decision-id");
    long before = pieces("vote-drop", "");
    for (String said : List.of("\"rating\": 1", "\"rating\": 0.5, \"domain\": \"board-x\"")) {
      Http.Answer kept =
          Http.post(
              "/v1/feedback",
              "{\"decision\": \"%s\", \"member\": \"anna\", %s}".formatted(decision, said));
      assertEquals(200, kept.status(), kept.body());
    }
    await(() -> pieces("vote-drop", "") == before + 2);
    assertEquals(1, pieces("vote-drop", "board-x"));
    GetLeaderboardResponse board = board("vote-drop", "board-x", 1);
    assertEquals(1, board.getMembersInAll());
    assertEquals("anna", board.getMembers(0).getMember());
    assertEquals(1_000, board.getMembers(0).getRating().getPoints(), 1e-9);
    assertEquals(1, board.getMembers(0).getHistoryCount());
    assertEquals(0.5, board.getMembers(0).getQuality().getMean());
    assertTrue(board.getEnsemblesList().contains("vote-drop"));
    assertTrue(board.getDomainsList().contains("board-x"));
    assertEquals(before + 2, board.getFeedback(0).getRatings());
    assertEquals(0, board.getArmsCount());
    assertEquals(0, board("'; drop table router.standing; --", "", 0).getMembersInAll());
    for (int days : new int[] {-1, 367}) {
      var e = assertThrows(StatusRuntimeException.class, () -> board("", "", days));
      assertEquals(Status.Code.INVALID_ARGUMENT, e.getStatus().getCode());
    }
    assertThrows(StatusRuntimeException.class, () -> board("", "a\0b", 1));
  }

  private static GetLeaderboardResponse board(String ensemble, String domain, int days) {
    return Admin.activity(
        stub ->
            stub.getLeaderboard(
                GetLeaderboardRequest.newBuilder()
                    .setEnsemble(ensemble)
                    .setDomain(domain)
                    .setDays(days)
                    .build()));
  }

  private static long pieces(String ensemble, String domain) {
    return board(ensemble, domain, 30).getMembersList().stream()
        .mapToLong(MemberStanding::getPieces)
        .sum();
  }

  @Test
  void itTellsHowItStands() {
    GetStandingResponse standing =
        Admin.activity(stub -> stub.getStanding(GetStandingRequest.getDefaultInstance()));
    assertTrue(standing.getRegistryConnected());
    assertFalse(standing.getKeysRequired());
    assertEquals(0, standing.getAwayCount());
    assertEquals(0, standing.getCannotAnswerInAll());
    assertEquals("", standing.getDatabaseFailure());
  }
}
