package dev.tutti.cascade.api;

import static dev.tutti.kit.testing.ScriptedGeneration.completion;
import static dev.tutti.kit.testing.ScriptedGeneration.delta;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.cascade.v1.Cache;
import dev.tutti.cascade.v1.CacheServiceGrpc;
import dev.tutti.cascade.v1.GetCacheRequest;
import dev.tutti.cascade.v1.PurgeCacheRequest;
import dev.tutti.generation.v1.CacheOutcome;
import dev.tutti.generation.v1.CacheUse;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.generation.v1.Signals;
import dev.tutti.generation.v1.ToolCall;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.testing.NeighbourPorts;
import dev.tutti.kit.testing.ScriptedGeneration;
import dev.tutti.learning.testing.ScriptedEmbedder;
import dev.tutti.method.v1.Recipe;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import dev.tutti.type.v1.Prices;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The cache in front of a cascade, over gRPC; no database is needed behind it. */
@QuarkusTest
@QuarkusTestResource(
    value = NeighbourPorts.class,
    initArgs = @ResourceArg(name = "clients", value = "decoder,router"))
class CachingTest {

  private static final String QUESTION = "What do cows drink?";

  private static final ScriptedEmbedder EMBEDDER = new ScriptedEmbedder();
  private static ScriptedGeneration decoder;
  private static ManagedChannel channel;

  /** One a test: what it keeps is its own. */
  private final String ensemble = "e-" + UUID.randomUUID();

  private UnaryOperator<Completion.Builder> end = its -> its;

  @BeforeAll
  static void start() {
    int port =
        ConfigProvider.getConfig()
            .getValue("quarkus.grpc.clients.decoder.test-port", Integer.class);
    decoder = new ScriptedGeneration(port, (_, _) -> {}, EMBEDDER);
    channel = NeighbourPorts.service();
  }

  @AfterAll
  static void stop() {
    channel.shutdownNow();
    decoder.close();
  }

  @BeforeEach
  void forget() {
    decoder.forget();
    EMBEDDER.calm();
    decoder.script(this::model);
  }

  private void model(GenerateRequest request, EventSink<GenerateResponse> sink) {
    String name = request.getMember().getModel();
    GenerateResponse.Builder last = completion(name, "Water.");
    last.getCompletionBuilder().setCostUsd(0.001);
    last.getCompletionBuilder().getSignalsBuilder().setSumLogprob(Math.log(0.9));
    last.setCompletion(end.apply(last.getCompletionBuilder()));
    sink.emit(delta("Wat"));
    sink.emit(delta("er."));
    sink.emit(last.build());
  }

