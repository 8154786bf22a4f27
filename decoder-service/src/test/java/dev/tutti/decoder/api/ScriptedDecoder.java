package dev.tutti.decoder.api;

import dev.tutti.decoder.JointEnsembleCatalog;
import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.answer.AnswerMember;
import dev.tutti.decoder.answer.DecoderMetrics;
import dev.tutti.decoder.answer.EnsembleAnswer;
import dev.tutti.decoder.answer.FusionPlans;
import dev.tutti.decoder.answer.ModelAnswer;
import dev.tutti.decoder.runtime.ComputeThreads;
import dev.tutti.decoder.runtime.ModelLoader;
import dev.tutti.decoder.runtime.ModelPool;
import dev.tutti.decoder.runtime.SessionLimit;
import dev.tutti.decoder.runtime.SideBySide;
import dev.tutti.decoder.runtime.openai.RemoteModels;
import dev.tutti.decoder.runtime.peer.Peers;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.generation.v1.GenerationServiceGrpc.GenerationServiceBlockingStub;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Model;
import dev.tutti.registry.v1.Runtime;
import dev.tutti.registry.v1.Snapshot;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The service over given models. */
final class ScriptedDecoder implements AutoCloseable {

  final SessionLimit limit = new SessionLimit(8, 8);
  private final ComputeThreads threads = new ComputeThreads();
  private final SideBySide runner = new SideBySide(2);
  private final ModelPool pool;
  private final Server server;
  private final ManagedChannel channel;

  ScriptedDecoder(LanguageModel... models) {
    Map<String, LanguageModel> byName =
        Stream.of(models).collect(Collectors.toMap(LanguageModel::name, Function.identity()));
    pool =
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
    for (String name : byName.keySet()) {
      snapshot.addModels(
          Model.newBuilder()
              .setName(name)
              .setRuntime(Runtime.RUNTIME_ONNX)
              .setLifecycle(Lifecycle.LIFECYCLE_ACTIVE));
    }
    pool.follow(snapshot.build());
    var metrics = new DecoderMetrics(new SimpleMeterRegistry(), limit, pool);
    var api =
        new GenerationApi(
            new ModelAnswer(
                new RemoteModels(null, new SimpleMeterRegistry()),
                null,
                pool,
                new Peers(
                    Optional.empty(),
                    Map.of(),
                    Duration.ofSeconds(1),
                    OptionalInt.empty(),
                    InsecureChannelCredentials.create(),
                    List.of(),
                    new SimpleMeterRegistry()),
                limit,
                threads,
                metrics),
            new EnsembleAnswer(
                new AnswerMember.Finder(
                    JointEnsembleCatalog.METHODS,
                    pool,
                    new RemoteModels(null, new SimpleMeterRegistry()),
                    null),
                limit,
                new FusionPlans(JointEnsembleCatalog.METHODS),
                threads,
                runner,
                metrics));
    try {
      server = ServerBuilder.forPort(0).addService(api).build().start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
  }

  GenerationServiceBlockingStub stub() {
    return GenerationServiceGrpc.newBlockingStub(channel);
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
    runner.close();
    threads.close();
  }
}
