package dev.tutti.decoder.api;

import static dev.tutti.decoder.api.EndpointEnsembleTest.answer;
import static dev.tutti.decoder.api.EndpointEnsembleTest.assertUsage;
import static dev.tutti.decoder.api.EndpointEnsembleTest.letter;
import static dev.tutti.decoder.api.EndpointEnsembleTest.prompt;
import static dev.tutti.decoder.api.EndpointEnsembleTest.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.runtime.openai.EndpointCalls;
import dev.tutti.decoder.runtime.openai.EndpointException;
import dev.tutti.decoder.runtime.openai.RemoteModels;
import dev.tutti.decoder.runtime.openai.RemoteTopSession;
import dev.tutti.decoder.wiring.KnownModels;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc.GenerationServiceBlockingStub;
import dev.tutti.generation.v1.Progress;
import dev.tutti.kit.grpc.ClientStream;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.method.v1.Recipe;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Model;
import dev.tutti.registry.v1.Runtime;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.type.v1.Capability;
import io.grpc.Context;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Endpoints that fail while they write with others, and what the ensemble's settings say. */
@QuarkusTest
@QuarkusTestResource(ScriptedRegistry.class)
@Timeout(60)
class EndpointMemberFailureTest {

  /** Beside the model in memory, which counts as the endpoint does: c, d, e ... up to h. */
  private static final String PROMPT = "cd";

  @GrpcClient("self")
  GenerationServiceBlockingStub decoder;

  @Inject KnownModels models;
  @Inject RemoteModels remote;
  @Inject EndpointCalls calls;

  private final ScriptedEndpoint endpoint = new ScriptedEndpoint(_ -> {});
  private final ScriptedEndpoint second = new ScriptedEndpoint(_ -> {});

  @BeforeEach
  void register() throws InterruptedException {
    ScriptedRegistry registry = ScriptedRegistry.current();
    long revision = EndpointAnswersTest.REVISION.incrementAndGet();
    Snapshot.Builder known = registry.standard(revision).toBuilder();
    Map.of("remote", endpoint, "other", second)
        .forEach(
            (name, its) ->
                known.addModels(
                    Model.newBuilder()
                        .setName(name)
                        .setVersion(revision)
                        .setRuntime(Runtime.RUNTIME_OPENAI)
                        .addEndpoints(its.url())
                        .setRemoteModel("vendor/7b")
                        .setTopLogprobs(5)
                        .addCapabilities(Capability.CAPABILITY_GENERATION)
                        .addCapabilities(Capability.CAPABILITY_TOP_LOGPROBS)
                        .setLifecycle(Lifecycle.LIFECYCLE_ACTIVE)));
    registry.say(known.build());
    registry.await(models);
  }

  @AfterEach
  void close() throws IOException {
    endpoint.close();
    second.close();
  }

  /** Two steps are done when it fails. */
  private static ScriptedEndpoint.Script thirdStep(ScriptedEndpoint.Script failing) {
    return call -> {
      if (prompt(call).length() < PROMPT.length() + 2) {
        call.whole(200, letter(prompt(call)));
      } else {
        failing.answer(call);
      }
    };
  }

  private static GenerateRequest with(GenerateRequest request, String what, double late) {
    Recipe.Builder recipe = request.getRecipe().toBuilder();
    Struct.Builder settings = recipe.getSettingsBuilder();
    settings.putFields("on_member_failure", Value.newBuilder().setStringValue(what).build());
    if (late > 0) {
      settings.putFields("late_seconds", Value.newBuilder().setNumberValue(late).build());
    }
    return request.toBuilder().setRecipe(recipe).build();
  }

  private List<GenerateResponse> all(GenerateRequest request) {
    var events = new ArrayList<GenerateResponse>();
    try (var stream = ClientStream.open(() -> decoder.generate(request))) {
      stream.forEachRemaining(events::add);
    }
    return events;
  }

  private Failure broken(GenerateRequest request, List<GenerateResponse> events) {
    try (var stream = ClientStream.open(() -> decoder.generate(request))) {
      return assertThrows(FailureException.class, () -> stream.forEachRemaining(events::add))
          .failure();
    }
  }

  private static String text(List<GenerateResponse> events) {
    return String.join("", events.stream().map(e -> e.getDelta().getText()).toList());
  }

  private static List<Progress> failures(List<GenerateResponse> events) {
    return events.stream()
        .filter(GenerateResponse::hasProgress)
        .map(GenerateResponse::getProgress)
        .filter(progress -> progress.getStage().equals("failed"))
        .toList();
  }

  @Test
  void theOthersGoOnWhereItHangs() {
    endpoint.script(thirdStep(ScriptedEndpoint.Call::fallSilent));
    assertDropped(
        "a step took longer than the ensemble's late_seconds",
        all(with(request("unite", PROMPT, "counting", "remote"), "drop", .5)),
        0);
    endpoint.script(
        thirdStep(
            call -> {
              call.raw("HTTP/1.1 200 Said\r\nContent-Length: 500\r\n\r\n{\"choices\":");
              call.fallSilent();
            }));
    int before = endpoint.calls().size();
    assertDropped(
        "'remote'", all(with(request("unite", PROMPT, "counting", "remote"), "drop", .5)), before);
  }

