package dev.tutti.cascade.solution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Value;
import dev.tutti.cascade.v1.CacheServiceGrpc;
import dev.tutti.cascade.v1.CascadeServiceGrpc;
import dev.tutti.cascade.v1.DecideRequest;
import dev.tutti.cascade.v1.DecideResponse;
import dev.tutti.cascade.v1.DeleteSolutionRequest;
import dev.tutti.cascade.v1.DeleteSolutionsRequest;
import dev.tutti.cascade.v1.GetCacheRequest;
import dev.tutti.cascade.v1.ListSolutionsRequest;
import dev.tutti.cascade.v1.ListSolutionsResponse;
import dev.tutti.cascade.v1.Solution;
import dev.tutti.cascade.v1.SolutionServiceGrpc;
import dev.tutti.cascade.v1.SolutionServiceGrpc.SolutionServiceBlockingStub;
import dev.tutti.cascade.v1.SolutionState;
import dev.tutti.cascade.v1.Verdict;
import dev.tutti.generation.v1.CacheOutcome;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.generation.v1.MemberCall;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.kit.testing.NeighbourPorts;
import dev.tutti.kit.testing.ScriptedGeneration;
import dev.tutti.learning.database.DatabaseWatch;
import dev.tutti.method.v1.Recipe;
import dev.tutti.team.v1.DeleteTeamDataRequest;
import dev.tutti.team.v1.DeletedData;
import dev.tutti.team.v1.TeamDataServiceGrpc;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What ensembles solve and recall, over gRPC, with members, a judge and users by script. */
@QuarkusTest
@QuarkusTestResource(
    value = NeighbourPorts.class,
    initArgs = @ResourceArg(name = "clients", value = "decoder,router"))
@WithTestResource(SolvingNeighbourhood.class)
class SolvingTest {

  private static final AtomicInteger DRAWN = new AtomicInteger();

  @Inject DatabaseWatch watch;

  /** An ensemble of each test's own. */
  private final String ensemble = "eco-" + DRAWN.incrementAndGet();

  /** What each model says; the judge accepts what holds "right". */
  private final Map<String, String> says = new ConcurrentHashMap<>();

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

  @BeforeEach
  void open() {
    says.putAll(Map.of("weak", "wrong", "strong", "right: 42"));
    decoder.forget();
    decoder.script(this::answer);
    // Alike are questions that begin alike.
    SolvingNeighbourhood.EMBEDDER.script(
        text -> text.startsWith("What") ? new float[] {1, 0} : new float[] {0, 1});
  }

  @AfterEach
  void calm() {
    SolvingNeighbourhood.EMBEDDER.calm();
  }

  private void answer(GenerateRequest request, EventSink<GenerateResponse> sink) {
    String name = request.getMember().getModel();
    if (name.equals("judge")) {
      String read = request.getMessages(0).getContent();
      String judged = read.substring(read.lastIndexOf("--- the answer,"));
      ScriptedGeneration.answer(sink, name, judged.contains("right") ? "Yes." : "No.");
    } else {
      ScriptedGeneration.answer(sink, name, says.get(name));
    }
  }

  private Recipe.Builder recipe(boolean judged) {
    Recipe.Builder recipe =
        Recipe.newBuilder().setEnsemble(ensemble).setVersion(1).setMethod("eco-assistant");
    recipe.addMembers(member("weak")).addMembers(member("strong"));
    if (judged) {
      recipe.addMembers(member("judge").setRole("verifier"));
    }
    return recipe;
  }

  private static Member.Builder member(String model) {
    return Member.newBuilder().setModel(model).addCapabilities(Capability.CAPABILITY_GENERATION);
  }

