package dev.tutti.router.testing;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Durations;
import dev.tutti.deploy.PostgresTestResource;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.testing.ScriptedGeneration;
import dev.tutti.learning.testing.Gate;
import dev.tutti.learning.testing.ScriptedEmbedder;
import dev.tutti.method.v1.Budget;
import dev.tutti.method.v1.Family;
import dev.tutti.registry.v1.Ensemble;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Model;
import dev.tutti.registry.v1.Runtime;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.registry.v1.Unserved;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import dev.tutti.type.v1.Prices;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Everybody around the router, by script, and a real PostgreSQL behind a gate. */
public final class Neighbourhood implements QuarkusTestResourceLifecycleManager {

  /** What services of this platform say to each other. */
  public static final String SERVICE_TOKEN = "a token of thirty-two characters".replace(' ', '-');

  /** Starts with the registry and the database away; a snapshot of before is in the file. */
  public static final String ALONE = "alone";

  public static ScriptedGeneration decoder;
  public static ScriptedGeneration fusion;
  public static ScriptedGeneration cascade;
  public static ScriptedRegistry registry;
  public static ScriptedEmbedder embedder;
  public static ScriptedFusion fuser;
  public static ScriptedCascade decider;
  public static Gate database;

  private PostgresTestResource postgres;

  /** When everything was registered, seconds since 1970. */
  public static final long CREATED = 1_795_000_000L;

  private boolean alone;

  @Override
  public void init(Map<String, String> arguments) {
    alone = Boolean.parseBoolean(arguments.get(ALONE));
  }

  @Override
  public Map<String, String> start() {
    embedder = new ScriptedEmbedder();
    decoder = new ScriptedGeneration(Neighbourhood::echo, embedder);
    fuser = new ScriptedFusion();
    fusion = new ScriptedGeneration(Neighbourhood::echo, fuser, new ScriptedMethods());
    decider = new ScriptedCascade();
    cascade = new ScriptedGeneration(Neighbourhood::echo, decider);
    registry = new ScriptedRegistry();
    registry.start();
    registry.tell(usual());
    postgres = new PostgresTestResource();
    String url = postgres.start().get("quarkus.datasource.jdbc.url");
    Matcher port = Pattern.compile(":(\\d+)/").matcher(url);
    if (!port.find()) {
      throw new IllegalStateException(url);
    }
    database = new Gate(Integer.parseInt(port.group(1)));
    database.open();
    Path snapshot = snapshotFile();
    if (alone) {
      database.shut();
      registry.stop();
    }
    var settings = new HashMap<String, String>();
    settings.put(
        "quarkus.datasource.jdbc.url",
        url.replaceFirst("//[^/]*/", "//127.0.0.1:%d/".formatted(database.port())));
    settings.put("tutti.router.snapshot", snapshot.toString());
    settings.put("tutti.service-token", SERVICE_TOKEN);
    settings.put("tutti.router.key-reports", "50ms");
    // However busy the machine is: what the ledger pays for is granted.
    settings.put("tutti.router.budgets.longest-look", "30s");
    settings.put("tutti.router.cors-origins", "https://app.example.com, https://other.example.com");
    settings.put("quarkus.grpc.clients.decoder.test-port", Integer.toString(decoder.port()));
    settings.put("quarkus.grpc.clients.fusion.test-port", Integer.toString(fusion.port()));
    settings.put("quarkus.grpc.clients.cascade.test-port", Integer.toString(cascade.port()));
    settings.put("quarkus.grpc.clients.registry.test-port", Integer.toString(registry.port()));
    return settings;
  }

  @Override
  public void stop() {
    decoder.close();
    fusion.close();
    cascade.close();
    registry.stop();
    database.close();
    postgres.stop();
  }

  /** Everybody answers as usual again, and has forgotten what was asked. */
  public static void calm() {
    awaitNames();
    embedder.calm();
    fuser.calm();
    decider.calm();
    registry.datasets().calm();
    for (ScriptedGeneration neighbour : List.of(decoder, fusion, cascade)) {
      neighbour.script(Neighbourhood::echo);
      neighbour.forget();
    }
  }

