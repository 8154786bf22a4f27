package dev.tutti.decoder.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.JointEnsembleCatalog;
import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.learning.RecordedReferences.Row;
import dev.tutti.decoder.method.routing.Reference;
import dev.tutti.decoder.runtime.ComputeThreads;
import dev.tutti.decoder.runtime.ModelLoader;
import dev.tutti.decoder.runtime.ModelPool;
import dev.tutti.decoder.runtime.SessionLimit;
import dev.tutti.decoder.runtime.peer.Peers;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.learning.FitContext;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.Fitting;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.DatasetMember;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Model;
import dev.tutti.registry.v1.RecordedQuery;
import dev.tutti.registry.v1.Runtime;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.type.v1.Capability;
import io.grpc.InsecureChannelCredentials;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WalkedFitTest {

  private static final List<String> PIECES =
      List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "?", "x");

  private final ComputeThreads threads = new ComputeThreads();
  // Nobody is connected to.
  private final Peers peers =
      new Peers(
          Optional.of("a"),
          Map.of("b", "127.0.0.1:1"),
          Duration.ofSeconds(1),
          OptionalInt.empty(),
          InsecureChannelCredentials.create(),
          List.of(),
          new SimpleMeterRegistry());
  private Optional<byte[]> kept = Optional.empty();
  private String sha256 = "";
  private SessionLimit limit = new SessionLimit(2, 0);
  private final List<String> told = new ArrayList<>();
  private final List<ScriptedModel> models = new ArrayList<>();
  private final HashSet<Thread> computing = new HashSet<>();

  /** Writes x, then what one of them should, and ends; so every label waits for a roll-out. */
  private ScriptedModel model(String name, boolean right) {
    return model(name, right, 1);
  }

  /** Writes so many x before. */
  private ScriptedModel model(String name, boolean right, int before) {
    var model =
        new ScriptedModel(
            name,
            PIECES,
            60,
            tokens -> {
              computing.add(Thread.currentThread());
              int open =
                  models.stream().filter(m -> m.runsHere).mapToInt(m -> m.openSessions.get()).sum();
              assertTrue(open <= limit.running(), "within permits");
              int asked = tokens.indexOf(10);
              int answered = tokens.size() - asked - 1;
              var p = new double[PIECES.size() + 1];
              boolean answers = answered == before && right;
              p[answered < before ? 11 : answers ? tokens.getFirst() : 12] = 1;
              return p;
            });
    model.hidden = tokens -> new float[] {tokens.size(), tokens.getFirst()};
    model.embedding = piece -> new float[] {piece.length(), piece.hashCode() % 7};
    models.add(model);
    return model;
  }

  private Fitting.Fit fit(String method, Struct settings, ScriptedModel... models) {
    Map<String, LanguageModel> byName =
        Stream.of(models).collect(Collectors.toMap(ScriptedModel::name, model -> model));
    var pool =
        new ModelPool(
            new ModelLoader() {
              @Override
              public long bytes(Model model) {
                return 1;
              }

              @Override
              public LanguageModel load(Model model) {
                return byName.get(model.getName());
              }
            },
            100,
            System::nanoTime);
    Snapshot.Builder snapshot = Snapshot.newBuilder();
    Dataset.Builder dataset = Dataset.newBuilder();
    for (ScriptedModel model : models) {
      Model.Builder registered =
          Model.newBuilder()
              .setName(model.name())
              .setSha256(sha256)
              .setRuntime(Runtime.RUNTIME_ONNX)
              .setLifecycle(Lifecycle.LIFECYCLE_ACTIVE)
              .addCapabilities(Capability.CAPABILITY_FULL_DISTRIBUTION);
      if (model.hidden != null) {
        registered.addCapabilities(Capability.CAPABILITY_HIDDEN_STATE);
        registered.addCapabilities(Capability.CAPABILITY_OUTPUT_EMBEDDINGS);
      }
      if (!model.runsHere) {
        registered.setDecoder("b");
      }
      snapshot.addModels(registered);
      dataset.addMembers(DatasetMember.newBuilder().setMember(model.name()));
    }
    pool.follow(snapshot.build());
    Struct parameters =
        Struct.newBuilder()
            .putFields("artifact", text("a"))
            .putFields("method", text(method))
            .putFields("dataset", text("d"))
            .putFields("settings", Value.newBuilder().setStructValue(settings).build())
            .build();
    Fitting.Fit fit =
        new EnsembleFitting(JointEnsembleCatalog.METHODS, pool, peers, limit, threads)
            .begin(FitRequest.of(parameters, JointEnsembleCatalog.FITTED), dataset.build());
    for (int i = 0; i < 40; i++) {
      fit.take(
          RecordedQuery.newBuilder()
              .setQuery(i % 10 + "" + i + "?")
              .setReference("" + i % 10)
              .build(),
          List.of());
    }
    return fit;
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private FitContext context(String stopAt) {
    var random = new SplittableRandom(1);
    return new FitContext() {
      @Override
      public RandomGenerator random() {
        return random;
      }

      @Override
      public void progress(long done, long total, String message) {
        String kind = message.replaceAll("[:].*", "");
        told.add(kind + " " + done + "/" + total);
        if (kind.equals(stopAt)) {
          throw new CancellationException(stopAt);
        }
      }

      @Override
      public Optional<byte[]> checkpoint() {
        return kept;
      }

      @Override
      public void checkpoint(byte[] checkpoint) {
        kept = Optional.of(checkpoint);
      }

      @Override
      public double usdLeft() {
        return 0;
      }

      @Override
      public double usdSpent() {
        return 0;
      }

      @Override
      public List<float[]> embed(List<String> texts) {
        throw new AssertionError();
      }

      @Override
      public Completion ask(GenerateRequest request, double usd) {
        throw new AssertionError();
      }
    };
  }

  @AfterEach
  void close() {
    assertEquals(0, limit.running());
    peers.close();
    threads.close();
  }

  private static Struct two(String setting, int value) {
    return Struct.newBuilder()
        .putFields(setting, Value.newBuilder().setNumberValue(value).build())
        .putFields("epochs", Value.newBuilder().setNumberValue(2).build())
        .build();
  }

  @Test
  void rollOutsAreComputedWithinPermitsAndTold() {
    ScriptedModel small = model("small", true);
    ScriptedModel large = model("large", false);
    Fitting.Result result = fit("citer", two("steps", 8), small, large).learn(context(""));
    assertEquals(8, result.metrics().get("recorded_steps").asInt());
    assertTrue(
        computing.stream().allMatch(thread -> thread.getName().startsWith("answer-")),
        computing.toString());
    // Four references, of two steps each, of which one is open; in two rounds.
    assertTrue(told.contains("label 0/8") && told.contains("label 7/8"), told.toString());
    assertTrue(told.contains("measure 0/" + result.data().heldOut()), told.toString());
    assertEquals(List.of("small"), result.parameters().members());
    assertEquals(0, small.openSessions.get() + large.openSessions.get());
  }

  @Test
  void betweenRollOutsAFitStops() {
    Fitting.Fit fit = fit("citer", two("steps", 8), model("small", true), model("large", false));
    assertThrows(CancellationException.class, () -> fit.learn(context("label")));
    assertEquals(List.of("label 0/8"), told.stream().filter(t -> t.startsWith("l")).toList());
  }

  @Test
  void onlyWhoIsLearnedFromHasToTellHiddenStates() {
    ScriptedModel mute = model("mute", false);
    mute.hidden = null;
    for (String method : List.of("citer", "cds")) {
      Fitting.Result result =
          fit(method, two("steps", 8), model("m", true), mute).learn(context(""));
      assertEquals(List.of("m"), result.parameters().members());
      var refused =
          assertThrows(
              FailureException.class, () -> fit(method, two("steps", 8), mute, model("m", true)));
      assertEquals(
          new Failure.InvalidArgument(
              "parameters.members",
              ((Failure.InvalidArgument) refused.failure()).reason(),
              "'mute' lacks HIDDEN_STATE, which %s needs.".formatted(method)),
          refused.failure());
    }
    assertTrue(
        assertThrows(
                FailureException.class,
                () -> fit("etr", two("questions", 9), mute, model("m", true)))
            .getMessage()
            .contains("'mute' lacks HIDDEN_STATE, OUTPUT_EMBEDDINGS, which etr needs."));
  }

  /** A machine that is away for a while does not end what took hours. */
  @Test
  void whoFailsElsewhereIsTriedAgain() {
    var away =
        new ScriptedModel(
            "away",
            PIECES,
            60,
            _ -> {
              throw new DecodeException("The decoder 'b' is unreachable.");
            });
    away.runsHere = false;
    for (String method : List.of("citer", "cds")) {
      Fitting.Fit fit = fit(method, two("steps", 8), model("small", true), away);
      assertEquals(
          new Failure.Unavailable("MEMBER_FAILED", "The decoder 'b' is unreachable."),
          assertThrows(FailureException.class, () -> fit.learn(context(""))).failure());
    }
    away.runsHere = true;
    Fitting.Fit here = fit("citer", two("steps", 8), model("small", true), away);
    assertThrows(DecodeException.class, () -> here.learn(context("")));
  }

  private void assertTooManySessions(String why, String method, ScriptedModel... models) {
    Failure refused =
        assertThrows(FailureException.class, () -> fit(method, two("epochs", 2), models)).failure();
    assertEquals("parameters.members", ((Failure.InvalidArgument) refused).field());
    assertEquals(why, refused.message());
    assertEquals(List.of(), told);
  }

  @Test
  void moreSessionsThanThereAreAreRefusedAsAFitBegins() {
    ScriptedModel one = model("one", true);
    ScriptedModel two = model("two", true);
    ScriptedModel three = model("three", true);
    String why = "%s has %d sessions of members that run here open at once; this service runs %d.";
    for (String method : List.of("cds", "citer", "etr")) {
      assertTooManySessions(why.formatted(method, 3, 2), method, one, two, three);
    }
    three.runsHere = false;
    for (String method : List.of("cds", "citer", "etr")) {
      fit(method, two("epochs", 2), one, two, three);
    }
    limit = new SessionLimit(1, 0);
    two.runsHere = false;
    fit("cds", two("epochs", 2), one, two);
    fit("citer", two("epochs", 2), one, two, three);
    assertTooManySessions(why.formatted("etr", 2, 1), "etr", one, two, three);
    fit("etr", two("epochs", 2), two, one, three);
  }

  /** Passes until what was held out is to be answered. */
  private int passes(String method, Struct settings, ScriptedModel... models) {
    int before = Stream.of(models).mapToInt(m -> m.passes.get()).sum();
    Fitting.Fit fit = fit(method, settings, models);
    assertThrows(CancellationException.class, () -> fit.learn(context("measure")));
    return Stream.of(models).mapToInt(m -> m.passes.get()).sum() - before;
  }

  /**
   * Of citer each of some thirty references has a step that waits for roll-outs, in two rounds; of
   * etr both members answer as many questions.
   */
  @Test
  void aFitThatIsResumedWritesNoAnswerAgain() {
    for (String method : List.of("citer", "etr")) {
      int before = method.equals("etr") ? 0 : 1;
      ScriptedModel small = model("small", true, before);
      ScriptedModel large = model("large", false, before);
      Struct settings = two(method.equals("etr") ? "questions" : "steps", 500);
      kept = Optional.empty();
      int all = passes(method, settings, small, large);
      int resumed = passes(method, settings, small, large);
      // An answer takes a pass at least.
      assertTrue(all - resumed >= KeptOutcomes.BETWEEN, all + " and then " + resumed);
      assertEquals(resumed, passes(method, settings, small, large));
      Fitting.Result after = fit(method, settings, small, large).learn(context(""));
      sha256 = "other";
      assertEquals(all, passes(method, settings, small, large), "of other files");
      sha256 = "";
      kept = Optional.empty();
      Fitting.Result whole = fit(method, settings, small, large).learn(context(""));
      assertEquals(whole.metrics(), after.metrics());
      assertEquals(whole.data(), after.data());
      assertEquals(whole.parameters().matrices().keySet(), after.parameters().matrices().keySet());
      whole
          .parameters()
          .matrices()
          .forEach(
              (name, matrix) ->
                  assertArrayEquals(
                      matrix.values(), after.parameters().matrix(name).values(), name));
    }
  }

  /** The meta model reads the reference while it, or an expert elsewhere, answers. */
  @Test
  void aMetaModelHereReadsAndAnswersWithinPermits() {
    ScriptedModel expert = model("expert", true, 0);
    expert.runsHere = false;
    Fitting.Result result =
        fit("etr", two("questions", 9), model("meta", false, 0), expert).learn(context(""));
    assertEquals(18, result.metrics().get("recorded_steps").asInt());
  }

  /** Written set by set, as datasets mostly are: each has its share of what is measured. */
  @Test
  void whatIsMeasuredIsDrawnFromAllOfIt() {
    List<Row> held =
        IntStream.range(0, 2_000)
            .mapToObj(
                i -> new Row(FitRequest.number("q" + i), "s" + i / 500, new Reference("q" + i, "")))
            .toList();
    List<Row> sample = WalkedFit.sample(held, 7);
    assertEquals(500, sample.size());
    Map<String, Long> sets =
        sample.stream().collect(Collectors.groupingBy(Row::set, Collectors.counting()));
    // Binomial: 125 with a deviation of 9.7 each.
    assertTrue(sets.values().stream().allMatch(n -> n > 85 && n < 165), sets.toString());
    assertEquals(sample, WalkedFit.sample(held.reversed(), 7));
    // A dataset that grows is measured mostly on what it was measured on.
    var before = new HashSet<>(WalkedFit.sample(held.subList(0, 1_800), 7));
    assertTrue(sample.stream().filter(before::contains).count() > 400);
    assertTrue(WalkedFit.sample(held, 8).stream().filter(sample::contains).count() < 200);
  }
}
