package dev.tutti.router.learning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.router.testing.Admin;
import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Neighbourhood;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From decisions and what was said of them to what another policy would have earned. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class EvaluationTest {

  private static final int DECISIONS = 160;

  @BeforeEach
  void calm() {
    Neighbourhood.calm();
  }

  /** blend draws evenly; anna is right, bert wrong, and either costs a quarter. */
  @Test
  void thePolicyThatAsksTheRightOneWouldHaveEarnedTwiceAsMuch() {
    String from = java.time.Instant.now().toString();
    for (int i = 0; i < DECISIONS; i++) {
      Http.Answer answer = Http.chat("blend", "\"seed\": " + i);
      boolean right = answer.body().contains("anna");
      Http.Answer given =
          Http.post(
              "/v1/feedback",
              "{\"decision\": \"%s\", \"correct\": %s}"
                  .formatted(answer.header("x-tutti-decision-id"), right));
      assertEquals(200, given.status(), given.body());
    }
    // Decisions are written behind their answers.
    until(
        () -> Http.get("/v1/spend?from=" + from),
        answer -> answer.json().findValuesAsText("requests").contains("" + DECISIONS));
    JsonNode anna = evaluated(from, "{\"member\": \"anna\"}", ", \"usd_weight\": 1");
    assertEquals(DECISIONS, anna.at("/decisions").asInt());
    assertEquals(0, anna.at("/unusable_ratings").asInt());
    // What anna earns is always the same: only which decisions it has makes the estimate vary.
    assertEquals(0.75, anna.at("/snips/mean").asDouble(), 1e-9);
    double share = anna.at("/logged/mean").asDouble() + 0.25;
    assertEquals(0.5, share, 0.16);
    assertEquals(2 * share * 0.75, anna.at("/ips/mean").asDouble(), 1e-9);
    assertTrue(anna.at("/doubly_robust/low").asDouble() > 0.6, anna.toString());
    assertTrue(anna.at("/gain/low").asDouble() > 0.3, anna.toString());
    assertEquals(DECISIONS * share, anna.at("/effective_sample_size").asDouble(), 1e-6);

    JsonNode uniform = evaluated(from, "{\"uniform\": true}", "");
    assertEquals(uniform.at("/logged/mean").asDouble(), uniform.at("/ips/mean").asDouble(), 1e-12);
    JsonNode gone = evaluated(from, "{\"weights\": {\"gone\": 1}}", "");
    assertTrue(gone.at("/refused").asText().contains("100.0 %"), gone.toString());
    assertFalse(gone.has("ips"));
    JsonNode shadow = evaluated(from, "{\"shadow\": {\"artifact\": \"none\", \"version\": 1}}", "");
    assertEquals(DECISIONS, shadow.at("/policy_unknown").asInt());
    assertTrue(shadow.has("refused"));
  }

  private static JsonNode evaluated(String from, String policy, String more) {
    String id =
        started(
                "{\"ensemble\": \"blend\", \"from\": \"%s\", \"policy\": %s%s}"
                    .formatted(from, policy, more))
            .at("/id")
            .asText();
    JsonNode ended =
        until(
            () -> Admin.job(id), job -> job.at("/state").asText().matches(".*(SUCCEEDED|FAILED)"));
    assertEquals("JOB_STATE_SUCCEEDED", ended.at("/state").asText(), ended.toString());
    return ended.at("/result");
  }

  /** The job, once the ensemble is known and the database is there. */
  private static JsonNode started(String body) {
    return until(
            () -> {
              try {
                return Optional.of(Admin.evaluate(body));
              } catch (StatusRuntimeException e) {
                return Optional.<JsonNode>empty();
              }
            },
            Optional::isPresent)
        .orElseThrow();
  }

  private static <T> T until(Supplier<T> call, Predicate<T> holds) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (true) {
      T answer = call.get();
      if (holds.test(answer)) {
        return answer;
      }
      assertTrue(System.nanoTime() < end, answer.toString());
      try {
        TimeUnit.MILLISECONDS.sleep(50);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'{\"policy\": {\"uniform\": true}}' | ensemble",
        "'{\"ensemble\": \"blend\"}' | policy",
        "'{\"ensemble\": \"blend\", \"policy\": {}}' | policy",
        "'{\"ensemble\": \"blend\", \"policy\": {\"uniform\": false}}' | policy.uniform",
        "'{\"ensemble\": \"blend\", \"policy\": {\"uniform\": true, \"member\": \"anna\"}}' | policy",
        "'{\"ensemble\": \"blend\", \"policy\": {\"oracle\": true}}' | policy.oracle",
        "'{\"ensemble\": \"blend\", \"policy\": {\"weights\": {\"anna\": -1}}}' | policy.weights.anna",
        "'{\"ensemble\": \"blend\", \"policy\": {\"weights\": {\"anna\": 0}}}' | policy.weights",
        "'{\"ensemble\": \"blend\", \"policy\": {\"shadow\": {\"artifact\": \"a\", \"version\": 0}}}' | policy.shadow.version",
        "'{\"ensemble\": \"blend\", \"policy\": {\"fitted\": {\"method\": \"oracle\", \"settings\": {}}}}' | policy.fitted.method",
        "'{\"ensemble\": \"blend\", \"policy\": {\"fitted\": {\"method\": \"knn\", \"settings\": {\"artifact\": \"x\"}}}}' | policy.fitted.settings.artifact",
        "'{\"ensemble\": \"blend\", \"policy\": {\"fitted\": {\"method\": \"blending\", \"settings\": {}}}}' | policy.fitted.method",
        "'{\"ensemble\": \"anna\", \"policy\": {\"fitted\": {\"method\": \"knn\", \"settings\": {}}}}' | ensemble",
        "'{\"ensemble\": \"blend\", \"policy\": {\"uniform\": true}, \"from\": \"yesterday\"}' | from",
        "'{\"ensemble\": \"blend\", \"policy\": {\"uniform\": true}, \"usd_weight\": -1}' | usd_weight",
        "'{\"ensemble\": \"blend\", \"policy\": {\"uniform\": true}, \"until\": 1}' | until"
      })
  void whatCannotBeEvaluatedIsRefusedByName(String body, String field) {
    Failure refused =
        until(
            () -> Admin.refusal(() -> Admin.evaluate(body)),
            failure -> !(failure instanceof Failure.Unavailable));
    assertEquals(
        "parameters." + field,
        assertInstanceOf(Failure.InvalidArgument.class, refused, refused.toString()).field());
  }
}
