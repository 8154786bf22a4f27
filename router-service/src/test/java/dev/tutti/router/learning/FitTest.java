package dev.tutti.router.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.job.v1.CancelRequest;
import dev.tutti.job.v1.Job;
import dev.tutti.job.v1.JobState;
import dev.tutti.job.v1.ListRequest;
import dev.tutti.job.v1.StartRequest;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.learning.v1.CompareVersionsRequest;
import dev.tutti.learning.v1.CompareVersionsResponse;
import dev.tutti.learning.v1.ComparedPair;
import dev.tutti.learning.v1.ComparedVersion;
import dev.tutti.learning.v1.GetHeldOutRequest;
import dev.tutti.learning.v1.LearningServiceGrpc;
import dev.tutti.learning.v1.ListArtifactsRequest;
import dev.tutti.learning.v1.RollBackArtifactRequest;
import dev.tutti.learning.v1.ShadowVersionRequest;
import dev.tutti.learning.v1.StartFitRequest;
import dev.tutti.learning.v1.VersionReference;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.MethodServiceGrpc;
import dev.tutti.method.v1.Recipe;
import dev.tutti.method.v1.ValidateRequest;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import dev.tutti.router.testing.Admin;
import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Neighbourhood;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import io.agroal.api.AgroalDataSource;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** From recorded outcomes to routed answers. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class FitTest {

  private static final int QUERIES = 400;

  @Inject AgroalDataSource database;
  private ManagedChannel channel;
  private MethodServiceGrpc.MethodServiceBlockingStub methods;

  @BeforeEach
  void specialists() throws SQLException {
    int port = ConfigProvider.getConfig().getValue("quarkus.grpc.server.test-port", Integer.class);
    channel = ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    methods = MethodServiceGrpc.newBlockingStub(channel);
    Neighbourhood.calm();
    Neighbourhood.embedder.script(FitTest::embedding);
    Neighbourhood.registry.datasets().put("tasks", tasks(QUERIES));
    await(FitTest::artifactsAreThere);
    execute("delete from router.text_embedding");
  }

  private static boolean artifactsAreThere() {
    try {
      Admin.learning(stub -> stub.listArtifacts(ListArtifactsRequest.getDefaultInstance()));
      return true;
    } catch (StatusRuntimeException e) {
      return false;
    }
  }

  @AfterEach
  void calm() {
    channel.shutdownNow();
    Neighbourhood.calm();
    Neighbourhood.registry.tell(Neighbourhood.usual());
  }

  /** anna is right on sums, bert on poems; bert is the dearer one. */
  private static List<RecordedQuery> tasks(int count) {
    var random = new SplittableRandom(5);
    var queries = new ArrayList<RecordedQuery>();
    for (int i = 0; i < count; i++) {
      boolean sum = i % 2 == 0;
      queries.add(
          RecordedQuery.newBuilder()
              .setId("q%04d".formatted(i))
              .setSet(sum ? "sums" : "poems")
              .setSplit(i % 10 == 9 ? "test" : "train")
              .setQuery(sum ? "sum %d + 5".formatted(i) : "poem about %d".formatted(i))
              .addOutcomes(outcome("anna", sum, 0.001, random))
              .addOutcomes(outcome("bert", !sum, 0.002, random))
              .build());
    }
    return queries;
  }

  private static Outcome outcome(String member, boolean able, double usd, SplittableRandom random) {
    boolean right = random.nextDouble() < (able ? 0.95 : 0.2);
    return Outcome.newBuilder().setMember(member).setScore(right ? 1 : 0).setCost(usd).build();
  }

  private static float[] embedding(String text) {
    var random = new SplittableRandom(text.hashCode());
    var v = new float[8];
    double squares = 0;
    for (int d = 0; d < v.length; d++) {
      v[d] =
          (float) ((d == (text.startsWith("sum") ? 0 : 1) ? 1 : 0) + 0.1 * random.nextGaussian());
      squares += v[d] * v[d];
    }
    for (int d = 0; d < v.length; d++) {
      v[d] /= (float) Math.sqrt(squares);
    }
    return v;
  }

  private static String fit(String artifact, String... more) {
    return """
        {"artifact": "%s", "method": "knn", "dataset": "tasks", "settings": {"k": 20}%s}"""
        .formatted(artifact, more.length == 0 ? "" : ", " + String.join(", ", more));
  }

  /** Runs a fit to its end. */
  private static JsonNode fitted(String artifact, String... more) {
    JsonNode job = ended(Admin.fit(fit(artifact, more)).at("/id").asText());
    assertEquals("JOB_STATE_SUCCEEDED", job.at("/state").asText(), job.toString());
    assertEquals(job.at("/total"), job.at("/done"), job.toString());
    return job;
  }

  private static JsonNode ended(String id) {
    await(() -> Admin.job(id).at("/state").asText().matches(".*(SUCCEEDED|FAILED|CANCELLED)"));
    return Admin.job(id);
  }

  private static void activate(String artifact, int version) {
    assertEquals(version, Admin.activate(artifact, version).at("/summary/active_version").asInt());
  }

  private static Recipe recipe(String artifact, String... members) {
    Recipe.Builder recipe =
        Recipe.newBuilder()
            .setEnsemble("x")
            .setMethod("knn")
            .setSettings(
                Struct.newBuilder()
                    .putFields("artifact", Value.newBuilder().setStringValue(artifact).build()));
    for (String member : members) {
      recipe.addMembers(
          Member.newBuilder().setModel(member).addCapabilities(Capability.CAPABILITY_GENERATION));
    }
    return recipe.build();
  }

  private List<String> violations(Recipe recipe) {
    return methods
        .withDeadlineAfter(10, TimeUnit.SECONDS)
        .validate(ValidateRequest.newBuilder().setRecipe(recipe).build())
        .getViolationsList()
        .stream()
        .map(v -> v.getField() + ": " + v.getDescription())
        .toList();
  }

  private static void register(String ensemble, String artifact) {
    Neighbourhood.registry.tell(
        Neighbourhood.usual().toBuilder()
            .addEnsembles(
                Neighbourhood.ensemble(ensemble, Family.FAMILY_ROUTER, "knn", "anna", "bert")
                    .toBuilder()
                    .setSettings(recipe(artifact).getSettings()))
            .build());
    await(() -> Http.chat(ensemble).status() == 200);
  }

  private static JsonNode decision(String ensemble, String text) {
    Http.Answer answer =
        Http.post(
            "/v1/route",
            """
            {"model": "%s", "messages": [{"role": "user", "content": "%s"}]}"""
                .formatted(ensemble, text));
    assertEquals(200, answer.status(), answer.body());
    return answer.json().at("/decision");
  }

  private static String member(String ensemble, String text) {
    JsonNode decision = decision(ensemble, text);
    JsonNode a = decision.at("/candidates/0");
    JsonNode b = decision.at("/candidates/1");
    return a.at("/propensity").asDouble() > b.at("/propensity").asDouble()
        ? a.at("/member").asText()
        : b.at("/member").asText();
  }

  @Test
  void fromRecordedOutcomesToRoutedAnswers() {
    assertEquals(1, violations(recipe("tasks-knn", "anna", "bert")).size(), "nothing is active");
    JsonNode job = fitted("tasks-knn");
    assertEquals(1, job.at("/result/version").asInt());
    assertEquals("ada", job.at("/author").asText());
    JsonNode version = Admin.version("tasks-knn", 1);
    assertEquals("ada", version.at("/created_by").asText());
    JsonNode provenance = version.at("/provenance");
    assertEquals("tasks", provenance.at("/dataset").asText());
    assertEquals(7, provenance.at("/revision").asInt());
    assertEquals(20, provenance.at("/settings/k").asInt());
    assertEquals(0.1, provenance.at("/settings/temperature").asDouble(), "every one is told");
    assertEquals(
        QUERIES * 9 / 10, provenance.at("/queries").asInt() + provenance.at("/held_out").asInt());
    JsonNode metrics = version.at("/metrics");
    assertEquals(provenance.at("/held_out"), metrics.at("/queries"));
    assertTrue(metrics.at("/quality").asDouble() > 0.85, metrics.toString());
    assertTrue(metrics.at("/best_member_quality").asDouble() < 0.75, metrics.toString());
    assertTrue(metrics.at("/oracle_quality").asDouble() >= metrics.at("/quality").asDouble());
    assertTrue(metrics.at("/pair/apgr").isNumber(), metrics.toString());
    assertTrue(
        metrics.at("/cost/aiq").asDouble() > metrics.at("/cost/aiq_of_members").asDouble(),
        metrics.toString());

    String refused = violations(recipe("tasks-knn", "anna", "bert")).getFirst();
    assertTrue(refused.startsWith("settings.artifact:"), refused);
    activate("tasks-knn", 1);
    assertEquals(List.of(), violations(recipe("tasks-knn", "anna", "bert")));
    assertTrue(violations(recipe("tasks-knn", "wire")).getFirst().contains("anna, bert"));

    register("smart", "tasks-knn");
    assertEquals("anna", member("smart", "sum 12345 + 5"));
    assertEquals("bert", member("smart", "poem about rain"));
    Http.Answer answer =
        Http.post(
            "/v1/chat/completions",
            """
            {"model": "smart", "messages": [{"role": "user", "content": "poem about rain"}]}""");
    assertEquals("I am bert", answer.json().at("/choices/0/message/content").asText());
    JsonNode decision = Http.get("/v1/decisions/" + answer.header("x-tutti-decision-id")).json();
    assertEquals("tasks-knn", decision.at("/artifact").asText());
    assertEquals(1, decision.at("/artifact_version").asInt());
    assertEquals("tasks-knn", decision.at("/inputs/settings/artifact").asText());
  }

  @Test
  void aBatchIsAssignedWithinItsBudgetAndAFittedPolicyEvaluated() {
    fitted("batched");
    activate("batched", 1);
    register("batch", "batched");
    Http.Answer answer = batch("batch", 0.01, "sum 1 + 5", "poem about snow", "sum 2 + 5");
    assertEquals(200, answer.status(), answer.body());
    assertEquals(
        List.of("anna", "bert", "anna"), answer.json().findValuesAsText("member"), answer.body());
    assertTrue(answer.json().at("/expected_quality").asDouble() > 0.8, answer.body());
    double usd = 0;
    for (JsonNode its : answer.json().at("/assignments")) {
      assertTrue(its.at("/expected_usd").asDouble() > 0, answer.body());
      usd += its.at("/expected_usd").asDouble();
    }
    assertEquals(usd, answer.json().at("/expected_usd").asDouble(), 1e-12);
    Http.Answer poor = batch("batch", 1e-9, "sum 1 + 5", "poem about snow");
    assertEquals(400, poor.status());
    assertEquals("usd", poor.error().at("/param").asText());
    assertTrue(poor.error().at("/message").asText().contains("costs at least"), poor.body());
    Http.Answer blind = batch("blend", 1, "sum 1 + 5");
    assertEquals("no_estimates", blind.error().at("/code").asText(), blind.body());
    assertEquals("queries", batch("batch", 1).error().at("/param").asText());
    assertEquals("usd", batch("batch", -1, "sum").error().at("/param").asText());

    String evaluation =
        """
        {"ensemble": "batch", "policy": {"fitted": {"method": "knn", "version": %d,
         "settings": {"artifact": "batched", "rule": "cheapest_within_margin"}}}}""";
    Failure.InvalidArgument unknown =
        assertInstanceOf(
            Failure.InvalidArgument.class,
            Admin.refusal(() -> Admin.evaluate(evaluation.formatted(2))));
    assertEquals("parameters.policy.fitted.version", unknown.field());
    assertEquals("Artifact 'batched' has no version 2.", unknown.message());
    JsonNode started = Admin.evaluate(evaluation.formatted(1));
    JsonNode result = ended(started.at("/id").asText()).at("/result");
    assertEquals(0, result.at("/decisions").asInt(), "nothing was rated");
    assertTrue(result.has("refused"), result.toString());
  }

  private static Http.Answer batch(String model, double usd, String... texts) {
    var queries = new ArrayList<String>();
    for (String text : texts) {
      queries.add("{\"messages\": [{\"role\": \"user\", \"content\": \"%s\"}]}".formatted(text));
    }
    return Http.post(
        "/v1/route/batch",
        "{\"model\": \"%s\", \"usd\": %s, \"queries\": [%s]}"
            .formatted(model, usd, String.join(", ", queries)));
  }

  @Test
  void anotherVersionIsComparedShadowedActivatedAndRolledBack() {
    fitted("turned");
    activate("turned", 1);
    // Everybody does what the other did.
    Neighbourhood.registry.datasets().put("tasks", swapped());
    fitted("turned");
    CompareVersionsResponse compared = compare("turned", 1, 2);
    assertEquals(2, compared.getVersionsCount());
    ComparedPair pair = compared.getPairs(0);
    assertEquals("", pair.getReason(), pair.toString());
    assertTrue(
        pair.getLow() <= pair.getQualityDifference()
            && pair.getQualityDifference() <= pair.getHigh());

    assertAlone(compared.getVersions(0));
    var heldOut =
        Admin.learning(
            stub ->
                stub.getHeldOut(
                    GetHeldOutRequest.newBuilder().setName("turned").setVersion(2).build()));
    assertEquals(compared.getVersions(1), heldOut.getCompared());
    assertEquals(pair.getQueries(), heldOut.getQueriesList().stream().distinct().count());
    assertEquals(heldOut.getQueriesCount(), heldOut.getQualityCount());
    assertEquals(
        "ARTIFACT_NOT_FOUND",
        Admin.refusal(
                () ->
                    Admin.learning(
                        stub ->
                            stub.getHeldOut(
                                GetHeldOutRequest.newBuilder()
                                    .setName("turned")
                                    .setVersion(3)
                                    .build())))
            .reason());

    register("turning", "turned");
    assertEquals("anna", member("turning", "sum 1 + 5"));
    assertFalse(decision("turning", "sum 1 + 5").has("shadows"));
    var shadow = ShadowVersionRequest.newBuilder().setName("turned").setVersion(2).build();
    assertEquals(
        2,
        Admin.learning(stub -> stub.shadowVersion(shadow))
            .getArtifact()
            .getSummary()
            .getShadowVersion());
    for (int i = 0; i < 10; i++) {
      JsonNode decision = decision("turning", "sum " + i);
      assertEquals(1, decision.at("/artifact_version").asInt());
      JsonNode beside = decision.at("/shadows/0");
      assertEquals("turned", beside.at("/artifact").asText());
      assertEquals(2, beside.at("/artifact_version").asInt());
      assertEquals("anna", beside.at("/active_choice").asText());
      assertEquals("bert", beside.at("/ranked/0/member").asText());
      assertEquals(1, beside.at("/ranked/0/propensity").asDouble());
    }
    await(() -> Admin.shadowReport("turned", 0).at("/decisions").asInt() == 10);
    JsonNode report = Admin.shadowReport("turned", 0);
    assertEquals(2, report.at("/version").asInt());
    assertEquals(0, report.at("/agreement").asDouble(), report.toString());
    assertEquals(10, report.at("/active_choices/anna").asInt());
    assertEquals(10, report.at("/shadow_choices/bert").asInt());
    assertEquals("anna", report.at("/disagreements/0/active").asText());
    assertEquals("bert", report.at("/disagreements/0/shadow").asText());
    assertEquals(10, report.at("/disagreements/0/decisions").asInt());
    assertTrue(report.at("/quality_difference_by_active").asDouble() < -0.5);
    assertTrue(report.at("/quality_difference_by_shadow").asDouble() > 0.5);

    activate("turned", 2);
    assertEquals("bert", member("turning", "sum 1 + 5"), "a live ensemble switches");
    assertFalse(decision("turning", "sum 1 + 5").has("shadows"));
    var back = RollBackArtifactRequest.newBuilder().setName("turned").build();
    assertEquals(
        1,
        Admin.learning(stub -> stub.rollBackArtifact(back))
            .getArtifact()
            .getSummary()
            .getActiveVersion());
    assertEquals("anna", member("turning", "sum 1 + 5"));
    assertEquals(10, Admin.shadowReport("turned", 2).at("/decisions").asInt());
    assertEquals("NO_SHADOW", Admin.refusal(() -> Admin.shadowReport("turned", 0)).reason());
    String prefix = "ARTIFACT_ACTION_";
    assertEquals(
        Stream.of("ACTIVATE", "SHADOW", "UNSHADOW", "ACTIVATE", "ROLL_BACK")
            .map(prefix::concat)
            .toList(),
        texts(Admin.artifact("turned").at("/changes"), "action"));
  }

  /** Everybody costs the same at each query, and whoever is best is at least as good. */
  private static void assertAlone(ComparedVersion version) {
    assertEquals("usd_per_call", version.getCostUnit());
    assertEquals(2, version.getMembersCount(), version.toString());
    assertEquals(0.001, version.getMembers(0).getUsd(), 1e-9);
    assertEquals(0.002, version.getMembers(1).getUsd(), 1e-9);
    assertTrue(version.getOracle().getQueries() > 0);
    assertTrue(
        version.getMembersList().stream()
            .allMatch(m -> m.getQuality() <= version.getOracle().getQuality()));
  }

  private static CompareVersionsResponse compare(String name, int... versions) {
    var request = CompareVersionsRequest.newBuilder();
    for (int version : versions) {
      request.addVersions(VersionReference.newBuilder().setName(name).setVersion(version));
    }
    return Admin.learning(stub -> stub.compareVersions(request.build()));
  }

  private static List<RecordedQuery> swapped() {
    return tasks(QUERIES).stream()
        .map(
            q ->
                q.toBuilder()
                    .setOutcomes(
                        0, q.getOutcomes(0).toBuilder().setScore(q.getOutcomes(1).getScore()))
                    .setOutcomes(
                        1, q.getOutcomes(1).toBuilder().setScore(q.getOutcomes(0).getScore()))
                    .build())
        .toList();
  }

  private static List<String> texts(JsonNode list, String field) {
    var texts = new ArrayList<String>();
    list.forEach(each -> texts.add(each.get(field).asText()));
    return texts;
  }

  @Test
  void noTextIsEmbeddedTwiceAndTheSameSeedGivesTheSameBytes() throws SQLException {
    fitted("same-a");
    assertEquals(QUERIES * 9 / 10, Neighbourhood.embedder.texts());
    fitted("same-b");
    assertEquals(QUERIES * 9 / 10, Neighbourhood.embedder.texts(), "all were kept");
    assertArrayEquals(document("same-a"), document("same-b"));
    fitted("same-c", "\"seed\": 2");
    assertFalse(Arrays.equals(document("same-a"), document("same-c")));
    Neighbourhood.embedder.become("cd".repeat(32));
    fitted("same-d");
    assertEquals(2 * QUERIES * 9 / 10, Neighbourhood.embedder.texts(), "by another model anew");
    JsonNode provenance = Admin.version("same-d", 1).at("/provenance");
    assertEquals("cd".repeat(32), provenance.at("/embedder/sha256").asText());
    assertEquals("all-minilm-l6-v2", provenance.at("/embedder/model").asText());
    assertEquals(Runtime.version().toString(), provenance.at("/jdk").asText());
    assertFalse(provenance.at("/build").asText().isEmpty());
  }

  /** As after kill -9: the row says that a replica runs it, whose lease has ended. */
  @Test
  void aFitThatDiedIsResumedAndGivesTheSameBytes() throws SQLException {
    fitted("undisturbed");
    int before = Neighbourhood.embedder.texts();
    execute("delete from router.text_embedding where get_byte(digest, 0) < 128");
    died("died-1", "resumed", "embedding");
    JsonNode job = ended("died-1");
    assertEquals("JOB_STATE_SUCCEEDED", job.at("/state").asText(), job.toString());
    assertEquals(2, job.at("/attempts").asInt());
    int again = Neighbourhood.embedder.texts() - before;
    assertTrue(again > 100 && again < 260, again + " texts, those only that were not kept");
    assertArrayEquals(document("undisturbed"), document("resumed"));
  }

  @Test
  void aFitThatDiedAfterItsVersionWasKeptAddsNoOther() throws SQLException {
    fitted("kept");
    died("died-2", "kept", "kept as version 1");
    JsonNode job = ended("died-2");
    assertEquals("JOB_STATE_SUCCEEDED", job.at("/state").asText(), job.toString());
    assertEquals(1, job.at("/result/version").asInt());
    assertEquals(1, Admin.artifact("kept").at("/versions").size());
  }

  private void died(String id, String artifact, String checkpoint) throws SQLException {
    execute(
        """
        insert into router.job (id, kind, author, parameters, unit, state, attempts, lease_until, checkpoint)
        values ('%s', 'fit', 'ada', '%s', 'queries', 'RUNNING', 1, now() - interval '1 s', '%s')"""
            .formatted(id, fit(artifact), checkpoint));
  }

  private void execute(String sql) throws SQLException {
    try (var connection = database.getConnection();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private byte[] document(String artifact) throws SQLException {
    try (var connection = database.getConnection();
        var select =
            connection.prepareStatement(
                "select document from router.artifact where name = ? order by version desc")) {
      select.setString(1, artifact);
      try (var rows = select.executeQuery()) {
        assertTrue(rows.next());
        return rows.getBytes(1);
      }
    }
  }

  @Test
  void aFitIsCancelledWithinASecondWhileItReads() throws InterruptedException {
    var reading = new CountDownLatch(1);
    var never = new Semaphore(0);
    Neighbourhood.registry
        .datasets()
        .beforeEach(
            () -> {
              reading.countDown();
              never.acquireUninterruptibly();
            });
    assertCancelled(start("stopped-1"), reading);
    never.release(QUERIES);
  }

  @Test
  void aFitIsCancelledWithinASecondWhileItEmbeds() throws InterruptedException {
    var embedding = new CountDownLatch(1);
    var never = new Semaphore(0);
    Neighbourhood.embedder.script(
        text -> {
          embedding.countDown();
          never.acquireUninterruptibly();
          return embedding(text);
        });
    assertCancelled(start("stopped-2"), embedding);
    never.release(QUERIES);
  }

  @Test
  void aFitIsCancelledWithinASecondWhileItFits() throws InterruptedException {
    String id =
        Admin.fit(
                """
                {"artifact": "stopped-3", "method": "router-dc", "dataset": "tasks",
                 "settings": {"steps": 100000}}""")
            .at("/id")
            .asText();
    var fitting = new CountDownLatch(1);
    await(() -> Admin.job(id).at("/message").asText().startsWith("fit:"));
    fitting.countDown();
    assertCancelled(id, fitting);
  }

  @Test
  void aFitReadsItsDatasetOnce() {
    var read = new AtomicInteger();
    Neighbourhood.registry.datasets().beforeEach(read::incrementAndGet);
    fitted("read-once");
    assertEquals(QUERIES * 9 / 10, read.get());
  }

  private static String start(String artifact) {
    return Admin.fit(fit(artifact)).at("/id").asText();
  }

  private static void assertCancelled(String id, CountDownLatch reached)
      throws InterruptedException {
    assertTrue(reached.await(10, TimeUnit.SECONDS), Admin.job(id).toString());
    long start = System.nanoTime();
    Admin.jobs(stub -> stub.cancel(CancelRequest.newBuilder().setId(id).build()));
    JsonNode job = ended(id);
    assertEquals("JOB_STATE_CANCELLED", job.at("/state").asText(), job.toString());
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    assertTrue(took.toMillis() < 2_000, took.toString());
    String artifact = job.at("/parameters/artifact").asText();
    assertInstanceOf(Failure.NotFound.class, Admin.refusal(() -> Admin.artifact(artifact)));
  }

  @Test
  void whatCannotBeFittedIsRefusedAtOnce() {
    refused("", "artifact", "\"artifact\": \"two words\"");
    refused("bench-coe, clusters", "method", "\"method\": \"eagle\"");
    refused("k, temperature, shrinkage", "settings.depth", "\"settings\": {\"depth\": 3}");
    refused("1 to 10000", "settings.k", "\"settings\": {\"k\": 0}");
    refused("object", "settings", "\"settings\": 3");
    refused("0.01 to 0.9", "holdout", "\"holdout\": 1");
    refused("twice", "members", "\"members\": [\"anna\", \"anna\"]");
    refused("texts", "members", "\"members\": \"anna\"");
    refused("whole", "seed", "\"seed\": 0.5");
    refused("known: settings, artifact", "epochs", "\"epochs\": 3");
    assertEquals("parameters.artifact", field(() -> Admin.fit("{}")));
    int before =
        Admin.jobs(stub -> stub.list(ListRequest.newBuilder().setPageSize(200).build()))
            .getJobsCount();
    assertEquals("parameters.artifact", field(() -> Admin.checkFit("{}")));
    assertEquals("parameters.policy", field(() -> Admin.checkEvaluation("{\"ensemble\": \"e\"}")));
    Admin.checkFit(fit("only-checked"));
    Admin.checkEvaluation("{\"ensemble\": \"e\", \"policy\": {\"uniform\": true}}");
    assertEquals(
        before,
        Admin.jobs(stub -> stub.list(ListRequest.newBuilder().setPageSize(200).build()))
            .getJobsCount());
    assertInstanceOf(Failure.NotFound.class, Admin.refusal(() -> Admin.job("nope")));
    Failure none = Admin.refusal(() -> Admin.artifact("nope"));
    assertEquals("ARTIFACT_NOT_FOUND", none.reason());
    assertInstanceOf(Failure.NotFound.class, none);
    assertInstanceOf(Failure.NotFound.class, Admin.refusal(() -> compare("nope", 1, 2)));
    assertEquals("versions", field(() -> compare("nope", 1)));
    assertEquals("versions", field(() -> compare("nope", 1, 1)));
    assertEquals("name", field(() -> Admin.activate("", 1)));
  }

  /** The field that is said to be wrong. */
  private static String field(Executable question) {
    return assertInstanceOf(Failure.InvalidArgument.class, Admin.refusal(question)).field();
  }

  private static void refused(String allowed, String param, String field) {
    String name = field.substring(1, field.indexOf('"', 1));
    String body = fit("refused").replaceFirst("\"" + name + "\": (\"[^\"]*\"|\\{[^}]*\\})", field);
    var refused =
        assertInstanceOf(
            Failure.InvalidArgument.class,
            Admin.refusal(() -> Admin.fit(body.contains(field) ? body : fit("refused", field))));
    assertEquals("parameters." + param, refused.field(), refused.message());
    assertTrue(refused.message().contains(allowed), refused.message());
  }

  @Test
  void whatTheDatasetDoesNotHaveIsRefusedWhenItIsAskedFor() {
    refused("no dataset 'nothing'", "dataset", "\"dataset\": \"nothing\"");
    refused("it has: 'test', 'train'", "split", "\"split\": \"validation\"");
    refused("they are: 'anna', 'bert'", "members", "\"members\": [\"anna\", \"zoe\"]");
    // carla answered what is in the other split only.
    List<RecordedQuery> queries = new ArrayList<>(tasks(QUERIES));
    for (int i = 9; i < QUERIES; i += 10) {
      queries.set(
          i,
          queries.get(i).toBuilder()
              .addOutcomes(Outcome.newBuilder().setMember("carla").setScore(1))
              .build());
    }
    Neighbourhood.registry.datasets().put("tasks", queries);
    refused(
        "Without any outcome in this split of the dataset: 'carla'",
        "members",
        "\"members\": [\"anna\", \"carla\"]");
    for (String members : List.of("", ", \"members\": [\"anna\"]")) {
      var refused =
          assertInstanceOf(
              Failure.InvalidArgument.class,
              Admin.refusal(
                  () ->
                      Admin.fit(
                          "{\"artifact\": \"x\", \"method\": \"hybrid-llm\", \"dataset\": \"tasks\"%s}"
                              .formatted(members))));
      assertEquals("parameters.members", refused.field());
      assertTrue(
          refused.message().contains("2 members; there are " + (members.isEmpty() ? 3 : 1)),
          refused.message());
    }
  }

  @Test
  void nothingIsReadForAClientThatHasLeft() throws InterruptedException {
    var reading = new CountDownLatch(1);
    var ended = new CompletableFuture<Boolean>();
    Neighbourhood.registry
        .datasets()
        .beforeEach(
            () -> {
              var call = io.grpc.Context.current();
              // The time limit of the look would end it too, later.
              call.addListener(
                  over -> ended.complete(over.getDeadline().isExpired()), Runnable::run);
              reading.countDown();
              ended.join();
            });
    var call = LearningServiceGrpc.newFutureStub(channel);
    var started =
        call.startFit(
            StartFitRequest.newBuilder()
                .setParameters(
                    Struct.newBuilder()
                        .putFields("artifact", text("left"))
                        .putFields("method", text("knn"))
                        .putFields("dataset", text("tasks"))
                        .putFields(
                            "members",
                            Value.newBuilder()
                                .setListValue(
                                    ListValue.newBuilder()
                                        .addValues(text("anna"))
                                        .addValues(text("bert")))
                                .build()))
                .build());
    assertTrue(reading.await(20, TimeUnit.SECONDS));
    started.cancel(true);
    assertFalse(ended.orTimeout(20, TimeUnit.SECONDS).join(), "read until its time was over");
  }

  /** Three in four queries are easy, and the weak one fails the others. */
  @Test
  void hybridLlmAsksTheStrongOneWhereTheWeakOneFails() {
    var queries = new ArrayList<RecordedQuery>();
    for (int i = 0; i < QUERIES; i++) {
      boolean hard = i % 4 == 0;
      queries.add(
          RecordedQuery.newBuilder()
              .setId("q%04d".formatted(i))
              .setSplit("train")
              .setQuery(hard ? "poem about %d".formatted(i) : "sum %d + 5".formatted(i))
              .addOutcomes(
                  Outcome.newBuilder().setMember("anna").setScore(hard ? 0 : 1).setCost(0.001))
              .addOutcomes(Outcome.newBuilder().setMember("bert").setScore(1).setCost(0.02))
              .build());
    }
    Neighbourhood.registry.datasets().put("tasks", queries);
    String fit =
        fit("hybrid", "\"quality_drop\": 0")
            .replace("\"knn\"", "\"hybrid-llm\"")
            .replace("\"settings\": {\"k\": 20}", "\"settings\": {}");
    ended(Admin.fit(fit).at("/id").asText());
    JsonNode version = Admin.version("hybrid", 1);
    assertTrue(version.at("/metrics/calibrated/alpha").isNumber(), version.toString());
    assertEquals(0, version.at("/provenance/quality_drop").asDouble());
    activate("hybrid", 1);
    var snapshot = Neighbourhood.usual().toBuilder();
    snapshot.getModelsBuilderList().stream()
        .filter(m -> m.getName().equals("bert"))
        .forEach(m -> m.getPricesBuilder().setUsdPerMillionPromptTokens(1_000));
    Neighbourhood.registry.tell(
        snapshot
            .addEnsembles(
                Neighbourhood.ensemble("pair", Family.FAMILY_ROUTER, "hybrid-llm", "anna", "bert")
                    .toBuilder()
                    .setSettings(recipe("hybrid").getSettings()))
            .build());
    await(() -> Http.chat("pair").status() == 200);
    int weak = 0;
    int strong = 0;
    // As long as those that were learned from, and none of them.
    for (int i = 100; i < 260; i += 4) {
      weak += member("pair", "sum %d + 5".formatted(i)).equals("anna") ? 1 : 0;
      strong += member("pair", "poem about %d".formatted(i + 1)).equals("bert") ? 1 : 0;
    }
    assertTrue(weak >= 35, weak + " of 40 easy ones to the weak one");
    assertTrue(strong >= 25, strong + " of 40 hard ones to the strong one");
  }

  /** As RouterBench calls them; here they are called otherwise. */
  @Test
  void aMemberIsFittedAndServedAsTheDatasetKnowsIt() {
    Neighbourhood.registry
        .datasets()
        .put(
            "tasks",
            tasks(QUERIES).stream()
                .map(
                    q ->
                        q.toBuilder()
                            .setOutcomes(
                                0,
                                q.getOutcomes(0).toBuilder()
                                    .setMember("WizardLM/WizardLM-13B-V1.2"))
                            .setOutcomes(
                                1, q.getOutcomes(1).toBuilder().setMember("claude-instant-v1"))
                            .build())
                .toList());
    String artifact = "org/RouterBench:knn";
    JsonNode job = fitted(artifact);
    assertEquals(artifact, job.at("/result/artifact").asText());
    activate(artifact, 1);
    assertTrue(
        violations(recipe(artifact, "anna", "bert")).getFirst().contains("claude-instant-v1"));
    Recipe known =
        recipe(artifact, "anna", "bert").toBuilder()
            .setMembers(
                0, recipe("", "anna").getMembers(0).toBuilder().setAs("WizardLM/WizardLM-13B-V1.2"))
            .setMembers(1, recipe("", "bert").getMembers(0).toBuilder().setAs("claude-instant-v1"))
            .build();
    assertEquals(List.of(), violations(known));
    Neighbourhood.registry.tell(
        Neighbourhood.usual().toBuilder()
            .addEnsembles(
                Neighbourhood.ensemble("bench", Family.FAMILY_ROUTER, "knn").toBuilder()
                    .addAllMembers(known.getMembersList())
                    .setSettings(known.getSettings()))
            .build());
    await(() -> Http.chat("bench").status() == 200);
    assertEquals("anna", member("bench", "sum 12345 + 5"));
    assertEquals("bert", member("bench", "poem about rain"));
    Http.Answer answer = Http.chat("bench");
    assertTrue(answer.body().contains("I am "), answer.body());
    String id = answer.header("x-tutti-decision-id");
    JsonNode candidate = Http.get("/v1/decisions/" + id).json().at("/candidates/0");
    assertEquals("anna", candidate.at("/member").asText());
    assertEquals("WizardLM/WizardLM-13B-V1.2", candidate.at("/as").asText());
    // Whoever rates may call it so too.
    Http.Answer rated =
        Http.post(
            "/v1/feedback",
            "{\"decision\": \"%s\", \"member\": \"claude-instant-v1\", \"rating\": 1}"
                .formatted(id));
    assertEquals("bert", rated.json().at("/member").asText(), rated.body());
  }

  @Test
  void anArtifactThatIsNotActiveIsNotSaidToBeMissing() {
    fitted("idle");
    String refused = violations(recipe("idle", "anna", "bert")).getFirst();
    assertTrue(refused.contains("no version is active"), refused);
    assertFalse(refused.contains("there is none"), refused);
  }

  @Test
  void aJobIsStartedAndListedAsAnyOther() {
    Job job =
        Admin.jobs(
            stub ->
                stub.start(
                        StartRequest.newBuilder()
                            .setKind("fit")
                            .setParameters(
                                Struct.newBuilder()
                                    .putFields("artifact", text("grpc"))
                                    .putFields("method", text("clusters"))
                                    .putFields("dataset", text("tasks")))
                            .build())
                    .getJob());
    assertEquals("JOB_STATE_SUCCEEDED", ended(job.getId()).at("/state").asText());
    assertEquals(
        JobState.JOB_STATE_SUCCEEDED,
        Admin.jobs(stub -> stub.cancel(CancelRequest.newBuilder().setId(job.getId()).build()))
            .getJob()
            .getState());
    var wanted =
        ListRequest.newBuilder()
            .setKind("fit")
            .setState(JobState.JOB_STATE_SUCCEEDED)
            .setPageSize(1)
            .build();
    assertEquals(1, Admin.jobs(stub -> stub.list(wanted)).getJobsCount());
    assertEquals("clusters", Admin.artifact("grpc").at("/summary/method").asText());
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "waited 20 s");
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