  /** Until the first snapshot has arrived. */
  private static void awaitNames() {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (Http.get("/v1/models").status() != 200 && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }

  /** Says who answers, in three pieces. */
  public static void echo(GenerateRequest request, EventSink<GenerateResponse> sink) {
    String author =
        request.hasMember()
            ? RecipeRequest.name(request.getMember())
            : request.getRecipe().getEnsemble();
    String text = "I am " + author;
    sink.emit(ScriptedGeneration.delta("I "));
    sink.emit(ScriptedGeneration.delta("am "));
    sink.emit(ScriptedGeneration.delta(author));
    var completion = ScriptedGeneration.completion(author, text);
    completion.getCompletionBuilder().setCostUsd(0.25);
    sink.emit(completion.build());
  }

  /** The registry of the tests. */
  public static Snapshot usual() {
    return Snapshot.newBuilder()
        .addModels(model("anna", Lifecycle.LIFECYCLE_ACTIVE))
        .addModels(model("counted", Lifecycle.LIFECYCLE_ACTIVE))
        .addModels(model("bert", Lifecycle.LIFECYCLE_DEPRECATED))
        .addModels(
            model("embedder", Lifecycle.LIFECYCLE_ACTIVE).toBuilder()
                .clearCapabilities()
                .addCapabilities(Capability.CAPABILITY_EMBEDDING))
        .addModels(model("gone", Lifecycle.LIFECYCLE_RETIRED))
        .addModels(remote("wire"))
        .addModels(
            remote("wire-embedder").toBuilder()
                .clearCapabilities()
                .addCapabilities(Capability.CAPABILITY_EMBEDDING))
        .addEnsembles(ensemble("blend-mixed", Family.FAMILY_ROUTER, "blending", "anna", "wire"))
        .addEnsembles(ensemble("vote-wire", Family.FAMILY_FUSION, "majority-vote", "wire"))
        .addEnsembles(
            ensemble("steps-wire", Family.FAMILY_CASCADE, "model-cascading", "anna", "@vote-wire"))
        .addEnsembles(ensemble("blend-vote-wire", Family.FAMILY_ROUTER, "blending", "@vote-wire"))
        .addEnsembles(
            ensemble("blend-steps-wire", Family.FAMILY_ROUTER, "blending", "wire", "@steps-wire"))
        .addEnsembles(ensemble("gac-wire", Family.FAMILY_TOKEN, "gac", "wire"))
        .addEnsembles(ensemble("blend", Family.FAMILY_ROUTER, "blending", "anna", "bert"))
        .addEnsembles(ensemble("blend-counted", Family.FAMILY_ROUTER, "blending", "counted"))
        .addEnsembles(ensemble("blend-one", Family.FAMILY_ROUTER, "blending", "anna"))
        .addEnsembles(ensemble("blend-gone", Family.FAMILY_ROUTER, "blending", "anna", "gone"))
        .addEnsembles(ensemble("blend-nest", Family.FAMILY_ROUTER, "blending", "@vote"))
        .addEnsembles(
            ensemble("blend-cheap", Family.FAMILY_ROUTER, "blending", "anna", "bert").toBuilder()
                .setBudget(Budget.newBuilder().setUsdPerRequest(1e-5)))
        .addEnsembles(
            ensemble("blend-paced", Family.FAMILY_ROUTER, "blending", "anna").toBuilder()
                .setBudget(Budget.newBuilder().setUsdPerDay(24)))
        .addEnsembles(
            ensemble("vote-paced", Family.FAMILY_FUSION, "majority-vote", "anna").toBuilder()
                .setBudget(Budget.newBuilder().setUsdPerDay(24)))
        .addEnsembles(
            ensemble("vote-fused", Family.FAMILY_FUSION, "majority-vote", "anna").toBuilder()
                .setBudget(Budget.newBuilder().setUsdPerDay(24)))
        .addEnsembles(
            ensemble("debate-fused", Family.FAMILY_FUSION, "debate", "anna", "bert").toBuilder()
                .setRewrites(true)
                .setBudget(Budget.newBuilder().setUsdPerDay(24)))
        .addEnsembles(
            ensemble("vote-many", Family.FAMILY_FUSION, "majority-vote", "anna").toBuilder()
                .setBudget(Budget.newBuilder().setUsdPerDay(240)))
        .addEnsembles(
            ensemble("paced-outer", Family.FAMILY_ROUTER, "blending", "@paced-inner").toBuilder()
                .setBudget(Budget.newBuilder().setUsdPerDay(24)))
        .addEnsembles(
            ensemble("paced-inner", Family.FAMILY_ROUTER, "blending", "anna").toBuilder()
                .setBudget(Budget.newBuilder().setUsdPerDay(24)))
        .addEnsembles(paced("paced-drained"))
        .addEnsembles(paced("paced-owing"))
        .addEnsembles(paced("paced-large"))
        .addEnsembles(paced("paced-aside"))
        .addEnsembles(paced("paced-broken"))
        .addEnsembles(ensemble("deep-1", Family.FAMILY_ROUTER, "blending", "@deep-2"))
        .addEnsembles(ensemble("deep-2", Family.FAMILY_ROUTER, "blending", "@deep-1"))
        .addEnsembles(
            ensemble("vote-drop", Family.FAMILY_FUSION, "majority-vote", "anna").toBuilder()
                .setUnserved(Unserved.UNSERVED_DROP))
        .addEnsembles(
            ensemble("vote-hurried", Family.FAMILY_FUSION, "majority-vote", "anna").toBuilder()
                .setTimeLimit(Durations.fromMillis(300)))
        .addEnsembles(
            ensemble("blend-hurried", Family.FAMILY_ROUTER, "blending", "anna").toBuilder()
                .setTimeLimit(Durations.fromMillis(300)))
        .addEnsembles(ensemble("gac", Family.FAMILY_TOKEN, "gac", "anna", "bert"))
        .addEnsembles(ensemble("vote", Family.FAMILY_FUSION, "majority-vote", "anna", "bert"))
        .addEnsembles(ensemble("vote-gone", Family.FAMILY_FUSION, "majority-vote", "gone"))
        .addEnsembles(ensemble("steps", Family.FAMILY_CASCADE, "model-cascading", "anna", "bert"))
        .build();
  }

  /** One member, and 24 US dollars a day. */
  public static Ensemble paced(String name) {
    return ensemble(name, Family.FAMILY_ROUTER, "blending", "anna").toBuilder()
        .setBudget(Budget.newBuilder().setUsdPerDay(24))
        .build();
  }

  /** A model at 1 US dollar a million prompt tokens and 2 a million completion tokens. */
  public static Model model(String name, Lifecycle lifecycle) {
    return Model.newBuilder()
        .setName(name)
        .setVersion(3)
        .setCreated(Timestamp.newBuilder().setSeconds(CREATED))
        .setRuntime(Runtime.RUNTIME_ONNX)
        .setLocation(name)
        .setContextLength(128)
        .setPrices(
            Prices.newBuilder().setUsdPerMillionPromptTokens(1).setUsdPerMillionCompletionTokens(2))
        .setParameters(1000)
        .addCapabilities(Capability.CAPABILITY_GENERATION)
        .addCapabilities(Capability.CAPABILITY_LOGPROBS)
        .setLifecycle(lifecycle)
        .build();
  }

  /** The same behind an endpoint. */
  public static Model remote(String name) {
    return model(name, Lifecycle.LIFECYCLE_ACTIVE).toBuilder()
        .setRuntime(Runtime.RUNTIME_OPENAI)
        .clearLocation()
        .addEndpoints("https://models.example.com/v1")
        .build();
  }

  /** An ensemble; {@code @} marks a member that is an ensemble itself. */
  public static Ensemble ensemble(String name, Family family, String method, String... members) {
    var refs = new ArrayList<Member>();
    for (String member : members) {
      refs.add(
          member.startsWith("@")
              ? Member.newBuilder().setEnsemble(member.substring(1)).build()
              : Member.newBuilder().setModel(member).build());
    }
    return Ensemble.newBuilder()
        .setName(name)
        .setVersion(5)
        .setCreated(Timestamp.newBuilder().setSeconds(CREATED))
        .setFamily(family)
        .setMethod(method)
        .addAllMembers(refs)
        .setLifecycle(Lifecycle.LIFECYCLE_ACTIVE)
        .build();
  }

  private Path snapshotFile() {
    try {
      Path file =
          Files.createTempDirectory(Path.of("target"), "router")
              .resolve("snapshot.bin")
              .toAbsolutePath();
      if (alone) {
        Files.write(file, usual().toBuilder().setRevision(7).build().toByteArray());
      }
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
