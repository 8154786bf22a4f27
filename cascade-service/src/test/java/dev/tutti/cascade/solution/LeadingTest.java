package dev.tutti.cascade.solution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.cascade.v1.BroughtAnswer;
import dev.tutti.cascade.v1.CascadeServiceGrpc;
import dev.tutti.cascade.v1.DecideRequest;
import dev.tutti.cascade.v1.DecideResponse;
import dev.tutti.cascade.v1.Verdict;
import dev.tutti.generation.v1.Candidate;
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
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.kit.testing.NeighbourPorts;
import dev.tutti.kit.testing.ScriptedGeneration;
import dev.tutti.learning.v1.ActivateVersionRequest;
import dev.tutti.learning.v1.GetVersionRequest;
import dev.tutti.learning.v1.LearningServiceGrpc;
import dev.tutti.learning.v1.ListArtifactsRequest;
import dev.tutti.learning.v1.StartFitRequest;
import dev.tutti.method.v1.Recipe;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** An agent that is trained, and then leads from answer to answer, over gRPC. */
@QuarkusTest
@QuarkusTestResource(
    value = NeighbourPorts.class,
    initArgs = @ResourceArg(name = "clients", value = "decoder,router"))
@WithTestResource(SolvingNeighbourhood.class)
class LeadingTest {

  private static final String NAME = "leading";
  private static final double USD = .01;

  private static ScriptedGeneration decoder;
  private static ScriptedGeneration router;
  private static ManagedChannel channel;

  @BeforeAll
  static void start() {
    decoder = SolvingNeighbourhood.decoder();
    router = SolvingNeighbourhood.router();
    channel = NeighbourPorts.service();
  }

  @AfterAll
  static void stop() {
    channel.shutdownNow();
    decoder.close();
    router.close();
  }

