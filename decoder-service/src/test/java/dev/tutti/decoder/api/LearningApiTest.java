package dev.tutti.decoder.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.decoder.wiring.KnownModels;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc.GenerationServiceBlockingStub;
import dev.tutti.job.v1.GetRequest;
import dev.tutti.job.v1.Job;
import dev.tutti.job.v1.JobServiceGrpc.JobServiceBlockingStub;
import dev.tutti.job.v1.JobState;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.learning.v1.ActivateVersionRequest;
import dev.tutti.learning.v1.ArtifactVersion;
import dev.tutti.learning.v1.GetVersionRequest;
import dev.tutti.learning.v1.LearningServiceGrpc.LearningServiceBlockingStub;
import dev.tutti.learning.v1.ListArtifactsRequest;
import dev.tutti.learning.v1.StartEvaluationRequest;
import dev.tutti.learning.v1.StartFitRequest;
import dev.tutti.method.v1.MethodServiceGrpc.MethodServiceBlockingStub;
import dev.tutti.method.v1.Recipe;
import dev.tutti.method.v1.ValidateRequest;
import dev.tutti.registry.v1.Model;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import io.agroal.api.AgroalDataSource;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What the decoder learns, over gRPC, with a database that comes and goes. */
@QuarkusTest
@QuarkusTestResource(ScriptedRegistry.class)
@WithTestResource(GatedPostgres.class)
class LearningApiTest {

  @GrpcClient("self")
  GenerationServiceBlockingStub decoder;

  @GrpcClient("self")
  LearningServiceBlockingStub learning;

  @GrpcClient("self")
  JobServiceBlockingStub jobs;

  @GrpcClient("self")
  MethodServiceBlockingStub methods;

  @TestHTTPResource(value = "/health/ready", management = true)
  URI ready;

  @Inject KnownModels models;
  @Inject AgroalDataSource database;

  @BeforeEach
  void registryAndDatabaseAreThere() throws InterruptedException {
    ScriptedRegistry.current().await(models);
    await(() -> !health().contains("degraded"));
  }

  @Test
  void aFitOfWhatIsNotFittedIsRefused() {
    Struct parameters =
        Struct.newBuilder()
            .putFields("artifact", text("x"))
            .putFields("method", text("gac"))
            .putFields("dataset", text("sums"))
            .build();
    StatusRuntimeException refused =
        refused(
            () ->
                learning.startFit(StartFitRequest.newBuilder().setParameters(parameters).build()));
    assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
    assertTrue(
        refused.getMessage().contains("method is 'gac'; those that can be fitted:"),
        refused.getMessage());
  }

  /** Sums as a benchmark records them: the answers themselves teach nothing here. */
  private static List<RecordedQuery> sums(int count) {
    var queries = new ArrayList<RecordedQuery>();
    for (int i = 0; i < count; i++) {
      int a = 100 + 37 * i % 800;
      int b = 100 + 53 * i % 700;
      queries.add(
          RecordedQuery.newBuilder()
              .setId("q%03d".formatted(i))
              .setSet(i % 2 == 0 ? "even" : "odd")
              .setSplit("train")
              .setQuery("%d+%d=".formatted(a, b))
              .setReference(Integer.toString(a + b))
              .addOutcomes(Outcome.newBuilder().setMember("adder-weak-1").setScore(1))
              .addOutcomes(Outcome.newBuilder().setMember("adder-strong").setScore(1))
              .build());
    }
    return queries;
  }

  /** Of two adders, the weak one first, or of others. */
  private static Struct fit(String artifact, String dataset, String... others) {
    List<String> members =
        others.length > 0 ? List.of(others) : List.of("adder-weak-1", "adder-strong");
    Struct settings =
        Struct.newBuilder()
            .putFields("steps", Value.newBuilder().setNumberValue(150).build())
            .putFields("epochs", Value.newBuilder().setNumberValue(4).build())
            .build();
    return Struct.newBuilder()
        .putFields("artifact", text(artifact))
        .putFields("method", text("citer"))
        .putFields("dataset", text(dataset))
        .putFields(
            "members",
            Value.newBuilder()
                .setListValue(
                    ListValue.newBuilder()
                        .addAllValues(members.stream().map(LearningApiTest::text).toList()))
                .build())
        .putFields("settings", Value.newBuilder().setStructValue(settings).build())
        .build();
  }

  private Job fitted(String artifact, String dataset, String... members) {
    String id =
        learning
            .startFit(
                StartFitRequest.newBuilder()
                    .setParameters(fit(artifact, dataset, members))
                    .setAuthor("ada")
                    .build())
            .getJob()
            .getId();
    await(() -> job(id).hasEndedAt());
    return job(id);
  }

