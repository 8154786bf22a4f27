package dev.tutti.kit.calls;

import static dev.tutti.kit.testing.ScriptedGeneration.answer;
import static dev.tutti.kit.testing.ScriptedGeneration.completion;
import static dev.tutti.kit.testing.ScriptedGeneration.delta;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.util.Durations;
import dev.tutti.decoder.v1.DecoderServiceGrpc;
import dev.tutti.decoder.v1.EmbedRequest;
import dev.tutti.decoder.v1.EmbedResponse;
import dev.tutti.decoder.v1.Embedding;
import dev.tutti.decoder.v1.ScoreRequest;
import dev.tutti.decoder.v1.ScoreResponse;
import dev.tutti.decoder.v1.TextScore;
import dev.tutti.generation.v1.CallKind;
import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.generation.v1.MemberCall;
import dev.tutti.generation.v1.MemberUsage;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.TextDelta;
import dev.tutti.generation.v1.TokenAlternative;
import dev.tutti.generation.v1.TokenLogprob;
import dev.tutti.generation.v1.Usage;
import dev.tutti.generation.v1.WireForm;
import dev.tutti.generation.v1.WireRequest;
import dev.tutti.kit.calls.Call.Embed;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Call.Score;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.CostEstimate;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.testing.ScriptedGeneration;
import dev.tutti.method.v1.Budget;
import dev.tutti.method.v1.Recipe;
import dev.tutti.type.v1.Member;
import dev.tutti.type.v1.MemberSampling;
import dev.tutti.type.v1.Prices;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Calls over real connections to a neighbour that plays decoder-service. */
class CallRunnerTest {

  /** 2 US dollars a million tokens read, 10 written. */
  private static final Prices PRICES =
      Prices.newBuilder()
          .setUsdPerMillionPromptTokens(2)
          .setUsdPerMillionCompletionTokens(10)
          .build();

  private final List<ScoreRequest> scored = new CopyOnWriteArrayList<>();
  private final List<EmbedRequest> embedded = new CopyOnWriteArrayList<>();
  private final ScriptedGeneration decoder =
      new ScriptedGeneration(
          (request, sink) -> answer(sink, request.getMember().getModel(), "42"), new Models());
  private final ManagedChannel channel =
      ManagedChannelBuilder.forAddress("127.0.0.1", decoder.port()).usePlaintext().build();
  private final MemberCalls calls = calls(channel);
  private final List<GenerateResponse> events = new CopyOnWriteArrayList<>();

  private static MemberCalls calls(Channel channel) {
    var generation = GenerationServiceGrpc.newBlockingStub(channel);
    return new MemberCalls(
        generation,
        generation,
        DecoderServiceGrpc.newBlockingStub(channel),
        new SimpleMeterRegistry());
  }

  /** Scores by the length of a text, embeds as its first character; knows no model "lost". */
  private final class Models extends DecoderServiceGrpc.DecoderServiceImplBase {

    @Override
    public void score(ScoreRequest request, StreamObserver<ScoreResponse> observer) {
      scored.add(request);
      if (request.getModel().equals("lost")) {
        observer.onError(Status.UNAVAILABLE.asRuntimeException());
        return;
      }
      ScoreResponse.Builder response = ScoreResponse.newBuilder().setPromptTokens(50);
      for (String text : request.getTextsList()) {
        response.addScores(
            TextScore.newBuilder()
                .setSumLogprob(-text.length())
                .addTokens(TokenLogprob.newBuilder().setLogprob(-text.length())));
      }
      observer.onNext(response.build());
      observer.onCompleted();
    }

    @Override
    public void embed(EmbedRequest request, StreamObserver<EmbedResponse> observer) {
      embedded.add(request);
      EmbedResponse.Builder response = EmbedResponse.newBuilder().setPromptTokens(7);
      for (String text : request.getTextsList()) {
        response.addEmbeddings(Embedding.newBuilder().addValues(text.charAt(0)));
      }
      observer.onNext(response.build());
      observer.onCompleted();
    }
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    decoder.close();
  }