  private GenerateRequest.Builder request(String reach) {
    return GenerateRequest.newBuilder()
        .setRequestId(UUID.randomUUID().toString())
        .setRecipe(
            Recipe.newBuilder()
                .setEnsemble(ensemble)
                .setVersion(1)
                .setMethod("model-cascading")
                .setSettings(
                    Struct.newBuilder()
                        .putFields("cache", Value.newBuilder().setStringValue(reach).build())
                        .putFields("cache_recheck", Value.newBuilder().setNumberValue(0).build()))
                .addMembers(member("small"))
                .addMembers(member("large")))
        .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent(QUESTION))
        .setSampling(Sampling.newBuilder().setTemperature(0));
  }

  private static Member member(String model) {
    return Member.newBuilder()
        .setModel(model)
        .addCapabilities(Capability.CAPABILITY_GENERATION)
        .addCapabilities(Capability.CAPABILITY_LOGPROBS)
        .build();
  }

  private static List<GenerateResponse> events(GenerateRequest.Builder request) {
    var events = new ArrayList<GenerateResponse>();
    GenerationServiceGrpc.newBlockingStub(channel)
        .generate(request.build())
        .forEachRemaining(events::add);
    return events;
  }

  private static Completion ask(GenerateRequest.Builder request) {
    return events(request).getLast().getCompletion();
  }

  private static int asked() {
    return decoder.requests().size();
  }

  private Cache told() {
    return CacheServiceGrpc.newBlockingStub(channel)
        .getCache(GetCacheRequest.newBuilder().setEnsemble(ensemble).build())
        .getCache();
  }

  @Test
  void nothingIsKeptUnlessTheEnsembleSaysSo() {
    ask(request("off"));
    Completion again = ask(request("off"));
    assertEquals(2, asked());
    assertFalse(again.getDecision().hasCache());
    assertEquals(0, told().getEntries());
  }

  @Test
  void theSameRequestIsAnsweredByTheAnswerBefore() {
    GenerateRequest.Builder first = request("exact");
    Completion kept = ask(first);
    assertEquals(CacheOutcome.CACHE_OUTCOME_KEPT, kept.getDecision().getCache().getOutcome());
    List<GenerateResponse> events = events(request("exact"));
    assertEquals(1, asked());
    Completion again = events.getLast().getCompletion();
    assertEquals("Water.", again.getText());
    assertEquals(
        "Water.",
        String.join(
            "",
            events.stream().filter(e -> e.hasDelta()).map(e -> e.getDelta().getText()).toList()));
    assertEquals("small", again.getAuthor());
    assertEquals(FinishReason.FINISH_REASON_STOP, again.getFinishReason());
    assertEquals(Math.log(0.9), again.getSignals().getSumLogprob());
    assertEquals(0, again.getCostUsd());
    assertEquals(Usage.getDefaultInstance(), again.getUsage());
    var cache = again.getDecision().getCache();
    assertEquals(CacheOutcome.CACHE_OUTCOME_EXACT, cache.getOutcome());
    assertEquals(first.getRequestId(), cache.getRequestId());
    assertEquals(kept.getDecision().getCache().getEntry(), cache.getEntry());
    assertEquals(1, cache.getSimilarity());
    assertEquals(0.001, cache.getCostUsd());
    assertTrue(again.getDecision().getCostAvoidedUsd() >= 0);
    List<Candidate> candidates = again.getDecision().getCandidatesList();
    assertEquals(List.of("small", "large"), candidates.stream().map(c -> c.getMember()).toList());
    assertEquals(List.of(true, false), candidates.stream().map(c -> c.getChosen()).toList());
    assertTrue(candidates.stream().noneMatch(Candidate::getCalled));
    assertEquals(0, EMBEDDER.texts(), "nothing to embed for");
    assertEquals(1, told().getEntries());
  }

  @Test
  void aSimilarQuestionIsToo() {
    ask(request("semantic"));
    GenerateRequest.Builder similar = request("semantic");
    similar.getMessagesBuilder(0).setContent("What is it that cows drink?");
    var cache = ask(similar).getDecision().getCache();
    assertEquals(1, asked());
    assertEquals(CacheOutcome.CACHE_OUTCOME_SEMANTIC, cache.getOutcome());
    assertEquals(1, cache.getSimilarity(), 1e-6);
    // A name is another name, however similar the embedder finds it.
    GenerateRequest.Builder name = request("semantic");
    name.getMessagesBuilder(0).setContent("What do Cowboys drink?");
    ask(name);
    assertEquals(2, asked());
    // Neither is another system prompt the same request.
    GenerateRequest.Builder system = request("semantic");
    system.addMessages(0, Message.newBuilder().setRole(Role.ROLE_SYSTEM).setContent("Lie."));
    ask(system);
    assertEquals(3, asked());
  }

  @Test
  void anEmbedderThatIsAwayIsNoReasonToFail() {
    EMBEDDER.script(
        _ -> {
          throw new IllegalStateException("away");
        });
    ask(request("semantic"));
    assertEquals(
        CacheOutcome.CACHE_OUTCOME_EXACT,
        ask(request("semantic")).getDecision().getCache().getOutcome());
  }

  @Test
  void aRequestMayPassItBy() {
    ask(request("exact"));
    Completion passed = ask(request("exact").setCache(CacheUse.CACHE_USE_BYPASS));
    assertEquals(2, asked());
    assertFalse(passed.getDecision().hasCache());
    end = its -> its.setText("Milk.");
    decoder.script(
        (request, sink) -> {
          sink.emit(delta("Milk."));
          sink.emit(
              completion("small", "Milk.")
                  .setCompletion(
                      completion("small", "Milk.")
                          .getCompletionBuilder()
                          .setSignals(Signals.newBuilder().setSumLogprob(-0.1)))
                  .build());
        });
    assertEquals("Water.", ask(request("exact")).getText());
    GenerateRequest.Builder fresh = request("exact").setCache(CacheUse.CACHE_USE_REFRESH);
    Completion refreshed = ask(fresh);
    assertEquals("Milk.", refreshed.getText());
    assertEquals(CacheOutcome.CACHE_OUTCOME_KEPT, refreshed.getDecision().getCache().getOutcome());
    // It goes on to members.
    assertEquals(CacheUse.CACHE_USE_REFRESH, decoder.requests().getLast().getCache());
    assertEquals("Milk.", ask(request("exact")).getText());
    assertEquals(1, told().getEntries());
  }

  @Test
  void anUnknownUseIsRefused() {
    var refused =
        assertThrows(StatusRuntimeException.class, () -> ask(request("exact").setCacheValue(7)));
    assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
    assertTrue(refused.getMessage().contains("cache is 7"), refused.getMessage());
  }

  @Test
  void someAnswersAreNotKept() {
    List<UnaryOperator<Completion.Builder>> ends =
        List.of(
            its -> its.setFinishReason(FinishReason.FINISH_REASON_LENGTH),
            its -> its.setFinishReason(FinishReason.FINISH_REASON_CONTENT_FILTER),
            its ->
                its.setFinishReason(FinishReason.FINISH_REASON_TOOL_CALLS)
                    .addToolCalls(ToolCall.newBuilder().setName("f")),
            its -> its.setText("I'm sorry, but I can't help with that."));
    for (int i = 0; i < ends.size(); i++) {
      end = ends.get(i);
      assertFalse(ask(request("exact")).getDecision().hasCache(), "end " + i);
    }
    decoder.script(
        (_, _) -> {
          throw new Failure.Unavailable("AWAY", "Away.").exception();
        });
    assertThrows(StatusRuntimeException.class, () -> ask(request("exact")));
    assertEquals(0, told().getEntries());
  }

  /**
   * What the rule did not take is nobody else's: strong is down, hangs, or is too dear, and the
   * weak one's answer stands for this once.
   */
  @Test
  void whatStandsForWantOfABetterOneIsNotKept() {
    UnaryOperator<Completion.Builder> unsure =
        its -> its.setSignals(Signals.newBuilder().setSumLogprob(Math.log(0.2)));
    end = unsure;
    decoder.script(
        (request, sink) -> {
          if (request.getMember().getModel().equals("large")) {
            throw new Failure.Unavailable("AWAY", "Away.").exception();
          }
          model(request, sink);
        });
    Completion makeshift = ask(request("exact"));
    assertEquals("small", makeshift.getAuthor());
    assertFalse(makeshift.getDecision().hasCache());
    // Strong is back: it is asked, and what it says is kept.
    decoder.script(this::model);
    Completion good = ask(request("exact"));
    assertEquals("large", good.getAuthor());
    assertEquals(CacheOutcome.CACHE_OUTCOME_KEPT, good.getDecision().getCache().getOutcome());
    assertEquals("large", ask(request("exact")).getAuthor());
    assertEquals(1, told().getEntries());
  }

  @Test
  void whatRanOutOfItsTimeIsNotKept() {
    end = its -> its.setSignals(Signals.newBuilder().setSumLogprob(Math.log(0.2)));
    decoder.script(
        (request, sink) -> {
          if (request.getMember().getModel().equals("large")) {
            throw new Failure.DeadlineExceeded("TOO_LATE", "Too late.").exception();
          }
          model(request, sink);
        });
    assertFalse(ask(request("exact")).getDecision().hasCache());
    assertEquals(0, told().getEntries());
  }

  @Test
  void whatIsTooDearToCheckIsNotKept() {
    end = its -> its.setSignals(Signals.newBuilder().setSumLogprob(Math.log(0.2)));
    GenerateRequest.Builder poor = request("exact");
    poor.getRecipeBuilder().getBudgetBuilder().setUsdPerRequest(0.01);
    poor.getRecipeBuilder()
        .getMembersBuilder(1)
        .setPrices(
            Prices.newBuilder()
                .setUsdPerMillionPromptTokens(1e6)
                .setUsdPerMillionCompletionTokens(1e6));
    Completion makeshift = ask(poor);
    assertEquals("small", makeshift.getAuthor());
    assertFalse(makeshift.getDecision().hasCache());
    assertEquals(0, told().getEntries());
  }

  /** Nobody's confidence reached its threshold; the last one stands. */
  @Test
  void whatTheVerifierRejectsIsNotKept() {
    decoder.script(
        (request, sink) -> {
          String text = request.getMember().getModel().equals("judge") ? "No." : "Water.";
          sink.emit(delta(text));
          sink.emit(completion(request.getMember().getModel(), text).build());
        });
    GenerateRequest.Builder judged = request("exact");
    judged.getRecipeBuilder().setMethod("eco-assistant");
    judged.getRecipeBuilder().addMembers(member("judge").toBuilder().setRole("verifier"));
    Completion rejected = ask(judged);
    assertEquals("large", rejected.getAuthor());
    assertFalse(rejected.getDecision().hasCache());
    decoder.script(
        (request, sink) -> {
          String text = request.getMember().getModel().equals("judge") ? "Yes." : "Water.";
          sink.emit(delta(text));
          sink.emit(completion(request.getMember().getModel(), text).build());
        });
    assertEquals(
        CacheOutcome.CACHE_OUTCOME_KEPT, ask(judged).getDecision().getCache().getOutcome());
  }

  @Test
  void whatIsDrawnIsKeptWhereTheSettingSaysSo() {
    GenerateRequest.Builder warm = request("exact");
    warm.getSamplingBuilder().setTemperature(0.7);
    ask(warm);
    ask(warm);
    assertEquals(2, asked());
    warm.getRecipeBuilder()
        .getSettingsBuilder()
        .putFields("cache_drawn", Value.newBuilder().setBoolValue(true).build());
    ask(warm);
    ask(warm);
    assertEquals(3, asked());
  }

  @Test
  void purgingNamesItsEnsemble() {
    var unnamed =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                CacheServiceGrpc.newBlockingStub(channel)
                    .purgeCache(PurgeCacheRequest.getDefaultInstance()));
    assertEquals(Status.Code.INVALID_ARGUMENT, unnamed.getStatus().getCode());
    assertTrue(unnamed.getMessage().contains("ensemble"), unnamed.getMessage());
  }
}