  private Job job(String id) {
    return jobs.get(GetRequest.newBuilder().setId(id).build()).getJob();
  }

  private ArtifactVersion version(String artifact) {
    return learning
        .getVersion(GetVersionRequest.newBuilder().setName(artifact).setVersion(1).build())
        .getVersion();
  }

  /** counting tells no hidden state, which only the small member of citer has to. */
  @Test
  void aFitOfAMemberThatLacksWhatIsNeededFailsBeforeItReadsAnything() {
    ScriptedRegistry.DATASETS.put(
        "lacking",
        sums(9).stream()
            .map(
                q ->
                    q.toBuilder()
                        .addOutcomes(Outcome.newBuilder().setMember("counting").setScore(0))
                        .build())
            .toList());
    Job job = fitted("lacking", "lacking", "counting", "adder-strong");
    assertEquals(JobState.JOB_STATE_FAILED, job.getState(), job.toString());
    assertTrue(
        // Text format escapes quotes.
        job.toString()
            .replace("\\", "")
            .contains("'counting' lacks HIDDEN_STATE, which citer needs."),
        job.toString());
    Recipe.Builder recipe = citer("lacking", "counting", "adder-strong").toBuilder();
    recipe.getMembersBuilder(0).clearCapabilities();
    recipe.getMembersBuilder(0).addCapabilities(Capability.CAPABILITY_FULL_DISTRIBUTION);
    assertTrue(
        violations(recipe.build())
            .contains("members[0]: 'counting' lacks HIDDEN_STATE, which citer needs."));
    recipe.addMembers(recipe.getMembers(0)).removeMembers(0);
    assertEquals(
        1, violations(recipe.build()).size(), "the artifact alone: " + violations(recipe.build()));
  }

  private void registered(long revision, String sha256) throws InterruptedException {
    Snapshot.Builder snapshot = ScriptedRegistry.current().standard(revision).toBuilder();
    for (Model.Builder model : snapshot.getModelsBuilderList()) {
      if (model.getName().equals("adder-weak-1")) {
        model.setSha256(sha256);
      }
    }
    ScriptedRegistry.current().say(snapshot.build());
    ScriptedRegistry.current().await(models);
  }

  @Test
  void aModelThatWasReplacedSinceTheFitIsRefused() throws InterruptedException {
    ScriptedRegistry.DATASETS.put("replaced", sums(30));
    long revision = models.state().revision();
    try {
      registered(revision + 1, "a".repeat(64));
      fitted("replaced", "replaced");
      learning.activateVersion(
          ActivateVersionRequest.newBuilder().setName("replaced").setVersion(1).build());
      Recipe adders = citer("replaced", "adder-weak-1", "adder-strong");
      GenerateRequest request =
          GenerateRequest.newBuilder()
              .setRecipe(adders)
              .addMessages(GenerationApiTest.user("123+456="))
              .build();
      assertEquals(List.of(), violations(adders));
      answer(request);
      registered(revision + 2, "b".repeat(64));
      String reason =
          "Version 1 of artifact 'replaced' was fitted on 'adder-weak-1' with files of the SHA-256 "
              + "a".repeat(64)
              + "; it has those of "
              + "b".repeat(64)
              + " now: fit it anew.";
      assertEquals(List.of("settings.artifact: " + reason), violations(adders));
      StatusRuntimeException refused = refused(() -> answer(request));
      assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
      assertTrue(refused.getMessage().contains(reason), refused.getMessage());
    } finally {
      ScriptedRegistry.current().say(ScriptedRegistry.current().standard(revision + 3));
      ScriptedRegistry.current().await(models);
    }
  }

  private static Recipe citer(String artifact, String... models) {
    Recipe.Builder recipe =
        Recipe.newBuilder()
            .setEnsemble("adders")
            .setMethod("citer")
            .setSettings(Struct.newBuilder().putFields("artifact", text(artifact)));
    for (String model : models) {
      recipe.addMembers(
          Member.newBuilder()
              .setModel(model)
              .addCapabilities(Capability.CAPABILITY_FULL_DISTRIBUTION)
              .addCapabilities(Capability.CAPABILITY_HIDDEN_STATE));
    }
    return recipe.build();
  }

  private List<String> violations(Recipe recipe) {
    return methods
        .validate(ValidateRequest.newBuilder().setRecipe(recipe).build())
        .getViolationsList()
        .stream()
        .map(v -> v.getField() + ": " + v.getDescription())
        .toList();
  }