  private static GenerateRequest.Builder request(String... models) {
    Recipe.Builder recipe = Recipe.newBuilder().setEnsemble("e");
    for (String model : models) {
      recipe.addMembers(Member.newBuilder().setModel(model).setPrices(PRICES));
    }
    return GenerateRequest.newBuilder()
        .setRecipe(recipe)
        .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent("123456789"));
  }

  private CallRunner runner(GenerateRequest.Builder request) {
    RecipeRequest whole = RecipeRequest.whole(request.build());
    return new CallRunner(whole, m -> whole.members().get(m).getRole(), calls, events::add);
  }

  private static Generate samples(int member, int samples) {
    return new Generate(member, Prompt.AS_ASKED, samples, SamplingChange.temperature(0.7), "");
  }

  private static List<Outcome> run(CallRunner runner, Call... calls) {
    var heard = new ArrayList<Outcome>();
    runner.run(List.of(calls), 1, heard::add);
    return heard;
  }

  private List<Long> seeds() {
    return decoder.requests().stream().map(r -> r.getSampling().getSeed()).toList();
  }

  private static Sampling.Builder seeded() {
    return Sampling.newBuilder().setSeed(7).setMaxTokens(9);
  }

  @Test
  void answersAreIdentifiedByCallAndSample() {
    CallRunner runner = runner(request("a", "b"));
    assertEquals(3, run(runner, samples(0, 2), Generate.asAsked(1)).size());
    run(runner, new Generate(1, Prompt.AS_ASKED, 1, SamplingChange.NONE, "judge"));
    assertEquals(
        List.of(
            new Asked(0, 0, 0, 1, ""),
            new Asked(0, 1, 0, 1, ""),
            new Asked(1, 0, 1, 1, ""),
            new Asked(2, 0, 1, 2, "judge")),
        runner.log().outcomes().stream().map(Outcome::asked).toList());
    Episode episode = runner.episode();
    assertEquals("123456789", episode.query().text());
    assertEquals(2, episode.rounds());
    assertEquals(List.of(0, 1, 2), episode.answered(1));
    assertEquals(List.of(3), episode.answered(2));
    assertEquals("42", ((Episode.Answered) episode.stages().getFirst()).text());
  }

  /** Several samples are never one answer that somebody keeps. */
  @Test
  void samplesPassByWhatIsKept() {
    run(runner(request("a", "b")), samples(0, 2), Generate.asAsked(1));
    assertEquals(
        List.of("a BYPASS", "a BYPASS", "b UNSPECIFIED"),
        decoder.requests().stream()
            .map(
                sent ->
                    "%s %s"
                        .formatted(
                            sent.getMember().getModel(),
                            sent.getCache().name().substring("CACHE_USE_".length())))
            .sorted()
            .toList());
  }

  @Test
  void everySampleHasASeedOfItsOwn() {
    run(runner(request("a", "b").setSampling(seeded())), samples(0, 3), samples(1, 1));
    Set<Long> drawn = new HashSet<>(seeds());
    assertEquals(4, drawn.size());
    assertFalse(drawn.contains(7L));
    decoder
        .requests()
        .forEach(
            r -> {
              assertEquals(0.7, r.getSampling().getTemperature());
              assertEquals(9, r.getSampling().getMaxTokens());
            });
  }

  /** As they were before a member could be asked more than once: 7 ^ FNV-1a of the name. */
  @Test
  void theFirstSeedOfAMemberDependsOnItsNameAlone() {
    run(runner(request("a", "b").setSampling(seeded())), Generate.asAsked(0), Generate.asAsked(1));
    Set<Long> ab = Set.copyOf(seeds());
    decoder.forget();
    run(runner(request("b", "a").setSampling(seeded())), Generate.asAsked(0), Generate.asAsked(1));
    assertEquals(ab, Set.copyOf(seeds()));
    long first =
        new SplittableRandom(7 ^ ((0xcbf29ce484222325L ^ 'a') * 0x100000001b3L)).nextLong();
    assertTrue(ab.contains(first));
    decoder.forget();
    run(runner(request("a", "b").setSampling(seeded())), samples(0, 2));
    assertTrue(seeds().contains(first));
  }

  @Test
  void whoIsAskedAloneAndAsAskedKeepsTheSeedOnce() {
    CallRunner runner = runner(request("a", "b").setSampling(seeded()));
    run(runner, Generate.asAsked(0));
    run(runner, Generate.asAsked(1));
    run(runner, Generate.asAsked(0));
    List<Long> seeds = seeds();
    assertEquals(List.of(7L, 7L), seeds.subList(0, 2));
    assertNotEquals(7L, seeds.get(2));
    decoder.forget();
    run(runner(request("a")), samples(0, 2));
    decoder.requests().forEach(r -> assertFalse(r.getSampling().hasSeed()));
  }

  @Test
  void aChangeNeverAllowsMoreThanTheRequest() {
    var change = new SamplingChange(OptionalDouble.of(0.3), OptionalInt.of(20), true);
    run(
        runner(request("a").setSampling(seeded())),
        new Generate(0, Prompt.AS_ASKED, 1, change, ""));
    run(runner(request("a")), new Generate(0, Prompt.AS_ASKED, 1, change, ""));
    Sampling bounded = decoder.requests().getFirst().getSampling();
    assertEquals(9, bounded.getMaxTokens());
    assertTrue(bounded.getLogprobs());
    assertEquals(20, decoder.requests().getLast().getSampling().getMaxTokens());
  }

  @Test
  void logprobsThatOnlyTheMethodWantedGoNoFurther() {
    decoder.script(
        (r, sink) -> {
          sink.emit(
              GenerateResponse.newBuilder()
                  .setDelta(
                      TextDelta.newBuilder()
                          .setText("x")
                          .addLogprobs(TokenLogprob.newBuilder().setLogprob(-0.5)))
                  .build());
          sink.emit(completion("a", "x").build());
        });
    var change = new SamplingChange(OptionalDouble.empty(), OptionalInt.empty(), true);
    var call = new Generate(0, Prompt.AS_ASKED, 1, change, "");
    for (boolean wanted : new boolean[] {false, true}) {
      CallRunner runner =
          runner(request("a").setSampling(Sampling.newBuilder().setLogprobs(wanted)));
      var heard = new ArrayList<TextDelta>();
      runner.runLive(call, 1, heard::add);
      assertEquals(wanted ? 1 : 0, heard.getFirst().getLogprobsCount());
      var stage = (Episode.Answered) runner.episode().stages().getFirst();
      assertEquals(List.of(-0.5), stage.signals().tokenLogprobs());
    }
  }

  @Test
  void alternativesThatOnlyTheMethodWantedGoNoFurther() {
    TokenLogprob.Builder token = TokenLogprob.newBuilder().setToken("B").setLogprob(-0.5);
    for (String letter : List.of("B", "A", "C")) {
      token.addTop(TokenAlternative.newBuilder().setToken(letter).setLogprob(-1));
    }
    decoder.script(
        (r, sink) -> {
          sink.emit(
              GenerateResponse.newBuilder()
                  .setDelta(TextDelta.newBuilder().setText("B").addLogprobs(token))
                  .build());
          sink.emit(completion("a", "B").build());
        });
    var call = new Generate(0, Prompt.AS_ASKED, 1, SamplingChange.alternatives(20), "");
    for (int wanted : new int[] {0, 2}) {
      CallRunner runner =
          runner(
              request("a")
                  .setSampling(Sampling.newBuilder().setLogprobs(true).setTopLogprobs(wanted)));
      var heard = new ArrayList<TextDelta>();
      runner.runLive(call, 1, heard::add);
      assertEquals(20, decoder.requests().getLast().getSampling().getTopLogprobs());
      assertEquals(wanted, heard.getFirst().getLogprobs(0).getTopCount());
      var stage = (Episode.Answered) runner.episode().stages().getFirst();
      assertEquals(0, stage.signals().optionMargin().orElseThrow(), 1e-9);
      assertEquals(Math.log(3), stage.signals().optionEntropy().orElseThrow(), 1e-9);
    }
  }

  @Test
  void whatIsNotInterpretedGoesAlongWithARequestAsAskedOnly() {
    WireRequest wire =
        WireRequest.newBuilder()
            .setForm(WireForm.WIRE_FORM_CHAT)
            .setBody(ByteString.copyFromUtf8("{\"tools\":[]}"))
            .setUninterpreted("tools")
            .build();
    CallRunner runner = runner(request("a").setWire(wire));
    run(runner, Generate.asAsked(0));
    var rewritten =
        new Prompt.Rewritten(
            List.of(new Turn(Turn.Role.SYSTEM, "Be brief."), new Turn(Turn.Role.USER, "?")));
    run(runner, new Generate(0, rewritten, 1, SamplingChange.NONE, "aggregate"));
    run(runner(request("a").setWire(wire.toBuilder().clearUninterpreted())), Generate.asAsked(0));
    List<GenerateRequest> asked = decoder.requests();
    assertEquals(wire.toBuilder().setInterpreted(true).build(), asked.get(0).getWire());
    assertFalse(asked.get(1).hasWire());
    assertEquals(
        List.of("Be brief.", "?"),
        asked.get(1).getMessagesList().stream().map(Message::getContent).toList());
    assertEquals(Role.ROLE_SYSTEM, asked.get(1).getMessages(0).getRole());
    assertFalse(asked.get(2).hasWire(), "its messages tell all");
  }

  @Test
  void textsAreScoredAndEmbeddedAtTheirPrice() {
    CallRunner runner = runner(request("a"));
    run(
        runner,
        new Score(0, Prompt.AS_ASKED, List.of("x", "yyy"), "judge"),
        new Embed(Call.PLATFORM, List.of("A", "B"), ""),
        new Embed(0, List.of("C"), ""));
    List<Episode.Stage> stages = runner.episode().stages();
    var scores = ((Episode.Scored) stages.get(0)).scores();
    assertEquals(List.of(-1.0, -3.0), scores.stream().map(Episode.TextScore::sum).toList());
    assertEquals(List.of(-3.0), scores.get(1).tokens());
    assertArrayEquals(new float[] {'B'}, ((Episode.Embedded) stages.get(1)).vectors().get(1));
    // 50 tokens were read to score, 7 to embed by the member; the platform's own are free.
    assertEquals(57 * 2 / 1e6, runner.log().spent().getCostUsd(), 1e-15);
    assertEquals("123456789", scored.getFirst().getConversation().getMessages(0).getContent());
    EmbedRequest own =
        embedded.stream().filter(e -> e.getModel().isEmpty()).findFirst().orElseThrow();
    assertEquals(512, own.getKeptTokens());
    Candidate candidate = runner.log().candidate(0, runner.cards().getFirst()).build();
    assertEquals(
        List.of(CallKind.CALL_KIND_SCORE, CallKind.CALL_KIND_EMBED),
        candidate.getCallsList().stream().map(MemberCall::getKind).toList());
    assertEquals("judge", candidate.getCalls(0).getPurpose());
  }

  @Test
  void onlyModelsScoreAndNobodyOutsideIsAsked() {
    GenerateRequest.Builder nested = request();
    nested.getRecipeBuilder().addMembers(Member.newBuilder().setEnsemble("inner"));
    CallRunner runner = runner(nested);
    Score score = new Score(0, Prompt.AS_ASKED, List.of("x"), "");
    assertThrows(IllegalArgumentException.class, () -> run(runner, score));
    for (int member : new int[] {-1, 1}) {
      assertThrows(IllegalArgumentException.class, () -> run(runner, Generate.asAsked(member)));
    }
    assertThrows(IllegalArgumentException.class, () -> samples(0, 0));
    assertThrows(IllegalArgumentException.class, () -> samples(0, 65));
    assertThrows(
        IllegalArgumentException.class, () -> new Score(0, Prompt.AS_ASKED, List.of(), ""));
  }

  @Test
  void whatFailedCountsAndIsToldOfEachCall() {
    var nth = new AtomicInteger();
    decoder.script(
        (r, sink) -> {
          if (nth.incrementAndGet() == 2) {
            sink.emit(
                GenerateResponse.newBuilder().setSpent(Spent.newBuilder().setCostUsd(0.5)).build());
            throw new Failure.Unavailable("CUT", "Cut off.").exception();
          }
          GenerateResponse.Builder end = completion("a", "42");
          end.getCompletionBuilder().setCostUsd(0.25);
          sink.emit(end.build());
        });
    CallRunner runner = runner(request("a", "b"));
    run(runner, samples(0, 1));
    run(runner, samples(0, 1));
    run(runner, samples(0, 1));
    assertEquals(1.0, runner.log().spent().getCostUsd(), 1e-12);
    assertEquals(1.0, events.getLast().getSpent().getCostUsd(), 1e-12);
    runner.log().note(2, Optional.of("forty-two"), OptionalDouble.of(0.6));
    Candidate candidate = runner.log().candidate(0, runner.cards().getFirst()).build();
    assertEquals(1.0, candidate.getCostUsd(), 1e-12);
    assertEquals("", candidate.getFailure(), "it did answer");
    assertEquals(3, candidate.getCallsCount());
    assertEquals(
        List.of(0.25, 0.5, 0.25),
        candidate.getCallsList().stream().map(MemberCall::getCostUsd).toList());
    assertEquals("Cut off.", candidate.getCalls(1).getFailure());
    assertFalse(candidate.getCalls(1).hasAnswer());
    assertEquals(
        List.of("42", "forty-two"),
        List.of(candidate.getCalls(0).getAnswer(), candidate.getCalls(2).getAnswer()));
    assertEquals(0.6, candidate.getCalls(2).getScore());
    assertEquals(3, candidate.getCalls(2).getRound());
    assertTrue(candidate.getCalls(0).getSeconds() > 0);
    assertFalse(runner.log().candidate(1, runner.cards().getLast()).getCalled());
  }

  @Test
  void aDecisionTellsOf64CallsOfAMember() {
    CallRunner runner = runner(request("a"));
    run(runner, samples(0, 64), samples(0, 6));
    Candidate candidate = runner.log().candidate(0, runner.cards().getFirst()).build();
    assertEquals(64, candidate.getCallsCount());
    assertEquals(6, candidate.getCallsLeftOut());
    assertEquals(63, candidate.getCalls(63).getSample());
  }

  /** 61, one that has another, and of the next only itself. */
  @Test
  void aDecisionHas64OthersAtMost() {
    var nth = new AtomicInteger();
    decoder.script(
        (r, sink) -> {
          GenerateResponse.Builder end = completion("inner", "x");
          Decision.Builder its = end.getCompletionBuilder().getDecisionBuilder();
          its.setEnsemble("inner");
          if (nth.getAndIncrement() >= 61) {
            its.addNested(Decision.newBuilder().setEnsemble("deeper"));
          }
          sink.emit(end.build());
        });
    GenerateRequest.Builder outer = request();
    outer.getRecipeBuilder().addMembers(Member.newBuilder().setEnsemble("inner"));
    CallRunner runner = runner(outer);
    run(runner, samples(0, 61));
    run(runner, samples(0, 1));
    run(runner, samples(0, 1));
    run(runner, samples(0, 1));
    Decision.Builder decision = Decision.newBuilder();
    new Reply(runner, events::add).complete(Completion.newBuilder(), decision, Durations.ZERO);
    List<Decision> nested = decision.getNestedList();
    assertEquals(63, nested.size());
    assertEquals(
        List.of(1, 0), nested.subList(61, 63).stream().map(Decision::getNestedCount).toList());
    assertEquals(
        List.of(0, 1), nested.subList(61, 63).stream().map(Decision::getNestedLeftOut).toList());
    assertEquals(2, decision.getNestedLeftOut());
  }

  @Test
  void aSingleCallForAnAnswerIsToldByTheCandidateAlone() {
    CallRunner runner = runner(request("a"));
    run(runner, Generate.asAsked(0));
    assertEquals(0, runner.log().candidate(0, runner.cards().getFirst()).getCallsCount());
  }

  @Test
  void noMoreThan64AreAtWorkTogether() throws Exception {
    var running = new AtomicInteger();
    var most = new AtomicInteger();
    // Nobody ends before as many are at work as may be.
    var full = new CountDownLatch(CallRunner.MOST_AT_ONCE);
    decoder.script(
        (r, sink) -> {
          most.accumulateAndGet(running.incrementAndGet(), Math::max);
          full.countDown();
          await(full);
          answer(sink, "a", "42");
          running.decrementAndGet();
        });
    CallRunner runner = runner(request("a", "b", "c"));
    assertEquals(192, run(runner, samples(0, 64), samples(1, 64), samples(2, 64)).size());
    assertEquals(CallRunner.MOST_AT_ONCE, most.get());
  }

  /** A quarter of what may be at work together: four, and nobody ends before they are. */
  @Test
  void fewerAreAtWorkTogetherWhereTheRequestIsLong() {
    var begun = new Semaphore(0);
    GenerateRequest.Builder long64 = request("a");
    long64
        .getWireBuilder()
        .setForm(WireForm.WIRE_FORM_CHAT)
        .setBody(UnsafeByteOperations.unsafeWrap(new byte[(64 << 20) - 1024]))
        .setUninterpreted("tools");
    var runner =
        new CallRunner(
            RecipeRequest.whole(long64.build()), _ -> "", calls(new Silent(begun)), events::add);
    var atWork = new ArrayList<Integer>();
    var listener =
        new CallRunner.Listener() {
          @Override
          public void heard(Outcome outcome) {}

          @Override
          public Optional<Duration> patience() {
            // Nobody answers; all are called off once four have begun.
            begun.acquireUninterruptibly(4);
            atWork.add(4 + begun.drainPermits());
            return Optional.of(Duration.ZERO);
          }
        };
    runner.run(List.of(samples(0, 10)), 1, listener);
    assertEquals(List.of(4), atWork);
  }

  /** Takes every call, sends nothing, and never answers. */
  private static final class Silent extends Channel {

    private final Semaphore begun;

    Silent(Semaphore begun) {
      this.begun = begun;
    }

    @Override
    public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
      return new ClientCall<>() {

        private Listener<A> listener;

        @Override
        public void start(Listener<A> its, Metadata headers) {
          listener = its;
          begun.release();
        }

        @Override
        public void cancel(String message, Throwable cause) {
          listener.onClose(Status.CANCELLED, new Metadata());
        }

        @Override
        public void request(int messages) {}

        @Override
        public void halfClose() {}

        @Override
        public void sendMessage(Q message) {}
      };
    }

    @Override
    public String authority() {
      return "nobody";
    }
  }

  @Test
  void whatRunningCallsHaveWrittenIsToldWhileTheyRun() throws Exception {
    decoder.script(
        (r, sink) -> {
          sink.emit(delta("12345678"));
          hang();
        });
    var told = new CountDownLatch(1);
    EventSink<GenerateResponse> sink =
        event -> {
          // 9 characters were read, 8 written: 3 tokens and 2, of each of two.
          if (event.getSpent().getUsage().getCompletionTokens() == 4) {
            assertEquals(6, event.getSpent().getUsage().getPromptTokens());
            assertEquals(2 * (3 * 2 + 2 * 10) / 1e6, event.getSpent().getCostUsd(), 1e-15);
            told.countDown();
          }
        };
    var runner = new CallRunner(RecipeRequest.of(request("a", "b").build()), _ -> "", calls, sink);
    leaveOnce(told, () -> run(runner, Generate.asAsked(0), Generate.asAsked(1)));
  }

  /** Leaves once something has happened. */
  private static void leaveOnce(CountDownLatch happened, Executable asking) throws Exception {
    var thrown = new AtomicReference<Throwable>();
    Context.CancellableContext context = Context.current().withCancellation();
    Thread caller =
        Thread.ofVirtual()
            .start(context.wrap(() -> thrown.set(assertThrows(RuntimeException.class, asking))));
    assertTrue(happened.await(20, TimeUnit.SECONDS));
    context.cancel(null);
    caller.join();
    assertInstanceOf(CancelledException.class, thrown.get());
  }

  /** 3 tokens were read, and 4 characters are one that was written. */
  @Test
  void aTextThatIsPassedOnIsToldFromItsFirstPieceOn() {
    decoder.script(
        (r, sink) -> {
          sink.emit(delta("1234"));
          sink.emit(delta("5678"));
          throw new Failure.Unavailable("CUT", "Cut off.").exception();
        });
    CallRunner runner = runner(request("a"));
    var before = new ArrayList<Double>();
    runner.runLive(
        Generate.asAsked(0),
        1,
        _ -> before.add(events.isEmpty() ? 0 : events.getLast().getSpent().getCostUsd()));
    assertEquals(0, before.getFirst());
    assertEquals((3 * 2 + 10) / 1e6, before.get(1), 1e-15);
    assertEquals((3 * 2 + 2 * 10) / 1e6, events.getLast().getSpent().getCostUsd(), 1e-15);
  }

  /** It has not written anything yet when the caller leaves. */
  @Test
  void whatALiveEnsembleTellsIsToldAtOnce() throws Exception {
    var told = new CountDownLatch(2);
    decoder.script(
        (r, sink) -> {
          for (double usd : new double[] {0.25, 0.5}) {
            sink.emit(
                GenerateResponse.newBuilder()
                    .setSpent(
                        Spent.newBuilder()
                            .setUsage(
                                Usage.newBuilder()
                                    .setPromptTokens(5)
                                    .addMembers(MemberUsage.newBuilder().setMember("x")))
                            .setCostUsd(usd))
                    .build());
          }
          hang();
        });
    GenerateRequest.Builder outer = request();
    outer.getRecipeBuilder().addMembers(Member.newBuilder().setEnsemble("inner"));
    EventSink<GenerateResponse> sink =
        event -> {
          events.add(event);
          told.countDown();
        };
    var runner = new CallRunner(RecipeRequest.of(outer.build()), _ -> "", calls, sink);
    leaveOnce(told, () -> runner.runLive(Generate.asAsked(0), 1, _ -> {}));
    assertEquals(List.of(0.25, 0.5), events.stream().map(e -> e.getSpent().getCostUsd()).toList());
    assertEquals("inner", events.getLast().getSpent().getUsage().getMembers(0).getMember());
  }

  @Test
  void whoIsNotWaitedForIsCancelledAndBilled() throws Exception {
    var freed = new CountDownLatch(1);
    decoder.script(
        (r, sink) -> {
          if (r.getMember().getModel().equals("b")) {
            sink.emit(delta("1234"));
            try {
              hang();
            } finally {
              freed.countDown();
            }
          }
          answer(sink, "a", "42");
        });
    CallRunner runner = runner(request("a", "b"));
    var heard = new ArrayList<Outcome>();
    runner.run(
        List.of(Generate.asAsked(0), Generate.asAsked(1)),
        1,
        new CallRunner.Listener() {
          @Override
          public void heard(Outcome outcome) {
            heard.add(outcome);
          }

          @Override
          public Optional<Duration> patience() {
            boolean wrote =
                events.stream().anyMatch(e -> e.getSpent().getUsage().getCompletionTokens() == 3);
            return heard.isEmpty() || !wrote ? Optional.empty() : Optional.of(Duration.ZERO);
          }
        });
    var unneeded = assertInstanceOf(Outcome.Unneeded.class, heard.getLast());
    assertEquals(1, unneeded.spent().getUsage().getCompletionTokens());
    assertTrue(freed.await(5, TimeUnit.SECONDS));
    assertInstanceOf(Episode.Failed.class, runner.episode().stages().getLast());
  }

  /** Two samples at 3 tokens read and at most 9 written; then as long as the longest so far. */
  @Test
  void callsAreHeldAgainstTheBudget() {
    GenerateRequest.Builder request = request("a").setSampling(seeded());
    double two = 2 * (3 * 2 + 9 * 10) / 1e6;
    request.getRecipeBuilder().setBudget(Budget.newBuilder().setUsdPerRequest(two - 1e-9));
    CallRunner runner = runner(request);
    assertEquals(two, runner.costs().beyond(List.of(samples(0, 2))).orElseThrow(), 1e-15);
    assertEquals(OptionalDouble.empty(), runner.costs().beyond(List.of(samples(0, 1))));
    assertEquals((3 * 2 + 9 * 10) / 1e6, runner.cards().getFirst().expectedUsd(), 1e-15);
    run(runner, samples(0, 1));
    // "42" are 2 tokens, of a prompt of 3.
    assertEquals((3 * 2 + 2 * 10) / 1e6, runner.cards().getFirst().expectedUsd(), 1e-15);
    assertEquals(two - 1e-9, runner.costs().left().orElseThrow(), 1e-15);
    var twelve = new Prompt.Rewritten(List.of(new Turn(Turn.Role.USER, "123456789012")));
    // Before each text its context is read: 20 x (3 + 1) tokens.
    var score = new Score(0, twelve, Collections.nCopies(20, "t"), "");
    assertEquals(OptionalDouble.empty(), runner.costs().beyond(List.of(score)));
    assertEquals(
        2 * 80 * 2 / 1e6, runner.costs().beyond(List.of(score, score)).orElseThrow(), 1e-15);
  }

  @Test
  void aScoreThatFailsIsAFailedCall() {
    CallRunner runner = runner(request("lost"));
    run(runner, new Score(0, Prompt.AS_ASKED, List.of("x"), ""));
    assertEquals(Set.of("lost"), runner.log().failures().keySet());
    assertEquals(Spent.getDefaultInstance(), runner.log().spent());
  }

  @Test
  void cardsTellWhatIsKnownOfMembers() {
    GenerateRequest.Builder request = request();
    request
        .getRecipeBuilder()
        .addMembers(
            Member.newBuilder()
                .setModel("m")
                .setAs("known")
                .setRole("judge")
                .setWeight(0.5)
                .setPrices(PRICES)
                .setContextLength(100)
                .setParameters(7));
    MemberCard card = runner(request.setSampling(seeded())).cards().getFirst();
    assertEquals(
        new MemberCard(
            "m",
            "known",
            "judge",
            0.5,
            2,
            10,
            OptionalInt.of(100),
            OptionalLong.of(7),
            OptionalInt.empty(),
            (3 * 2 + 9 * 10) / 1e6),
        card);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new CancelledException();
    }
  }

  private static void hang() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      throw new CancelledException();
    }
  }

  /** 3 tokens read and 9 written, at 2 and 10 US dollars a million. */
  @Test
  void aMembersOwnSamplingStandsAboveTheMethodsAndTheRequests() {
    GenerateRequest.Builder request = request("a", "b").setSampling(seeded().setTopP(0.5));
    var own = MemberSampling.newBuilder().setTemperature(0.2).setTopP(0.9).setN(5);
    request.getRecipeBuilder().getMembersBuilder(1).setSampling(own);
    CallRunner runner = runner(request);
    assertEquals(OptionalInt.empty(), runner.cards().get(0).samples());
    assertEquals(OptionalInt.of(5), runner.cards().get(1).samples());
    run(runner, samples(0, 1), samples(1, 1));
    for (GenerateRequest asked : decoder.requests()) {
      boolean first = asked.getMember().getModel().equals("a");
      assertEquals(first ? 0.7 : 0.2, asked.getSampling().getTemperature());
      assertEquals(first ? 0.5 : 0.9, asked.getSampling().getTopP());
      assertFalse(asked.getMember().hasSampling(), "it is said by the request");
    }
    assertEquals(2, decoder.requests().size());
    assertFalse(runner.log().candidate(0, runner.cards().get(0)).hasSampling());
    assertEquals(own.build(), runner.log().candidate(1, runner.cards().get(1)).getSampling());
    var estimate = new CostEstimate(3, 9);
    Member b = request.getRecipe().getMembers(1);
    assertEquals(5 * (3 * 2 + 9 * 10) / 1e6, estimate.usdAsked(b), 1e-18);
    assertEquals((3 * 2 + 9 * 10) / 1e6, estimate.usd(b), 1e-18);
  }
}