  private void assertDropped(String why, List<GenerateResponse> events, int before) {
    assertEquals("efgh", text(events), why);
    Progress failed = failures(events).getFirst();
    assertEquals(1, failures(events).size(), why);
    assertEquals("remote", failed.getMember());
    assertTrue(failed.getMessage().contains(why), failed.getMessage());
    Completion completion = events.getLast().getCompletion();
    assertEquals(FinishReason.FINISH_REASON_STOP, completion.getFinishReason());
    assertEquals(failed.getMessage(), completion.getDecision().getCandidates(1).getFailure());
    assertEquals("", completion.getDecision().getCandidates(0).getFailure());
    assertUsage(completion.getUsage(), 0, "counting", 2, 5);
    assertUsage(completion.getUsage(), 1, "remote", 2 + 3, 2);
    // It is asked for nothing after the step that it failed.
    assertTrue(
        endpoint.calls().stream()
            .skip(before)
            .allMatch(call -> prompt(call).length() <= PROMPT.length() + 2),
        why);
  }

  /** It was heavier than all others together; what it said stays, and they write the rest. */
  @Test
  void weightsAreThoseOfWhoIsLeft() {
    endpoint.script(
        call -> {
          if (prompt(call).equals(PROMPT)) {
            call.whole(200, answer("a", "length", "\"a\": -0.01, \"e\": -9.0", 2));
          } else {
            call.cut();
          }
        });
    GenerateRequest request = with(request("unite", PROMPT, "counting", "remote"), "drop", 0);
    Recipe.Builder recipe = request.getRecipe().toBuilder();
    recipe.getMembersBuilder(0).setWeight(1);
    recipe.getMembersBuilder(1).setWeight(9);
    List<GenerateResponse> events = all(request.toBuilder().setRecipe(recipe).build());
    assertEquals("a" + text(all(request("unite", PROMPT + "a", "counting"))), text(events));
  }

  @Test
  void whereEveryEndpointHasFailedTheAnswerEnds() {
    endpoint.script(thirdStep(ScriptedEndpoint.Call::cut));
    second.script(
        call -> {
          if (prompt(call).length() < PROMPT.length() + 3) {
            call.whole(200, letter(prompt(call)));
          } else {
            call.whole(500, "{}");
          }
        });
    var events = new ArrayList<GenerateResponse>();
    Failure failure = broken(with(request("unite", PROMPT, "remote", "other"), "drop", 0), events);
    assertEquals("efg", text(events));
    assertTrue(failure.message().contains("No member of the ensemble is left"), failure.message());
    assertTrue(
        failure.message().contains("remote") && failure.message().contains("other"),
        failure.message());
    assertUsage(events.getLast().getSpent().getUsage(), 0, "remote", 2 + 3, 2);
    assertUsage(events.getLast().getSpent().getUsage(), 1, "other", 2 + 3 + 4, 3);
  }

  /** Of either setting: an endpoint is not dropped unless the ensemble says so. */
  @Test
  void theAnswerEndsWithWhoIsLate() {
    endpoint.script(thirdStep(ScriptedEndpoint.Call::fallSilent));
    for (String what : List.of("fail", "drop_models")) {
      var events = new ArrayList<GenerateResponse>();
      Failure failure =
          broken(with(request("unite", PROMPT, "counting", "remote"), what, .5), events);
      assertEquals("ef", text(events));
      assertEquals("MEMBER_FAILED", failure.reason());
      assertEquals(
          "The member 'remote' failed: a step took longer than the ensemble's late_seconds.",
          failure.message());
      assertEquals(List.of(), failures(events));
      assertUsage(events.getLast().getSpent().getUsage(), 1, "remote", 2 + 3, 2);
    }
  }

  /** The clock of the step and that of the caller: only the first is the endpoint's affair. */
  @Test
  void whereTheCallersTimeIsOverTheEndpointHasNotFailed() {
    endpoint.script(ScriptedEndpoint.Call::fallSilent);
    try (var clock = Executors.newSingleThreadScheduledExecutor();
        var call = Context.current().withDeadlineAfter(100, TimeUnit.MILLISECONDS, clock)) {
      call.run(
          () -> {
            try (var session =
                new RemoteTopSession(calls, remote.find("remote").orElseThrow(), "cd", 1, true)) {
              assertThrows(EndpointException.class, () -> session.top(5));
            }
          });
    }
    try (var clock = Executors.newSingleThreadScheduledExecutor();
        var session =
            new RemoteTopSession(calls, remote.find("remote").orElseThrow(), "cd", 1, true);
        var step = Context.current().withDeadlineAfter(100, TimeUnit.MILLISECONDS, clock)) {
      step.run(() -> assertThrows(DecodeException.class, () -> session.top(5)));
    }
  }
}