  @AfterEach
  void calm() {
    SolvingNeighbourhood.EMBEDDER.calm();
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "it never came");
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static LearningServiceGrpc.LearningServiceBlockingStub learning() {
    return LearningServiceGrpc.newBlockingStub(channel)
        .withWaitForReady()
        .withDeadlineAfter(60, TimeUnit.SECONDS);
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private static Value number(double number) {
    return Value.newBuilder().setNumberValue(number).build();
  }

  /** Sums are the counter's, three times in four; the dear one knows everything. */
  private static List<RecordedQuery> recorded() {
    var queries = new ArrayList<RecordedQuery>();
    for (int i = 0; i < 200; i++) {
      boolean sum = i % 2 == 0;
      boolean slip = i / 2 % 4 == 3;
      queries.add(
          RecordedQuery.newBuilder()
              .setId("q%04d".formatted(i))
              .setSplit("train")
              .setQuery((sum ? "Sum " : "Word ") + i)
              .addOutcomes(outcome("counter", sum && !slip, 1))
              .addOutcomes(outcome("speller", !sum && !slip, 1))
              .addOutcomes(outcome("dear", true, 5))
              .build());
    }
    return queries;
  }

  private static Outcome outcome(String member, boolean right, double cost) {
    return Outcome.newBuilder()
        .setMember(member)
        .setScore(right ? 1 : 0)
        .setResponse(right ? "right" : "wrong")
        .setCost(cost)
        .build();
  }

  private static float[] embedding(String text) {
    return switch (text.charAt(0)) {
      case 'S' -> new float[] {.6f, .8f};
      case 'W' -> new float[] {.6f, -.8f};
      case 'r' -> new float[] {1, 0};
      default -> new float[] {0, 1};
    };
  }

  private static void awaitDatabase() {
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

  private static void fit() {
    SolvingNeighbourhood.DATASETS.put("sums", recorded());
    awaitDatabase();
    Struct.Builder settings =
        Struct.newBuilder()
            .putFields(
                "alpha",
                Value.newBuilder()
                    .setListValue(ListValue.newBuilder().addValues(number(1.5)))
                    .build())
            .putFields("beta", number(0))
            .putFields("steps", number(3))
            .putFields("units", number(8))
            .putFields("epochs", number(30))
            .putFields("rate", number(.01))
            .putFields("decay", number(0))
            .putFields("axes", number(2));
    Job ended = fit(NAME, "sums", settings, 0);
    assertEquals(JobState.JOB_STATE_SUCCEEDED, ended.getState(), ended.toString());
    learning()
        .activateVersion(ActivateVersionRequest.newBuilder().setName(NAME).setVersion(1).build());
  }

  private static Job fit(String artifact, String dataset, Struct.Builder settings, double usd) {
    Job job =
        learning()
            .startFit(
                StartFitRequest.newBuilder()
                    .setParameters(
                        Struct.newBuilder()
                            .putFields("artifact", text(artifact))
                            .putFields("method", text("der"))
                            .putFields("dataset", text(dataset))
                            .putFields("budget_usd", number(usd))
                            .putFields(
                                "settings", Value.newBuilder().setStructValue(settings).build()))
                    .setAuthor("ada")
                    .build())
            .getJob();
    await(() -> job(job.getId()).hasEndedAt());
    return job(job.getId());
  }

  private static Job job(String id) {
    return JobServiceGrpc.newBlockingStub(channel)
        .get(GetRequest.newBuilder().setId(id).build())
        .getJob();
  }

  private static Recipe.Builder recipe() {
    return recipe(NAME, "counter", "speller", "dear");
  }

  private static Recipe.Builder recipe(String artifact, String... members) {
    Recipe.Builder recipe = Recipe.newBuilder().setEnsemble("led").setMethod("der");
    recipe.getSettingsBuilder().putFields("artifact", text(artifact));
    for (String member : members) {
      recipe.addMembers(
          Member.newBuilder().setModel(member).addCapabilities(Capability.CAPABILITY_GENERATION));
    }
    return recipe;
  }

  private static GenerateRequest request(Recipe.Builder recipe, String question) {
    return GenerateRequest.newBuilder()
        .setRecipe(recipe)
        .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent(question))
        .build();
  }

  private static Completion answer(Recipe.Builder recipe, String question) {
    Completion last = Completion.getDefaultInstance();
    var events =
        GenerationServiceGrpc.newBlockingStub(channel)
            .withDeadlineAfter(30, TimeUnit.SECONDS)
            .generate(request(recipe, question));
    while (events.hasNext()) {
      last = events.next().getCompletion();
    }
    return last;
  }

  private static DecideResponse decide(BroughtAnswer... answers) {
    return CascadeServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(30, TimeUnit.SECONDS)
        .decide(
            DecideRequest.newBuilder()
                .setRequest(request(recipe(), "Sum 1000"))
                .addAllAnswers(List.of(answers))
                .build());
  }

  private static BroughtAnswer says(String member, String text, String purpose) {
    return BroughtAnswer.newBuilder().setMember(member).setText(text).setPurpose(purpose).build();
  }

  @Test
  void fromRecordedAnswersToAnAgentThatLeads() {
    SolvingNeighbourhood.EMBEDDER.script(LeadingTest::embedding);
    fit();
    decoder.script(
        (request, sink) -> {
          String name = request.getMember().getModel();
          ScriptedGeneration.answer(sink, name, name.equals("dear") ? "right" : "wrong");
        });
    decoder.forget();
    Completion led = answer(recipe(), "Sum 1000");
    assertEquals("right", led.getText());
    assertEquals("dear", led.getAuthor());
    assertEquals(NAME, led.getDecision().getArtifact());
    assertEquals(1, led.getDecision().getArtifactVersion());
    assertTrue(
        led.getDecision().getExplanation().contains("of a good answer >= threshold"),
        led.getDecision().getExplanation());
    // Its fit measured it without the prompt that hands answers on.
    assertFalse(led.getDecision().getInputs().containsFields("held_out"));
    List<GenerateRequest> asked = decoder.requests();
    assertEquals("counter", asked.getFirst().getMember().getModel());
    assertEquals(1, asked.getFirst().getMessagesCount());
    assertEquals("dear", asked.getLast().getMember().getModel());
    Message handedOn = asked.getLast().getMessages(0);
    assertEquals(Role.ROLE_SYSTEM, handedOn.getRole());
    assertTrue(handedOn.getContent().contains("---\nwrong\n---"), handedOn::getContent);

    Recipe.Builder asAsked = recipe();
    asAsked.getSettingsBuilder().putFields("transfer", text(""));
    decoder.forget();
    Completion measured = answer(asAsked, "Word 1001");
    assertTrue(measured.getDecision().getInputs().containsFields("held_out"));
    assertEquals("speller", decoder.requests().getFirst().getMember().getModel());
    assertTrue(decoder.requests().stream().allMatch(its -> its.getMessagesCount() == 1));

    decoder.forget();
    callersBringTheirAnswers();
    assertEquals(List.of(), decoder.requests());
  }

  private static void callersBringTheirAnswers() {
    DecideResponse first = decide();
    assertEquals(Verdict.VERDICT_DEFER, first.getVerdict());
    assertEquals("counter", first.getWanted(0).getMember());
    assertEquals("", first.getWanted(0).getPurpose());
    DecideResponse second = decide(says("counter", "wrong", ""));
    assertEquals(Verdict.VERDICT_DEFER, second.getVerdict());
    assertEquals("transfer", second.getWanted(0).getPurpose());
    assertTrue(second.getWanted(0).getMessages(0).getContent().contains("---\nwrong\n---"));
    assertTrue(second.getConfidence() < second.getThreshold(), second::toString);
    String next = second.getWanted(0).getMember();
    DecideResponse third = decide(says("counter", "wrong", ""), says(next, "right", "transfer"));
    assertEquals(Verdict.VERDICT_ACCEPT, third.getVerdict());
    assertEquals(1, third.getChosen());
    assertEquals(NAME, third.getDecision().getArtifact());
    assertTrue(third.getDecision().getCandidatesList().stream().noneMatch(Candidate::getCalled));
    assertEquals(Verdict.VERDICT_ACCEPT, decide(says("counter", "right", "")).getVerdict());
  }

  /** As asked nobody is right; the mender is where it is handed what the drafter wrote. */
  private static List<RecordedQuery> mendable() {
    var queries = new ArrayList<RecordedQuery>();
    for (int i = 0; i < 80; i++) {
      queries.add(
          RecordedQuery.newBuilder()
              .setId("m%04d".formatted(i))
              .setSplit("train")
              .setQuery("question " + i)
              .setReference("fixed")
              .addOutcomes(wrong("drafter", "draft " + i))
              .addOutcomes(wrong("mender", "guess " + i))
              .build());
    }
    return queries;
  }

  private static Outcome wrong(String member, String text) {
    return Outcome.newBuilder()
        .setMember(member)
        .setScore(0)
        .setResponse(text)
        .setCost(USD)
        .build();
  }

  /** Texts of a kind lie where the others do, so what is served is as what was learned from. */
  private static float[] mended(String text) {
    return switch (text.charAt(0)) {
      case 'd' -> new float[] {1, 0};
      case 'f' -> new float[] {-1, 0};
      case 'g' -> new float[] {0, -1};
      default -> new float[] {0, 1};
    };
  }

  private static GenerateResponse.Builder says(GenerateRequest request, String member) {
    boolean handed = request.getMessages(0).getContent().contains("draft");
    String question = request.getMessages(request.getMessagesCount() - 1).getContent();
    String text =
        handed && member.equals("mender")
            ? "fixed"
            : question.replace("question", member.equals("mender") ? "guess" : "draft");
    GenerateResponse.Builder response = ScriptedGeneration.completion(member, text);
    response.getCompletionBuilder().setCostUsd(USD);
    return response;
  }

  @Test
  void membersAnswerWhileItIsTrained() {
    SolvingNeighbourhood.EMBEDDER.script(LeadingTest::mended);
    SolvingNeighbourhood.DATASETS.put("mendable", mendable());
    awaitDatabase();
    router.forget();
    Struct.Builder settings =
        Struct.newBuilder()
            .putFields("advantage", text("return"))
            .putFields("beta", number(0))
            .putFields("steps", number(2))
            .putFields("units", number(8))
            .putFields("epochs", number(40))
            .putFields("buffer", number(16))
            .putFields("rate", number(.01))
            .putFields("decay", number(0))
            .putFields("axes", number(2));
    settings.putFields("quality", text("exact"));
    var cut = new AtomicReference<GenerateRequest>();
    router.script(
        (request, sink) -> {
          if (router.requests().size() > 20 && cut.compareAndSet(null, request)) {
            throw new Failure.Unavailable("AWAY", "It is away.").exception();
          }
          sink.emit(says(request, request.getName()).build());
        });
    Job ended = fit("live", "mendable", settings, 5);
    assertEquals(JobState.JOB_STATE_SUCCEEDED, ended.getState(), ended.toString());
    assertEquals(2, ended.getAttempts());
    var asked = new ArrayList<>(router.requests());
    asked.remove(cut.get());
    assertTrue(asked.size() * USD <= 5 && asked.size() > 20, () -> asked.size() + " asked");
    assertEquals(asked.size(), asked.stream().distinct().count(), "nobody is paid twice");
    assertTrue(
        asked.stream().allMatch(its -> its.getMessages(0).getRole() == Role.ROLE_SYSTEM),
        "first answers are the recorded ones");
    assertTrue(asked.stream().allMatch(its -> its.getSampling().getMaxTokens() == 1_024));

    Struct metrics =
        learning()
            .getVersion(GetVersionRequest.newBuilder().setName("live").setVersion(1).build())
            .getVersion()
            .getMetrics();
    Struct live = metrics.getFieldsOrThrow("live").getStructValue();
    assertEquals(asked.size() * USD, live.getFieldsOrThrow("spent_usd").getNumberValue(), 1e-9);
    assertEquals(
        "recorded answers", live.getFieldsOrThrow("held_out_measured_on").getStringValue());
    String chosenOn = live.getFieldsOrThrow("points_chosen_on").getStringValue();
    assertTrue(chosenOn.matches("live answers to \\d+ questions"), chosenOn);
    List<Value> points = metrics.getFieldsOrThrow("points").getListValue().getValuesList();
    Struct best = points.getLast().getStructValue();
    assertTrue(best.getFieldsOrThrow("quality").getNumberValue() > .9, metrics::toString);

    learning()
        .activateVersion(ActivateVersionRequest.newBuilder().setName("live").setVersion(1).build());
    decoder.script(
        (request, sink) -> sink.emit(says(request, request.getMember().getModel()).build()));
    decoder.forget();
    Completion served = answer(recipe("live", "drafter", "mender"), "question 1004");
    assertEquals("fixed", served.getText(), served::toString);
    assertEquals(
        List.of("drafter", "mender"),
        decoder.requests().stream().map(its -> its.getMember().getModel()).toList());
  }

  private static Struct.Builder parameters(String method, String dataset, double usd) {
    return Struct.newBuilder()
        .putFields("artifact", text("none"))
        .putFields("method", text(method))
        .putFields("dataset", text(dataset))
        .putFields("budget_usd", number(usd))
        .putFields(
            "settings",
            Value.newBuilder()
                .setStructValue(
                    Struct.newBuilder()
                        .putFields("quality", text(dataset.equals("scored") ? "score" : "exact")))
                .build());
  }

  private static Struct.Builder judged(String judge, double usd) {
    return parameters("der", "blank", usd)
        .putFields(
            "settings",
            Value.newBuilder()
                .setStructValue(
                    Struct.newBuilder()
                        .putFields("quality", text("judge"))
                        .putFields("judge", text(judge)))
                .build());
  }

  private static void refused(Struct.Builder parameters, String field, String message) {
    var e =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                learning()
                    .startFit(StartFitRequest.newBuilder().setParameters(parameters).build()));
    assertEquals(Status.Code.INVALID_ARGUMENT, e.getStatus().getCode());
    assertTrue(e.getMessage().contains(message), e.getMessage());
    Failure failure = FailureStatus.fromThrowable(e);
    assertEquals("parameters." + field, ((Failure.InvalidArgument) failure).field());
  }