  @Test
  void fromReferencesToAnAnswerByRoutersThatWereLearned() {
    ScriptedRegistry.DATASETS.put("sums", sums(60));
    Recipe adders = citer("sum-routers", "adder-weak-1", "adder-strong");
    assertTrue(violations(adders).getFirst().contains("no version is active"));
    Job job = fitted("sum-routers", "sums");
    assertEquals(JobState.JOB_STATE_SUCCEEDED, job.getState(), job.toString());
    ArtifactVersion version = version("sum-routers");
    assertEquals("citer", version.getMethod());
    double quality = version.getMetrics().getFieldsOrThrow("quality").getNumberValue();
    assertTrue(quality >= 0 && quality <= 1, version.getMetrics().toString());
    assertEquals(150, version.getMetrics().getFieldsOrThrow("recorded_steps").getNumberValue());
    learning.activateVersion(
        ActivateVersionRequest.newBuilder().setName("sum-routers").setVersion(1).build());
    assertEquals(List.of(), violations(adders));
    assertEquals(
        List.of(
            "settings.artifact: Artifact 'sum-routers' has no router of 'adder-weak-2'; it has"
                + " those of: adder-weak-1."),
        violations(citer("sum-routers", "adder-weak-2", "adder-strong")));

    Completion completion =
        answer(
            GenerateRequest.newBuilder()
                .setRecipe(adders)
                .addMessages(GenerationApiTest.user("123+456="))
                .build());
    assertEquals("sum-routers", completion.getDecision().getArtifact());
    assertEquals(1, completion.getDecision().getArtifactVersion());
    assertTrue(
        completion.getDecision().getInputs().containsFields("first_member_share"),
        completion.getDecision().toString());
  }

  @Test
  void theSameFitLearnsTheSameBytes() throws SQLException {
    ScriptedRegistry.DATASETS.put("few-sums", sums(30));
    fitted("one", "few-sums");
    fitted("other", "few-sums");
    assertArrayEquals(document("one"), document("other"));
  }

  private byte[] document(String artifact) throws SQLException {
    try (var connection = database.getConnection();
        var select =
            connection.prepareStatement("select document from decoder.artifact where name = ?")) {
      select.setString(1, artifact);
      try (var rows = select.executeQuery()) {
        assertTrue(rows.next());
        return rows.getBytes(1);
      }
    }
  }

  @Test
  void aFitWithoutReferencesFailsAndSaysWhy() {
    ScriptedRegistry.DATASETS.put(
        "unknown", sums(9).stream().map(q -> q.toBuilder().clearReference().build()).toList());
    Job job = fitted("nothing", "unknown");
    assertEquals(JobState.JOB_STATE_FAILED, job.getState());
    assertTrue(
        job.toString().contains("No query in this split of the dataset has a reference."),
        job.toString());
  }

  @Test
  void jobsAreKept() {
    StatusRuntimeException refused =
        refused(() -> jobs.get(GetRequest.newBuilder().setId("nowhere").build()));
    assertEquals(Status.Code.NOT_FOUND, refused.getStatus().getCode());
  }

  @Test
  void whatItHasNotIsUnimplemented() {
    StatusRuntimeException refused =
        refused(() -> learning.startEvaluation(StartEvaluationRequest.getDefaultInstance()));
    assertEquals(Status.Code.UNIMPLEMENTED, refused.getStatus().getCode());
  }

  @Test
  void itAnswersWithoutTheDatabaseAndSaysSo() {
    GatedPostgres.gate.shut();
    try {
      await(() -> health().contains("degraded"));
      assertTrue(health().contains("\"status\": \"UP\""), health());
      assertEquals("efgh", answer());
      StatusRuntimeException refused =
          refused(() -> learning.listArtifacts(ListArtifactsRequest.getDefaultInstance()));
      assertEquals(Status.Code.UNAVAILABLE, refused.getStatus().getCode());
      assertEquals("DATABASE_UNREACHABLE", FailureStatus.fromThrowable(refused).reason());
    } finally {
      GatedPostgres.gate.open();
    }
    await(() -> !health().contains("degraded"));
  }

  private String answer() {
    return answer(GenerationApiTest.single("counting", "cd", 0)).getText();
  }

  private Completion answer(GenerateRequest request) {
    Iterator<GenerateResponse> events = decoder.generate(request);
    GenerateResponse last = events.next();
    while (events.hasNext()) {
      last = events.next();
    }
    return last.getCompletion();
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private static StatusRuntimeException refused(Executable call) {
    return assertThrows(StatusRuntimeException.class, call);
  }

  private String health() {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(ready).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "waited 60 s");
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