  private GenerateRequest.Builder request(String id, Recipe.Builder recipe, String question) {
    return GenerateRequest.newBuilder()
        .setRequestId(id)
        .setRecipe(recipe)
        .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent(question));
  }

  private Completion ask(GenerateRequest.Builder request) {
    Completion last = Completion.getDefaultInstance();
    var events =
        GenerationServiceGrpc.newBlockingStub(channel)
            .withWaitForReady()
            .withDeadlineAfter(20, TimeUnit.SECONDS)
            .generate(request.build());
    while (events.hasNext()) {
      last = events.next().getCompletion();
    }
    return last;
  }

  private Completion ask(String id, boolean judged, String question) {
    decoder.forget();
    return ask(request(id, recipe(judged), question));
  }

  private static List<String> asked() {
    return decoder.requests().stream().map(request -> request.getMember().getModel()).toList();
  }

  private static String read(int call) {
    return decoder.requests().get(call).getMessages(0).getContent();
  }

  private SolutionServiceBlockingStub solutions() {
    return SolutionServiceGrpc.newBlockingStub(channel)
        .withWaitForReady()
        .withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  private List<Solution> kept() {
    return solutions()
        .listSolutions(ListSolutionsRequest.newBuilder().setEnsemble(ensemble).build())
        .getSolutionsList();
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "it never came");
      Thread.onSpinWait();
    }
  }

  /** Whoever sends a recipe under an ensemble's name sees nothing of it, and leaves nothing. */
  @Test
  void aRecipeThatIsSentSharesNothing() {
    ask("r-1", true, "What is 6 x 7?");
    assertEquals(1, kept().size());
    decoder.forget();
    Completion sent = ask(request("r-2", recipe(true).setVersion(0), "What is 6 x 8?"));
    assertEquals("right: 42", sent.getText());
    assertEquals("What is 6 x 8?", read(0), "no example is shown");
    assertEquals(1, kept().size());
  }

  @Test
  void whatTheStrongOneSolvedTeachesTheWeakOne() {
    Completion first = ask("r-1", true, "What is 6 x 7?");
    assertEquals("right: 42", first.getText());
    assertEquals(List.of("weak", "judge", "strong", "judge"), asked());
    assertEquals("What is 6 x 7?", read(0));
    assertEquals(
        "'strong' answers after 3 of 3 members were asked. The verifier accepts it.",
        first.getDecision().getExplanation());
    assertEquals(
        List.of("verify", "verify"),
        first.getDecision().getCandidates(2).getCallsList().stream()
            .map(MemberCall::getPurpose)
            .toList());
    Solution kept = kept().getFirst();
    assertEquals("What is 6 x 7?", kept.getQuestion());
    assertEquals("right: 42", kept.getAnswer());
    assertEquals("strong", kept.getMember());
    assertEquals("r-1", kept.getDecision());
    assertEquals(SolutionState.SOLUTION_STATE_ACCEPTED, kept.getState());

    says.put("weak", "right too");
    Completion second = ask("r-2", true, "What is 6 x 8?");
    assertEquals(List.of("weak", "judge"), asked());
    String shown = read(0);
    assertTrue(
        shown.contains("---\nWhat is 6 x 7?\n---") && shown.contains("---\nright: 42\n---"), shown);
    assertTrue(shown.endsWith("---\n\nWhat is 6 x 8?"), shown);
    assertFalse(read(1).contains("6 x 7"), "the judge sees what was asked");
    assertTrue(
        second.getDecision().getExplanation().endsWith("at distance 0.000 was at hand."),
        second.getDecision().getExplanation());
    // The key is what was asked, not what was sent.
    assertEquals(
        List.of("What is 6 x 8?", "What is 6 x 7?"),
        kept().stream().map(Solution::getQuestion).toList());

    ask("r-3", true, "Name a bird.");
    assertEquals("Name a bird.", read(0), "nothing like it was solved");
  }

  @Test
  void anAnswerThatNobodyAcceptsIsGivenFlaggedAndNoExample() {
    says.put("strong", "wrong too");
    Completion given = ask("r-1", true, "What is 6 x 7?");
    assertEquals("wrong too", given.getText());
    assertTrue(
        given.getDecision().getExplanation().contains("Nobody accepted an answer"),
        given.getDecision().getExplanation());
    assertEquals(
        List.of(SolutionState.SOLUTION_STATE_PENDING),
        kept().stream().map(Solution::getState).toList());
    ask("r-2", true, "What is 6 x 8?");
    assertEquals("What is 6 x 8?", read(0));
  }

  /** The answer streams; what its user says of it later changes who is asked, and what is shown. */
  @Test
  void withoutAVerifierTheUserJudgesByFeedback() {
    assertEquals("wrong", ask("u-1", false, "What is 6 x 7?").getText());
    assertEquals(List.of("weak"), asked());
    SolvingNeighbourhood.rate(ensemble, "u-1", "weak", 0);
    await(() -> kept().getFirst().getState() == SolutionState.SOLUTION_STATE_REJECTED);
    assertEquals("right: 42", ask("u-2", false, "What is 6 x 7?").getText());
    assertEquals(List.of("strong"), asked(), "who was rejected for it is passed over");
    SolvingNeighbourhood.rate(ensemble, "u-2", "strong", 1);
    await(() -> kept().getFirst().getState() == SolutionState.SOLUTION_STATE_ACCEPTED);
    ask("u-3", false, "What is 6 x 8?");
    assertEquals(List.of("weak"), asked(), "it is another question");
    assertTrue(read(0).contains("right: 42"), read(0));
    // Nobody rates what is within another answer.
    int before = kept().size();
    ask(request("u-4", recipe(false), "What is 1 x 1?").setDepth(1));
    assertEquals(before, kept().size());
  }

  @Test
  void aFollowUpNeitherRecallsNorIsKept() {
    ask("r-1", true, "What is 6 x 7?");
    decoder.forget();
    ask(
        request("r-2", recipe(true), "What is 6 x 8?")
            .addMessages(Message.newBuilder().setRole(Role.ROLE_ASSISTANT).setContent("48"))
            .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent("What? Why?")));
    assertEquals("What is 6 x 8?", read(0));
    assertEquals(1, kept().size());
  }

  @Test
  void whatWasCutShortIsNotKept() {
    decoder.script(
        (request, sink) -> {
          if (request.getMember().getModel().equals("judge")) {
            answer(request, sink);
            return;
          }
          sink.emit(ScriptedGeneration.delta("right"));
          var end = ScriptedGeneration.completion("weak", "right");
          end.getCompletionBuilder().setFinishReason(FinishReason.FINISH_REASON_LENGTH);
          sink.emit(end.build());
        });
    assertEquals("right", ask("r-1", true, "What is 6 x 7?").getText());
    assertEquals(List.of(), kept());
  }

  @Test
  void withTheDatabaseOrTheEmbedderAwayItAnswersWithoutExamples() {
    ask("r-1", true, "What is 6 x 7?");
    SolvingNeighbourhood.EMBEDDER.script(
        _ -> {
          throw new IllegalStateException("Away.");
        });
    assertEquals("right: 42", ask("r-2", true, "What is 6 x 8?").getText());
    assertEquals("What is 6 x 8?", read(0));
    SolvingNeighbourhood.EMBEDDER.script(_ -> new float[] {1, 0});
    SolvingNeighbourhood.database.shut();
    try {
      Completion without = ask("r-3", true, "What is 6 x 9?");
      assertEquals("right: 42", without.getText());
      assertEquals("What is 6 x 9?", read(0));
      assertTrue(
          without
              .getDecision()
              .getExplanation()
              .endsWith("It is not kept: the database is out of reach."),
          without.getDecision().getExplanation());
      var refused = assertThrows(StatusRuntimeException.class, this::kept);
      assertInstanceOf(Failure.Unavailable.class, FailureStatus.fromThrowable(refused));
      // Once it is known to be away nobody asks it.
      await(() -> !watch.state().answers());
      assertEquals("right: 42", ask("r-4", true, "What is 6 x 9?").getText());
    } finally {
      SolvingNeighbourhood.database.open();
    }
    await(() -> watch.state().answers());
    await(
        () -> {
          ask("r-5", true, "What is 7 x 7?");
          return read(0).contains("What is 6 x 7?");
        });
  }

  @Test
  void solutionsAreListedInPagesAndDeleted() {
    for (int i = 0; i < 3; i++) {
      ask("r-" + i, true, "What is " + i + "?");
    }
    ListSolutionsResponse page =
        solutions()
            .listSolutions(
                ListSolutionsRequest.newBuilder().setEnsemble(ensemble).setPageSize(2).build());
    assertEquals(
        List.of("What is 2?", "What is 1?"),
        page.getSolutionsList().stream().map(Solution::getQuestion).toList());
    ListSolutionsResponse next =
        solutions()
            .listSolutions(
                ListSolutionsRequest.newBuilder()
                    .setEnsemble(ensemble)
                    .setPageSize(2)
                    .setPageToken(page.getNextPageToken())
                    .build());
    assertEquals("What is 0?", next.getSolutions(0).getQuestion());
    assertEquals("", next.getNextPageToken());
    var one =
        DeleteSolutionRequest.newBuilder()
            .setEnsemble(ensemble)
            .setId(next.getSolutions(0).getId())
            .build();
    solutions().deleteSolution(one);
    var gone = assertThrows(StatusRuntimeException.class, () -> solutions().deleteSolution(one));
    assertInstanceOf(Failure.NotFound.class, FailureStatus.fromThrowable(gone));
    var all = DeleteSolutionsRequest.newBuilder().setEnsemble(ensemble).build();
    assertEquals(2, solutions().deleteSolutions(all).getDeleted());
    assertEquals(0, solutions().deleteSolutions(all).getDeleted());
    ask("r-9", true, "What is 9?");
    assertEquals("What is 9?", read(0), "deleted is forgotten");
    refused("ensemble", ListSolutionsRequest.newBuilder());
    refused("page_size", ListSolutionsRequest.newBuilder().setEnsemble("e").setPageSize(1_001));
    refused("page_token", ListSolutionsRequest.newBuilder().setEnsemble("e").setPageToken("x"));
  }

  @Test
  void whatIsKeptOfATeamGoesWithItAndOfARequestByItsId() {
    String team = "team-" + ensemble;
    for (String whose : List.of(team, "none")) {
      for (int i = 0; i < 2; i++) {
        assertEquals(
            CacheOutcome.CACHE_OUTCOME_KEPT,
            askOf(whose, whose + i, "What is " + i + "?").getDecision().getCache().getOutcome());
      }
    }
    assertEquals(2, kept(team).size());
    assertEquals(2, kept().size());
    assertEquals(List.of(0L, 0L, 0L), deleted(team, "nobody's"));
    // A cache is one: all of it goes where an answer of the request is in it.
    await(() -> cached(team) == 2);
    assertEquals(List.of(2L, 1L, 0L), deleted(team, team + 1));
    assertEquals(List.of("What is 0?"), kept(team).stream().map(Solution::getQuestion).toList());
    assertEquals(0, cached(team));
    askOf(team, team + 2, "What is 2?");
    assertEquals(List.of(1L, 2L, 0L), deleted(team));
    assertEquals(List.of(0L, 0L, 0L), deleted(team));
    assertEquals(2, kept().size(), "another's");
    assertEquals(2, cached("none"));
    var listed = DeleteTeamDataRequest.newBuilder().setTeam("none").setOnlyList(true);
    for (var wrong : List.of(listed, DeleteTeamDataRequest.newBuilder())) {
      var refused =
          assertThrows(
              StatusRuntimeException.class, () -> teamData().deleteTeamData(wrong.build()));
      assertInstanceOf(Failure.InvalidArgument.class, FailureStatus.fromThrowable(refused));
    }
    assertEquals(2, cached("none"), "nothing was deleted");
  }

  private Completion askOf(String team, String id, String question) {
    Recipe.Builder recipe = recipe(true);
    recipe
        .getSettingsBuilder()
        .putFields("cache", Value.newBuilder().setStringValue("exact").build());
    return ask(
        request(id, recipe, question)
            .setTeam(team)
            .setSampling(Sampling.newBuilder().setTemperature(0)));
  }

  private List<Solution> kept(String team) {
    return solutions()
        .listSolutions(
            ListSolutionsRequest.newBuilder().setTeam(team).setEnsemble(ensemble).build())
        .getSolutionsList();
  }

  private long cached(String team) {
    return CacheServiceGrpc.newBlockingStub(channel)
        .getCache(GetCacheRequest.newBuilder().setTeam(team).setEnsemble(ensemble).build())
        .getCache()
        .getEntries();
  }

  private static TeamDataServiceGrpc.TeamDataServiceBlockingStub teamData() {
    return TeamDataServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  /** Cached answers, solutions, observations. */
  private static List<Long> deleted(String team, String... requests) {
    return teamData()
        .deleteTeamData(
            DeleteTeamDataRequest.newBuilder()
                .setTeam(team)
                .addAllRequests(List.of(requests))
                .build())
        .getDeletedList()
        .stream()
        .map(DeletedData::getCount)
        .toList();
  }

  private void refused(String field, ListSolutionsRequest.Builder request) {
    var refused =
        assertThrows(
            StatusRuntimeException.class, () -> solutions().listSolutions(request.build()));
    assertEquals(
        field,
        assertInstanceOf(Failure.InvalidArgument.class, FailureStatus.fromThrowable(refused))
            .field());
  }

  /** A caller brings the verdict along as it brings answers; what was solved is not looked at. */
  @Test
  void decideRecallsNothingAndTakesAVerdict() {
    ask("r-1", true, "What is 6 x 7?");
    var request =
        DecideRequest.newBuilder().setRequest(request("d-1", recipe(true), "What is 6 x 8?"));
    DecideResponse first = decide(request);
    assertEquals(Verdict.VERDICT_DEFER, first.getVerdict());
    assertEquals("weak", first.getWanted(0).getMember());
    assertEquals(0, first.getWanted(0).getMessagesCount(), "as it was asked");
    request.addAnswersBuilder().setMember("weak").setText("48");
    DecideResponse second = decide(request);
    assertEquals("judge", second.getWanted(0).getMember());
    assertEquals("verify", second.getWanted(0).getPurpose());
    assertTrue(second.getWanted(0).getMessages(0).getContent().contains("---\n48\n---"));
    request.addAnswersBuilder().setMember("judge").setText("yes").setPurpose("verify");
    DecideResponse third = decide(request);
    assertEquals(Verdict.VERDICT_ACCEPT, third.getVerdict());
    assertEquals(0, third.getChosen());
    assertEquals(1, third.getConfidence());
    assertEquals(1, kept().size(), "nothing is kept of it");
  }

  private DecideResponse decide(DecideRequest.Builder request) {
    return CascadeServiceGrpc.newBlockingStub(channel)
        .withWaitForReady()
        .withDeadlineAfter(20, TimeUnit.SECONDS)
        .decide(request.build());
  }
}
