package dev.tutti.registry.api;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.kit.testing.MetricsRules;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.Surroundings;
import io.grpc.Metadata;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class ObservabilityTest {

  private static final Metadata.Key<String> TRACEPARENT =
      Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);

  @Test
  void theTraceGoesThroughToTheNeighboursAndIntoProblems() {
    String trace = "0af7651916cd43dd8448eb211c80319c";
    String parent = "00-" + trace + "-b7ad6b7169203331-01";
    List<Metadata> headers = Surroundings.open().headers();
    int before = headers.size();
    Rest.post("models", Rest.model("traced", "full"), "traceparent", parent).expect(201);
    // Inspect; then List of all four and Validate of one.
    assertTraced(headers.subList(before, headers.size()), 1, trace);
    int between = headers.size();
    Rest.post("ensembles", Rest.ensemble("traced-e", "coin", "m:traced"), "traceparent", parent)
        .expect(201);
    assertTraced(headers.subList(between, headers.size()), 5, trace);
    assertEquals(
        trace, Rest.get("models/nobody", "traceparent", parent).json().path("trace_id").asText());
  }

  private static void assertTraced(List<Metadata> calls, int count, String trace) {
    assertEquals(count, calls.size());
    for (Metadata call : calls) {
      assertTrue(String.valueOf(call.get(TRACEPARENT)).startsWith("00-" + trace), call.toString());
    }
  }

  @Test
  void changesAreCounted() {
    double before = changes();
    Rest.createModel("counted", "full");
    Rest.post("models", Rest.model("counted", "full")).expect(409);
    Rest.post("models?validate_only=true", Rest.model("counted-2", "full")).expect(200);
    assertEquals(before + 1, changes());
    double revision = Rest.get("audit?limit=1").json().at("/items/0/revision").asDouble();
    await().until(() -> Rest.metric("tutti_registry_revision") == revision);
    assertTrue(Rest.metric("tutti_registry_models") >= 1);
  }

  @Test
  void everyMetricSaysWhatItIs() {
    Rest.createModel("measured", "full");
    MetricsRules.check(Rest.operators("/metrics").expect(200).body());
  }

  private static double changes() {
    return Rest.metric("tutti_registry_changes_total", "action=\"create\"", "kind=\"model\"");
  }

  @Test
  void allProbesAnswer() {
    for (String probe : List.of("started", "live", "ready")) {
      assertEquals(
          "UP", Rest.operators("/health/" + probe).expect(200).json().path("status").asText());
    }
  }

  @Test
  void theDescriptionSaysEveryFieldAndEveryProblem() {
    JsonNode description = Rest.get("/q/openapi?format=json").expect(200).json();
    var ids = new HashSet<String>();
    int operations = 0;
    for (JsonNode path : description.path("paths")) {
      for (JsonNode operation : path) {
        operations++;
        assertTrue(ids.add(operation.path("operationId").asText()), operation.toString());
        assertFalse(operation.path("summary").asText().isEmpty(), operation.toString());
        operation
            .path("responses")
            .properties()
            .forEach(
                response -> {
                  if (response.getKey().compareTo("400") >= 0) {
                    assertEquals(
                        "#/components/schemas/Problem",
                        response
                            .getValue()
                            .path("content")
                            .path("application/problem+json")
                            .at("/schema/$ref")
                            .asText(),
                        operation.path("operationId").asText() + " " + response.getKey());
                  }
                });
      }
    }
    assertEquals(88, operations);
    // What is described once for models and ensembles says which of them it is.
    assertFalse(description.toString().contains("ENTRY"));
    for (String type : List.of("Model", "Ensemble")) {
      String path = "/api/v1/%ss/{name}".formatted(type.toLowerCase(Locale.ROOT));
      JsonNode get = description.path("paths").path(path).path("get");
      assertEquals("get" + type, get.path("operationId").asText());
      assertEquals(
          "#/components/schemas/" + type,
          get.at("/responses/200/content/application~1json/schema/$ref").asText());
      assertEquals(
          "#/components/schemas/%sPage".formatted(type),
          description
              .path("paths")
              .path(path + "/versions")
              .at("/get/responses/200/content/application~1json/schema/$ref")
              .asText());
    }
    for (String schema :
        List.of(
            "Model",
            "Ensemble",
            "Problem",
            "AuditEntry",
            "MethodList",
            "DatasetItem",
            "DatasetSlice",
            "DatasetMember",
            "QueryItem",
            "Outcome",
            "JobItem",
            "RefusedLine",
            "Artifact",
            "ArtifactVersion",
            "ArtifactChange",
            "Comparison",
            "ComparedVersion",
            "ComparedPair",
            "SetResult",
            "CostPoint",
            "ShadowReport",
            "FitOrder",
            "EvaluationOrder",
            "VersionChoice",
            "Learner",
            "Activity",
            "Leaderboard",
            "EloRating",
            "Quality",
            "RatingDay",
            "MemberStanding",
            "FeedbackDay",
            "ArmStanding",
            "ActivityFigures",
            "ActivityStep",
            "EnsembleActivity",
            "Platform",
            "ServiceStanding",
            "ModelsStanding",
            "EndpointStanding",
            "UnloadedModel",
            "Doors",
            "Waiting",
            "DayBudget",
            "BudgetReset",
            "DecisionBrief",
            "KeptFeedback",
            "Preference",
            "Method",
            "Role",
            "Fit",
            "Setting")) {
      JsonNode properties = description.at("/components/schemas/" + schema + "/properties");
      assertFalse(properties.isEmpty(), schema);
      properties
          .properties()
          .forEach(
              p -> {
                assertTrue(p.getKey().matches("[a-z][a-z0-9_]*"), p.getKey());
                assertFalse(p.getValue().path("description").asText().isEmpty(), schema + "." + p);
              });
    }
  }
}