  @Test
  void whatCannotBeAskedLiveIsRefusedAtOnce() {
    SolvingNeighbourhood.DATASETS.put("mendable", mendable());
    SolvingNeighbourhood.DATASETS.put("scored", mendable());
    SolvingNeighbourhood.DATASETS.put("sums", recorded());
    var blank = new ArrayList<>(mendable());
    blank.set(7, blank.get(7).toBuilder().clearReference().build());
    SolvingNeighbourhood.DATASETS.put("blank", blank);
    awaitDatabase();
    refused(
        parameters("frugal-gpt", "mendable", 1).removeFields("settings"),
        "budget_usd",
        "fits of frugal-gpt ask nobody live");
    refused(
        parameters("der", "scored", 1), "settings.quality", "exact, token_f1, rouge_l and judge");
    refused(parameters("der", "sums", 1), "members", "called 'counter', 'dear', 'speller'");
    refused(parameters("der", "blank", 1), "dataset", "Query 'm0007' has no reference");
    refused(judged("nobody", 1), "settings.judge", "judge is 'nobody'");
    refused(judged("mender", 0), "settings.quality", "give budget_usd");
    refused(parameters("der", "mendable", .02), "budget_usd", "at least 0.02");
    assertEquals(List.of(), router.requests());
  }
}
