package dev.tutti.cascade.solution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Value;
import dev.tutti.cascade.v1.DeleteSolutionsRequest;
import dev.tutti.cascade.v1.SolutionServiceGrpc;
import dev.tutti.generation.v1.CacheUse;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.kit.testing.NeighbourPorts;
import dev.tutti.kit.testing.ScriptedGeneration;
import dev.tutti.method.v1.Recipe;
import dev.tutti.type.v1.Capability;
import io.grpc.ManagedChannel;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A student that learns while it answers, over gRPC, from a member by script. */
@QuarkusTest
@QuarkusTestResource(
    value = NeighbourPorts.class,
    initArgs = @ResourceArg(name = "clients", value = "decoder,router"))
@WithTestResource(SolvingNeighbourhood.class)
class StudyingTest {

  private static ScriptedGeneration decoder;
  private static ManagedChannel channel;

  private int asked;

  @BeforeAll
  static void start() {
    decoder = SolvingNeighbourhood.decoder();
    channel = NeighbourPorts.service();
  }

  @AfterAll
  static void stop() {
    channel.shutdownNow();
    decoder.close();
  }

  private Completion ask(String question) {
    return ask(
        GenerateRequest.newBuilder()
            .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent(question)));
  }

  private Completion ask(GenerateRequest.Builder request) {
    return ask(1, request);
  }

  /** Of version 0 are recipes that somebody sends. */
  private Completion ask(long version, GenerateRequest.Builder request) {
    Recipe.Builder recipe =
        Recipe.newBuilder().setEnsemble("studying").setVersion(version).setMethod("neural-caching");
    recipe
        .getSettingsBuilder()
        .putFields("initial", Value.newBuilder().setNumberValue(4).build())
        .putFields("every", Value.newBuilder().setNumberValue(4).build())
        .putFields("share", Value.newBuilder().setNumberValue(0).build());
    recipe
        .addMembersBuilder()
        .setModel("strong")
        .addCapabilities(Capability.CAPABILITY_GENERATION)
        .getPricesBuilder()
        .setUsdPerMillionCompletionTokens(100);
    request.setRequestId("r-" + asked++).setRecipe(recipe);
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

  @Test
  void theStudentAnswersOnceItHasLearned() {
    decoder.script(
        (request, sink) ->
            ScriptedGeneration.answer(
                sink, "strong", request.getMessages(0).getContent().startsWith("up") ? "7" : "9"));
    SolvingNeighbourhood.EMBEDDER.script(
        text -> text.startsWith("up") ? new float[] {1, 0} : new float[] {0, 1});
    for (int i = 0; i < 4; i++) {
      Completion taught = ask(i % 2 == 0 ? "up " + i : "down " + i);
      assertEquals("strong", taught.getAuthor());
      assertEquals(i % 2 == 0 ? "7" : "9", taught.getText());
      assertTrue(
          taught.getDecision().getExplanation().contains("There is no student yet: "),
          taught.getDecision().getExplanation());
    }
    assertEquals(4, decoder.requests().size());
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    Completion given = ask("up again");
    while (!given.getAuthor().equals("student")) {
      assertTrue(System.nanoTime() < end, "it never learned");
      given = ask("up again");
    }
    assertEquals("7", given.getText());
    assertEquals("9", ask("down again").getText());
    assertEquals(0, given.getCostUsd());
    assertEquals(
        0.0256, given.getDecision().getCostAvoidedUsd(), 0.02, "what asking was expected to cost");
    assertTrue(
        given.getDecision().getExplanation().startsWith("The student answers, and believes"));
    assertEquals(
        0, given.getDecision().getCandidatesList().stream().filter(c -> c.getCalled()).count());
    // Whoever rates it rates the student.
    assertEquals(
        List.of("student"),
        given.getDecision().getCandidatesList().stream()
            .filter(Candidate::getChosen)
            .map(Candidate::getMember)
            .toList());
    // Under other instructions, and where log-probabilities are wanted, a member is asked.
    var instructed =
        GenerateRequest.newBuilder()
            .addMessages(Message.newBuilder().setRole(Role.ROLE_SYSTEM).setContent("up: in words"))
            .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent("up again"));
    assertEquals("strong", ask(instructed).getAuthor());
    var exact =
        GenerateRequest.newBuilder()
            .setSampling(Sampling.newBuilder().setLogprobs(true))
            .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent("up again"));
    assertEquals("strong", ask(exact).getAuthor());
    // Several answers are drawn, and whoever wants no kept one has none.
    var drawn =
        GenerateRequest.newBuilder()
            .setCache(CacheUse.CACHE_USE_BYPASS)
            .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent("up again"));
    assertEquals("strong", ask(drawn).getAuthor());
    // Nobody else's recipe has the ensemble's student, or teaches it.
    var sent =
        GenerateRequest.newBuilder()
            .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent("up again"));
    assertEquals("strong", ask(0, sent).getAuthor());
    var deleted =
        SolutionServiceGrpc.newBlockingStub(channel)
            .deleteSolutions(DeleteSolutionsRequest.newBuilder().setEnsemble("studying").build());
    assertEquals(asked - 3, deleted.getForgotten(), "all but the last three went by once");
    SolvingNeighbourhood.EMBEDDER.calm();
  }
}
