package dev.tutti.kit.calls;

import static dev.tutti.kit.testing.ScriptedGeneration.answer;
import static dev.tutti.kit.testing.ScriptedGeneration.completion;
import static dev.tutti.kit.testing.ScriptedGeneration.delta;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.generation.v1.GenerationServiceGrpc.GenerationServiceBlockingStub;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.TextDelta;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.CostEstimate;
import dev.tutti.kit.grpc.Delivered;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.MemberFailures;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.Usages;
import dev.tutti.kit.testing.ScriptedGeneration;
import dev.tutti.method.v1.Recipe;
import dev.tutti.type.v1.Member;
import dev.tutti.type.v1.Prices;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Members over real connections: one neighbour plays decoder-service, one router-service. */
class MemberCallsTest {

  private static final Member MODEL = Member.newBuilder().setModel("m").build();
  private static final Member ENSEMBLE = Member.newBuilder().setEnsemble("e").build();

  private final ScriptedGeneration decoder =
      new ScriptedGeneration((request, sink) -> answer(sink, "m", "from a model"));
  private final ScriptedGeneration router =
      new ScriptedGeneration((request, sink) -> answer(sink, "e", "from an ensemble"));
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final MemberCalls calls = new MemberCalls(stub(decoder), stub(router), null, metrics);
  private final RecipeRequest request =
      RecipeRequest.of(
          GenerateRequest.newBuilder()
              .setRecipe(
                  Recipe.newBuilder().setEnsemble("outer").addMembers(MODEL).addMembers(ENSEMBLE))
              .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent("hello"))
              .build());

  private GenerationServiceBlockingStub stub(ScriptedGeneration server) {
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
    channels.add(channel);
    return GenerationServiceGrpc.newBlockingStub(channel);
  }

  @AfterEach
  void stop() {
    channels.forEach(ManagedChannel::shutdownNow);
    decoder.close();
    router.close();
  }

  private MemberAnswer ask(Member member) {
    return ask(member, _ -> {});
  }

  private MemberAnswer ask(Member member, Consumer<GenerateResponse> listener) {
    GenerateRequest next = request.forMember(member, Sampling.getDefaultInstance());
    return calls.write(member, next, new Delivered(List.of(member), next), 1, listener);
  }

  @Test
  void modelsAnswerAtTheDecoderAndEnsemblesAtTheRouter() {
    assertEquals("from a model", ask(MODEL).completion().getText());
    assertEquals("from an ensemble", ask(ENSEMBLE).completion().getText());
    assertEquals(MODEL, decoder.requests().getFirst().getMember());
    assertEquals("e", router.requests().getFirst().getName());
    assertEquals(
        1, metrics.timer("tutti.member.call", "service", "router", "outcome", "OK").count());
  }

  @Test
  void piecesAreHeardAsTheyArriveAndKept() {
    decoder.script(
        (r, sink) -> {
          sink.emit(delta("a"));
          sink.emit(delta("b"));
          sink.emit(completion("m", "ab").build());
        });
    var heard = new ArrayList<TextDelta>();
    MemberAnswer answer = ask(MODEL, event -> heard.add(event.getDelta()));
    assertEquals(List.of("a", "b"), heard.stream().map(TextDelta::getText).toList());
    assertEquals(heard, answer.deltas());
  }

  @Test
  void anAnswerWithoutAnEndAndAnAbstentionAreFailures() {
    decoder.script((r, sink) -> sink.emit(delta("a")));
    assertEquals("INCOMPLETE_ANSWER", failureOf(MODEL).reason());
    decoder.script(
        (r, sink) -> {
          var abstained = completion("m", "");
          abstained.getCompletionBuilder().setFinishReason(FinishReason.FINISH_REASON_ABSTAIN);
          sink.emit(abstained.build());
        });
    assertEquals("MEMBER_ABSTAINED", failureOf(MODEL).reason());
  }

  /** A few words before it cut them off are an answer; none are not. */
  @Test
  void whoseFilterLetsNothingBeSaidDoesNotAnswer() {
    for (String text : new String[] {"", "A few words"}) {
      decoder.script(
          (r, sink) -> {
            var filtered = completion("m", text);
            filtered
                .getCompletionBuilder()
                .setFinishReason(FinishReason.FINISH_REASON_CONTENT_FILTER)
                .setCostUsd(0.5);
            sink.emit(filtered.build());
          });
      if (text.isEmpty()) {
        var e = assertThrows(FailureException.class, () -> ask(MODEL));
        assertEquals("CONTENT_FILTER", e.failure().reason());
        assertEquals(0.5, e.spent().getCostUsd());
      } else {
        assertEquals(text, ask(MODEL).completion().getText());
      }
    }
  }

  @Test
  void whatAnAbstentionUsedIsTold() {
    decoder.script(
        (r, sink) -> {
          var abstained = completion("m", "");
          abstained
              .getCompletionBuilder()
              .setFinishReason(FinishReason.FINISH_REASON_ABSTAIN)
              .setCostUsd(0.5);
          sink.emit(abstained.build());
        });
    var e = assertThrows(FailureException.class, () -> ask(MODEL));
    assertEquals(0.5, e.spent().getCostUsd());
    assertEquals(3, e.spent().getUsage().getPromptTokens());
  }

  @Test
  void aMemberThatHangsFailsWhileThereIsTimeLeft() throws Exception {
    var its = new AtomicReference<Deadline>();
    decoder.script(
        (r, sink) -> {
          its.set(Context.current().getDeadline());
          if (its.get().timeRemaining(TimeUnit.SECONDS) < 30) {
            hang();
          }
          sink.emit(completion("m", "").build());
        });
    try (var timer = Executors.newSingleThreadScheduledExecutor()) {
      Deadline minute = Deadline.after(1, TimeUnit.MINUTES);
      Context.CancellableContext one = Context.current().withDeadline(minute, timer);
      one.run(() -> ask(MODEL));
      // Else closing the timer waits for that minute to pass.
      one.cancel(null);
      assertTrue(its.get().isBefore(minute), "there is no reserve");
      Context.CancellableContext two =
          Context.current().withDeadlineAfter(2, TimeUnit.SECONDS, timer);
      Failure late = two.call(() -> failureOf(MODEL));
      assertInstanceOf(Failure.DeadlineExceeded.class, late);
      assertTrue(late.message().contains("gave no whole answer within"), late.message());
      two.cancel(null);
    }
  }

  @Test
  void aCallerThatLeavesIsNoFailureOfTheMember() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch freed = new CountDownLatch(1);
    decoder.script(
        (r, sink) -> {
          sink.emit(
              GenerateResponse.newBuilder().setSpent(Spent.newBuilder().setCostUsd(0.5)).build());
          sink.emit(delta("a"));
          try {
            hang();
          } finally {
            freed.countDown();
          }
        });
    var thrown = new AtomicReference<Throwable>();
    Context.CancellableContext context = Context.current().withCancellation();
    Thread caller =
        Thread.ofVirtual()
            .start(
                context.wrap(
                    () ->
                        thrown.set(
                            assertThrows(
                                RuntimeException.class,
                                () -> ask(MODEL, e -> started(e, started))))));
    started.await();
    context.cancel(null);
    caller.join();
    var left = assertInstanceOf(CancelledException.class, thrown.get());
    assertEquals(0.5, left.spent().getCostUsd());
    assertTrue(freed.await(5, TimeUnit.SECONDS), "the member was not cancelled");
  }

  private static void started(GenerateResponse event, CountDownLatch started) {
    if (event.hasDelta()) {
      started.countDown();
    }
  }

  @Test
  void aLongAnswerIsCutBetweenCharactersWhereItIsShown() {
    assertEquals("x".repeat(500), MemberAnswer.shown("x".repeat(500)));
    assertEquals("😀".repeat(500), MemberAnswer.shown("😀".repeat(501)));
  }

  @Test
  void usageAndCostAddUp() {
    MemberAnswer one = answered("a", 3, 4, 0.5);
    MemberAnswer two = answered("b", 10, 20, 0.25);
    var spent = new LinkedHashMap<String, Spent>();
    spent.put("a", one.spent());
    spent.put("failed", Spent.getDefaultInstance());
    spent.put("b", two.spent());
    Spent total = Usages.total(spent);
    assertEquals(13, total.getUsage().getPromptTokens());
    assertEquals(24, total.getUsage().getCompletionTokens());
    assertEquals("b", total.getUsage().getMembers(1).getMember());
    assertEquals(20, total.getUsage().getMembers(1).getCompletionTokens());
    assertEquals(0.75, total.getCostUsd());
  }

  @Test
  void anEstimateReadsPricesTextAndLimit() {
    Member priced =
        Member.newBuilder()
            .setModel("m")
            .setPrices(
                Prices.newBuilder()
                    .setUsdPerMillionPromptTokens(2)
                    .setUsdPerMillionCompletionTokens(10))
            .build();
    Message nine = Message.newBuilder().setContent("123456789").build();
    // ceil(9 / 4) = 3 prompt tokens.
    assertEquals(
        (3 * 2 + 50 * 10) / 1e6,
        CostEstimate.of(List.of(nine), Sampling.newBuilder().setMaxTokens(50).build()).usd(priced),
        1e-15);
    assertEquals(
        (3 * 2 + 256 * 10) / 1e6,
        CostEstimate.of(List.of(nine), Sampling.getDefaultInstance()).usd(priced),
        1e-15);
  }

  @Test
  void whatAnotherTryMayCureIsToldFirst() {
    var invalid = new Failure.InvalidArgument("messages", "CONTEXT_LENGTH_EXCEEDED", "Too long.");
    var busy = new Failure.ResourceExhausted("QUEUE_FULL", "Busy.", Duration.ofSeconds(2));
    var lost = new Failure.NotFound("model", "MODEL_NOT_FOUND", "No model 'b'.");
    assertEquals(
        new Failure.ResourceExhausted(
            "QUEUE_FULL", "No member answered. 'a': Too long.; 'b': Busy.", Duration.ofSeconds(2)),
        combined(invalid, busy));
    assertInstanceOf(Failure.InvalidArgument.class, combined(invalid, invalid));
    // The caller named an ensemble; that a member of it is gone is not the caller's fault.
    assertInstanceOf(Failure.Unavailable.class, combined(lost, lost));
  }

  @Test
  void theSoonestTryIsTold() {
    var late = new Failure.ResourceExhausted("ENDPOINT_RATE_LIMITED", "Full.", seconds(60));
    var soon = new Failure.ResourceExhausted("ENDPOINT_RATE_LIMITED", "Full.", seconds(7));
    var resting = new Failure.Unavailable("ENDPOINT_RESTING", "Rests.", seconds(3));
    var gone = new Failure.Unavailable("ENDPOINT_UNREACHABLE", "Gone.");
    assertEquals(seconds(7), combined(late, soon).retryAfter());
    assertEquals(seconds(7), combined(soon, late).retryAfter());
    assertEquals(seconds(3), combined(late, resting).retryAfter());
    assertEquals(seconds(60), combined(gone, late).retryAfter());
    assertEquals(seconds(3), combined(gone, resting).retryAfter());
    assertEquals(Duration.ZERO, combined(gone, gone).retryAfter());
  }

  private static Duration seconds(int seconds) {
    return Duration.ofSeconds(seconds);
  }

  private static Failure combined(Failure a, Failure b) {
    var failures = new LinkedHashMap<String, Failure>();
    failures.put("a", a);
    failures.put("b", b);
    return MemberFailures.combined(failures).failure();
  }

  private Failure failureOf(Member member) {
    return assertThrows(FailureException.class, () -> ask(member)).failure();
  }

  private static void hang() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      throw new CancelledException();
    }
  }

  private static MemberAnswer answered(String member, long prompt, long written, double usd) {
    return new MemberAnswer(
        member,
        List.of(),
        Completion.newBuilder()
            .setCostUsd(usd)
            .setUsage(Usage.newBuilder().setPromptTokens(prompt).setCompletionTokens(written))
            .build());
  }
}
