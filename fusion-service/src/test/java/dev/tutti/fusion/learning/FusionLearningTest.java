package dev.tutti.fusion.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.fusion.FusionCatalog;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.job.v1.GetRequest;
import dev.tutti.job.v1.Job;
import dev.tutti.job.v1.JobServiceGrpc;
import dev.tutti.job.v1.JobState;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.kit.testing.NeighbourPorts;
import dev.tutti.kit.testing.ScriptedGeneration;
import dev.tutti.learning.artifact.ArtifactTable;
import dev.tutti.learning.artifact.LiveArtifacts;
import dev.tutti.learning.v1.ActivateVersionRequest;
import dev.tutti.learning.v1.ArtifactVersion;
import dev.tutti.learning.v1.CompareVersionsRequest;
import dev.tutti.learning.v1.CompareVersionsResponse;
import dev.tutti.learning.v1.GetVersionRequest;
import dev.tutti.learning.v1.LearningServiceGrpc;
import dev.tutti.learning.v1.ListArtifactsRequest;
import dev.tutti.learning.v1.StartEvaluationRequest;
import dev.tutti.learning.v1.StartFitRequest;
import dev.tutti.learning.v1.VersionReference;
import dev.tutti.method.v1.ListRequest;
import dev.tutti.method.v1.MethodDescription;
import dev.tutti.method.v1.MethodServiceGrpc;
import dev.tutti.method.v1.Recipe;
import dev.tutti.method.v1.ValidateRequest;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import io.agroal.api.AgroalDataSource;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From recorded answers to votes that were learned. */
@QuarkusTest
@QuarkusTestResource(
    value = NeighbourPorts.class,
    initArgs = @ResourceArg(name = "clients", value = "decoder,router"))
@WithTestResource(LearningNeighbourhood.class)
class FusionLearningTest {

  private static final int QUERIES = 400;

  @TestHTTPResource(value = "/health/ready", management = true)
  URI ready;

  @Inject AgroalDataSource database;
  @Inject ArtifactTable table;

  private ManagedChannel channel;
  private ScriptedGeneration decoder;

  @BeforeEach
  void open() {
    channel = NeighbourPorts.service();
    decoder = NeighbourPorts.start("decoder", LearningNeighbourhood::answer);
    LearningNeighbourhood.DATASETS.put("exam", exam());
    await(
        () -> {
          try {
            learning().listArtifacts(ListArtifactsRequest.getDefaultInstance());
            return true;
          } catch (StatusRuntimeException e) {
            return false;
          }
        });
  }

  @AfterEach
  void close() {
    channel.shutdownNow();
    decoder.close();
  }

  private LearningServiceGrpc.LearningServiceBlockingStub learning() {
    return LearningServiceGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
  }

  /** Three of the same family are wrong together; anna, alone, is nearly always right. */
  private static List<RecordedQuery> exam() {
    var queries = new ArrayList<RecordedQuery>();
    for (int i = 0; i < QUERIES; i++) {
      boolean easy = i % 3 == 0;
      boolean slip = i % 20 == 7;
      RecordedQuery.Builder query =
          RecordedQuery.newBuilder()
              .setId("q%04d".formatted(i))
              .setSet(easy ? "easy" : "hard")
              .setSplit("train")
              .setQuery("Question %d?".formatted(i))
              .putLabels("category", easy ? "easy" : "hard")
              .addOutcomes(outcome("anna", !slip));
      for (String twin : List.of("bert", "carl", "dora")) {
        query.addOutcomes(outcome(twin, easy || slip));
      }
      queries.add(query.build());
    }
    return queries;
  }

  private static Outcome outcome(String member, boolean right) {
    return Outcome.newBuilder()
        .setMember(member)
        .setScore(right ? 1 : 0)
        .setResponse(right ? "A" : "B")
        .setCost(0.001)
        .build();
  }

