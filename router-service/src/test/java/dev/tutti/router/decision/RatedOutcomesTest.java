package dev.tutti.router.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.util.Timestamps;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.method.v1.Family;
import dev.tutti.router.testing.Admin;
import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Neighbourhood;
import dev.tutti.router.v1.RatedDecision;
import dev.tutti.router.v1.RatedMember;
import dev.tutti.router.v1.ReadRatedDecisionsRequest;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Rated decisions, as datasets are made of them. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class RatedOutcomesTest {

  @BeforeAll
  static void anEnsembleIsRegistered() {
    Neighbourhood.calm();
    Neighbourhood.registry.tell(
        Neighbourhood.usual().toBuilder()
            .addEnsembles(
                Neighbourhood.ensemble("rated", Family.FAMILY_ROUTER, "eagle", "anna", "bert"))
            .build());
    await(() -> Http.chat("rated").status() == 200);
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "waited 30 s");
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }

  @AfterAll
  static void asBefore() {
    Neighbourhood.registry.tell(Neighbourhood.usual());
  }

  private static String decided(String... ratings) {
    Http.Answer answer = Http.chat("rated");
    String id = answer.header("x-tutti-decision-id");
    for (String rating : ratings) {
      assertEquals(
          200,
          Http.post("/v1/feedback", "{\"decision\": \"%s\", %s}".formatted(id, rating)).status());
    }
    // Decisions are written behind the answer.
    await(() -> Http.get("/v1/decisions/" + id).status() == 200);
    await(
        () -> ratings.length == 0 || ratings[0].contains("comparison") || !read(of(id)).isEmpty());
    return id;
  }

  private static List<RatedDecision> read(ReadRatedDecisionsRequest.Builder request) {
    return Admin.rated(request.build());
  }

  private static ReadRatedDecisionsRequest.Builder of(String... ids) {
    return ReadRatedDecisionsRequest.newBuilder().addAllDecisions(List.of(ids));
  }

  @Test
  void onlyWhatIsRatedIsToldWithItsMean() {
    String twice =
        decided(
            "\"rating\": 0.25, \"key\": \"a\", \"domain\": \"sums\"",
            "\"correct\": true, \"domain\": \"all\"");
    String once = decided("\"rating\": 0.5");
    String never = decided();
    String compared = decided("\"comparison\": {\"winner\": \"anna\", \"loser\": \"bert\"}");
    List<RatedDecision> found = read(of(never, once, twice, compared, "nobody's", "null\0", once));
    assertEquals(List.of(once, twice), found.stream().map(RatedDecision::getId).toList());
    RatedDecision decision = found.getLast();
    assertEquals("rated", decision.getEnsemble());
    assertTrue(Timestamps.isValid(decision.getTime()) && decision.hasTime());
    assertEquals(1, decision.getMembersCount());
    assertEquals("all", decision.getDomain());
    assertEquals("", found.getFirst().getDomain());
    RatedMember member = decision.getMembers(0);
    assertTrue(List.of("anna", "bert").contains(member.getMember()), member.toString());
    assertEquals(0.625, member.getScore(), 1e-12);
    assertEquals(2, member.getRatings());
    assertTrue(member.hasCostUsd(), member.toString());
    assertEquals(List.of(twice), ids(read(of(twice, once).setLeastRatings(2))));
  }

  @Test
  void whatIsNotAskedForIsLeftOut() {
    String id = decided("\"rating\": 1");
    RatedDecision decision = read(of(id)).getFirst();
    assertEquals(List.of(id), ids(read(of(id).addEnsembles("rated").addEnsembles("other"))));
    assertEquals(List.of(), read(of(id).addEnsembles("other")));
    var time = decision.getTime();
    assertEquals(List.of(id), ids(read(of(id).setFrom(time))));
    assertEquals(List.of(), read(of(id).setTo(time)));
    var later = Timestamps.fromMillis(Timestamps.toMillis(time) + 1);
    assertEquals(List.of(), read(of(id).setFrom(later)));
    assertEquals(List.of(id), ids(read(of(id).setTo(later))));
  }

  @Test
  void whatIsNoQuestionIsRefused() {
    refused("decisions", ReadRatedDecisionsRequest.newBuilder());
    refused("least_ratings", of("a").setLeastRatings(-1));
  }

  private static void refused(String field, ReadRatedDecisionsRequest.Builder request) {
    StatusRuntimeException refusal =
        assertThrows(StatusRuntimeException.class, () -> read(request));
    assertEquals(field, ((Failure.InvalidArgument) FailureStatus.fromThrowable(refusal)).field());
  }

  private static List<String> ids(List<RatedDecision> decisions) {
    return decisions.stream().map(RatedDecision::getId).toList();
  }
}
