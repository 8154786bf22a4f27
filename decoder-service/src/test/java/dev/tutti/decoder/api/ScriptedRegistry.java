package dev.tutti.decoder.api;

import dev.tutti.decoder.fixture.ModelFiles;
import dev.tutti.decoder.wiring.KnownModels;
import dev.tutti.learning.testing.ScriptedDatasets;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Model;
import dev.tutti.registry.v1.RegistryServiceGrpc;
import dev.tutti.registry.v1.Runtime;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.registry.v1.WatchRequest;
import dev.tutti.registry.v1.WatchResponse;
import dev.tutti.type.v1.Capability;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A registry that says what the tests tell it to, and a folder of models. */
public class ScriptedRegistry implements QuarkusTestResourceLifecycleManager {

  /** What there is to learn from. */
  static final ScriptedDatasets DATASETS = new ScriptedDatasets();

  private static volatile ScriptedRegistry current;

  private final Set<StreamObserver<WatchResponse>> watchers = ConcurrentHashMap.newKeySet();
  private volatile Snapshot snapshot = Snapshot.getDefaultInstance();
  private boolean away;
  private Path models;
  private Server server;

  /** The running one. */
  static ScriptedRegistry current() {
    return current;
  }

  /** The models' folder. */
  Path models() {
    return models;
  }

  @Override
  public Map<String, String> start() {
    try {
      models = Files.createTempDirectory(Path.of("target"), "models").toAbsolutePath();
      ModelFiles.writeCounting(models.resolve("counting"), "abcdefgh", 16);
      // Never ends: after any letter the same one again.
      ModelFiles.writeTiny(
          models.resolve("endless"),
          "ab",
          new float[][] {{1, 0, 0}, {0, 1, 0}, {0, 0, 0}},
          new float[3],
          100_000);
      ModelFiles.writeCounting(models.resolve("corrupt"), "abcdefgh", 16);
      ModelFiles.write(models.resolve("corrupt/model.onnx"), "this is no graph");
      ModelFiles.writeCounting(models.resolve("mismatched"), "abcdefgh", 16);
      ModelFiles.write(
          models.resolve("mismatched/tokenizer.json"), ModelFiles.characterTokenizer("abc"));
      for (String name : ModelFiles.starterNames()) {
        ModelFiles.copy(ModelFiles.starter().resolve(name), models.resolve(name));
      }
      snapshot = standard(1);
      server =
          ServerBuilder.forPort(0)
              .addService(DATASETS)
              .addService(
                  new RegistryServiceGrpc.RegistryServiceImplBase() {
                    @Override
                    public void watch(WatchRequest request, StreamObserver<WatchResponse> out) {
                      var call = (ServerCallStreamObserver<WatchResponse>) out;
                      call.setOnCancelHandler(() -> watchers.remove(out));
                      synchronized (watchers) {
                        if (away) {
                          out.onError(Status.UNAVAILABLE.asRuntimeException());
                          return;
                        }
                        watchers.add(out);
                        out.onNext(WatchResponse.newBuilder().setSnapshot(snapshot).build());
                      }
                    }
                  })
              .build()
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    current = this;
    return Map.of(
        "quarkus.grpc.clients.registry.test-port",
        Integer.toString(server.getPort()),
        "tutti.decoder.models-dir",
        models.toString(),
        "tutti.decoder.max-sessions",
        "4",
        "tutti.decoder.max-queued",
        "1",
        "tutti.decoder.endpoints.allowed-hosts",
        "127.0.0.1",
        "tutti.decoder.endpoints.first-token-timeout",
        "1s",
        "tutti.decoder.endpoints.answer-timeout",
        "2s",
        "tutti.decoder.endpoints.idle-timeout",
        "1s",
        "tutti.decoder.endpoints.retry-delay",
        "10ms");
  }

  /** What every test begins with. */
  Snapshot standard(long revision) {
    Snapshot.Builder standard = Snapshot.newBuilder().setRevision(revision);
    standard.addModels(model("counting", Lifecycle.LIFECYCLE_ACTIVE));
    standard.addModels(model("endless", Lifecycle.LIFECYCLE_ACTIVE));
    standard.addModels(
        model("endless-too", Lifecycle.LIFECYCLE_ACTIVE).toBuilder().setLocation("endless"));
    standard.addModels(
        model("old", Lifecycle.LIFECYCLE_RETIRED).toBuilder().setLocation("counting"));
    for (String broken : List.of("nowhere", "corrupt", "mismatched")) {
      standard.addModels(model(broken, Lifecycle.LIFECYCLE_ACTIVE));
    }
    for (String name : ModelFiles.starterNames()) {
      standard.addModels(
          model(name, Lifecycle.LIFECYCLE_ACTIVE).toBuilder()
              .addCapabilities(Capability.CAPABILITY_HIDDEN_STATE));
    }
    return standard.build();
  }

  static Model model(String name, Lifecycle lifecycle) {
    return Model.newBuilder()
        .setName(name)
        .setVersion(1)
        .setRuntime(Runtime.RUNTIME_ONNX)
        .setLocation(name)
        .setLifecycle(lifecycle)
        .addAllCapabilities(
            List.of(
                Capability.CAPABILITY_GENERATION,
                Capability.CAPABILITY_LOGPROBS,
                Capability.CAPABILITY_FULL_DISTRIBUTION,
                Capability.CAPABILITY_SCORING))
        .build();
  }

  /** Says something new to everyone who watches. */
  void say(Snapshot now) {
    synchronized (watchers) {
      snapshot = now;
      watchers.forEach(w -> w.onNext(WatchResponse.newBuilder().setSnapshot(now).build()));
    }
  }

  /** Is away until it comes back. */
  void leave() {
    synchronized (watchers) {
      away = true;
      watchers.forEach(w -> w.onError(Status.UNAVAILABLE.asRuntimeException()));
      watchers.clear();
    }
  }

  /** Answers again. */
  void comeBack() {
    synchronized (watchers) {
      away = false;
    }
  }

  /** Waits until the service has heard the last that was said. */
  void await(KnownModels models) throws InterruptedException {
    long end = System.nanoTime() + 10_000_000_000L;
    while (!models.state().connected() || models.state().revision() < snapshot.getRevision()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("The service did not follow: " + models.state());
      }
      Thread.sleep(5);
    }
  }

  @Override
  public void stop() {
    server.shutdownNow();
  }
}