  private static Struct parameters(String artifact) {
    return Struct.newBuilder()
        .putFields("artifact", text(artifact))
        .putFields("method", text("weighted-vote"))
        .putFields("dataset", text("exam"))
        .build();
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private void fit(String artifact) {
    fit(parameters(artifact));
  }

  private void fit(Struct parameters) {
    Job job =
        learning()
            .startFit(
                StartFitRequest.newBuilder().setParameters(parameters).setAuthor("ada").build())
            .getJob();
    ended(job.getId());
  }

  private Job ended(String id) {
    await(() -> job(id).hasEndedAt());
    Job job = job(id);
    assertEquals(JobState.JOB_STATE_SUCCEEDED, job.getState(), job.toString());
    return job;
  }

  private Job job(String id) {
    return JobServiceGrpc.newBlockingStub(channel)
        .get(GetRequest.newBuilder().setId(id).build())
        .getJob();
  }

  private void activate(String artifact, int version) {
    learning()
        .activateVersion(
            ActivateVersionRequest.newBuilder().setName(artifact).setVersion(version).build());
  }

  private static Recipe recipe(String artifact, String... members) {
    Recipe.Builder recipe =
        Recipe.newBuilder()
            .setEnsemble("jury")
            .setMethod("weighted-vote")
            .setSettings(Struct.newBuilder().putFields("artifact", text(artifact)));
    for (String member : members) {
      recipe.addMembers(
          Member.newBuilder().setModel(member).addCapabilities(Capability.CAPABILITY_GENERATION));
    }
    return recipe.build();
  }

  private List<String> violations(Recipe recipe) {
    return MethodServiceGrpc.newBlockingStub(channel)
        .validate(ValidateRequest.newBuilder().setRecipe(recipe).build())
        .getViolationsList()
        .stream()
        .map(v -> v.getField() + ": " + v.getDescription())
        .toList();
  }

  private Completion answer(Recipe recipe) {
    Iterator<GenerateResponse> events =
        GenerationServiceGrpc.newBlockingStub(channel)
            .generate(
                GenerateRequest.newBuilder()
                    .setRecipe(recipe)
                    .addMessages(
                        Message.newBuilder().setRole(Role.ROLE_USER).setContent("Which one?"))
                    .build());
    Completion last = null;
    while (events.hasNext()) {
      GenerateResponse event = events.next();
      last = event.hasCompletion() ? event.getCompletion() : last;
    }
    return last;
  }

  private static void everybodySays(String anna, String others) {
    LearningNeighbourhood.SAYS.put("anna", anna);
    for (String twin : List.of("bert", "carl", "dora")) {
      LearningNeighbourhood.SAYS.put(twin, others);
    }
  }

  @Test
  void fromRecordedAnswersToVotesThatWereLearned() {
    Recipe jury = recipe("exam-votes", "anna", "bert", "carl", "dora");
    assertTrue(violations(jury).getFirst().contains("no version is active"), "nothing is learned");
    fit("exam-votes");
    ArtifactVersion version =
        learning()
            .getVersion(GetVersionRequest.newBuilder().setName("exam-votes").setVersion(1).build())
            .getVersion();
    assertEquals("weighted-vote", version.getMethod());
    assertEquals("ada", version.getCreatedBy());
    double quality = version.getMetrics().getFieldsOrThrow("quality").getNumberValue();
    assertTrue(quality > 0.9, version.getMetrics().toString());
    assertEquals("anna", version.getMetrics().getFieldsOrThrow("best_member").getStringValue());
    activate("exam-votes", 1);
    assertEquals(List.of(), violations(jury));
    assertTrue(
        violations(recipe("exam-votes", "emil")).getFirst().contains("anna, bert, carl, dora"));

    everybodySays("A", "B");
    Completion completion = answer(jury);
    assertEquals("A", completion.getText(), "one who is trusted against three");
    assertEquals("exam-votes", completion.getDecision().getArtifact());
    assertEquals(1, completion.getDecision().getArtifactVersion());
    // No ensemble is praised without its best member beside it.
    Map<String, Value> heldOut =
        completion
            .getDecision()
            .getInputs()
            .getFieldsOrThrow("held_out")
            .getStructValue()
            .getFieldsMap();
    for (String name : List.of("quality", "best_member_quality", "oracle_quality")) {
      assertEquals(
          version.getMetrics().getFieldsOrThrow(name).getNumberValue(),
          heldOut.get(name).getNumberValue(),
          1e-6,
          name);
    }
    assertEquals("anna", heldOut.get("best_member").getStringValue());
    assertEquals(
        "not measured: no member has as many samples recorded",
        heldOut.get("self_fusion").getStringValue());
    assertTrue(version.getMetrics().getFieldsOrThrow("self_fusion").hasNullValue());
  }

  /** Blended: what pair-ranker learned ranks, the fuser reads the best one, nobody judges. */
  @Test
  void whatAFitOfAnotherMethodLearnedRanksForTheFuser() {
    Recipe.Builder blend =
        recipe("exam-pairs", "anna", "bert", "carl").toBuilder().setMethod("llm-blender");
    blend.getSettingsBuilder().putFields("top", Value.newBuilder().setNumberValue(1).build());
    blend.addMembers(
        Member.newBuilder()
            .setModel("fred")
            .setRole("fuser")
            .addCapabilities(Capability.CAPABILITY_GENERATION));
    assertTrue(violations(blend.build()).getFirst().contains("fit pair-ranker to recorded"));
    fit(
        parameters("exam-pairs").toBuilder()
            .putFields("method", text("pair-ranker"))
            .putFields(
                "settings",
                Value.newBuilder()
                    .setStructValue(
                        Struct.newBuilder()
                            .putFields("epochs", Value.newBuilder().setNumberValue(3).build()))
                    .build())
            .build());
    activate("exam-pairs", 1);
    assertEquals(List.of(), violations(blend.build()));

    everybodySays("A", "B");
    LearningNeighbourhood.SAYS.put("fred", "fused");
    Completion completion = answer(blend.build());
    assertEquals("fused", completion.getText());
    assertEquals("exam-pairs", completion.getDecision().getArtifact());
    assertEquals(1, completion.getDecision().getArtifactVersion());
    assertEquals(4, completion.getDecision().getCandidatesCount());
    assertTrue(
        completion
            .getDecision()
            .getExplanation()
            .startsWith("'anna' gave the best of 3 answers, by a fitted head. 'fred' wrote"),
        completion.getDecision().getExplanation());
    blend.setMembers(1, blend.getMembers(1).toBuilder().setRole("judge"));
    assertTrue(violations(blend.build()).getFirst().startsWith("settings.artifact: artifact is"));
  }

  @Test
  void theMethodTellsHowItLearns() {
    MethodDescription vote =
        MethodServiceGrpc.newBlockingStub(channel)
            .list(ListRequest.getDefaultInstance())
            .getMethodsList()
            .stream()
            .filter(m -> m.getName().equals("weighted-vote"))
            .findFirst()
            .orElseThrow();
    assertEquals(2, vote.getFit().getMinMembers());
    assertEquals(
        List.of("canonical", "label", "ridge", "shrinkage", "learning", "options"),
        vote.getFit().getSettingsList().stream().map(s -> s.getName()).toList());
  }

  /** As after kill -9: the row says that a replica runs it, whose lease has ended. */
  @Test
  void aFitThatDiedIsResumedAndGivesTheSameBytes() throws SQLException {
    fit("undisturbed");
    try (var connection = database.getConnection();
        var insert =
            connection.prepareStatement(
                "insert into fusion.job (id, kind, author, parameters, unit, state, attempts,"
                    + " lease_until) values ('died', 'fit', 'ada', ?::jsonb, 'queries', 'RUNNING',"
                    + " 1, now() - interval '1 s')")) {
      insert.setString(
          1, "{\"artifact\": \"resumed\", \"method\": \"weighted-vote\", \"dataset\": \"exam\"}");
      insert.executeUpdate();
    }
    assertEquals(2, ended("died").getAttempts());
    assertArrayEquals(document("undisturbed"), document("resumed"));
  }

  private byte[] document(String artifact) throws SQLException {
    try (var connection = database.getConnection();
        var select =
            connection.prepareStatement("select document from fusion.artifact where name = ?")) {
      select.setString(1, artifact);
      try (var rows = select.executeQuery()) {
        assertTrue(rows.next());
        return rows.getBytes(1);
      }
    }
  }

  @Test
  void aVersionThatIsActivatedAnswersOnEveryReplicaAndWithoutTheDatabase() throws Exception {
    fit("shared");
    fit("shared");
    activate("shared", 1);
    var other = new LiveArtifacts<>(table, FusionCatalog.FITTED, Optional.empty());
    try (other) {
      other.start();
      await(() -> other.active("shared").map(l -> l.artifact().version()).orElse(0) == 1);
      activate("shared", 2);
      await(() -> other.active("shared").map(l -> l.artifact().version()).orElse(0) == 2);
    }
    everybodySays("A", "B");
    Recipe jury = recipe("shared", "anna", "bert", "carl", "dora");
    assertEquals(2, answer(jury).getDecision().getArtifactVersion(), "made anew for it");
    LearningNeighbourhood.database.shut();
    try {
      await(() -> health().contains("degraded"));
      assertTrue(health().contains("\"status\": \"UP\""), health());
      assertEquals("A", answer(jury).getText());
      var e =
          assertThrows(
              StatusRuntimeException.class,
              () -> learning().listArtifacts(ListArtifactsRequest.getDefaultInstance()));
      assertEquals(Status.Code.UNAVAILABLE, e.getStatus().getCode());
      assertEquals("DATABASE_UNREACHABLE", FailureStatus.fromThrowable(e).reason());
    } finally {
      LearningNeighbourhood.database.open();
    }
    await(() -> !health().contains("degraded"));
  }

  private String health() {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(ready).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (java.io.IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void versionsOfDifferentArtifactsAreCompared() {
    fit("one");
    fit("other");
    CompareVersionsResponse compared =
        learning()
            .compareVersions(
                CompareVersionsRequest.newBuilder()
                    .addVersions(VersionReference.newBuilder().setName("one").setVersion(1))
                    .addVersions(VersionReference.newBuilder().setName("other").setVersion(1))
                    .build());
    assertEquals("other", compared.getPairs(0).getVersion().getName());
    assertEquals("one", compared.getPairs(0).getBase().getName());
    assertEquals(0, compared.getPairs(0).getQualityDifference());
    assertTrue(compared.getPairs(0).getQueries() > 50, compared.getPairs(0).toString());
    var shares = compared.getVersions(0).getMemberSharesMap();
    assertEquals(1, shares.values().stream().mapToDouble(s -> s).sum(), 1e-9);
    assertEquals(
        List.of("easy", "hard"),
        compared.getVersions(0).getSetsList().stream().map(s -> s.getSet()).toList());
    // Everybody is asked, so a query costs what all of them do.
    var one = compared.getVersions(0);
    assertEquals(1, one.getCurveCount(), one.toString());
    assertEquals(0.001 * one.getMembersCount(), one.getCurve(0).getUsd(), 1e-9);
    assertTrue(one.getOracle().getQuality() >= one.getCurve(0).getQuality());
    var same =
        CompareVersionsRequest.newBuilder()
            .addVersions(VersionReference.newBuilder().setName("one").setVersion(1))
            .addVersions(VersionReference.newBuilder().setName("one").setVersion(1))
            .build();
    var e = assertThrows(StatusRuntimeException.class, () -> learning().compareVersions(same));
    assertEquals(Status.Code.INVALID_ARGUMENT, e.getStatus().getCode());
  }

  @Test
  void whatItHasNotIsUnimplemented() {
    var e =
        assertThrows(
            StatusRuntimeException.class,
            () -> learning().startEvaluation(StartEvaluationRequest.getDefaultInstance()));
    assertEquals(Status.Code.UNIMPLEMENTED, e.getStatus().getCode());
  }

  @Test
  void aFitOfWhatIsNotFittedIsRefused() {
    var e =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                learning()
                    .startFit(
                        StartFitRequest.newBuilder()
                            .setParameters(
                                parameters("x").toBuilder()
                                    .putFields("method", text("majority-vote")))
                            .build()));
    assertEquals(Status.Code.INVALID_ARGUMENT, e.getStatus().getCode());
    assertTrue(e.getMessage().contains("weighted-vote"), e.getMessage());
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
