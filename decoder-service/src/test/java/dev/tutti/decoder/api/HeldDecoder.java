package dev.tutti.decoder.api;

import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.JointEnsembleCatalog;
import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.answer.AnswerMember;
import dev.tutti.decoder.answer.DecoderMetrics;
import dev.tutti.decoder.answer.EnsembleAnswer;
import dev.tutti.decoder.answer.FusionPlans;
import dev.tutti.decoder.answer.GuestFiles;
import dev.tutti.decoder.answer.GuestSessions;
import dev.tutti.decoder.answer.Inspection;
import dev.tutti.decoder.answer.ModelAnswer;
import dev.tutti.decoder.answer.ModelStandings;
import dev.tutti.decoder.answer.TextScoring;
import dev.tutti.decoder.fixture.ModelFiles;
import dev.tutti.decoder.runtime.ComputeThreads;
import dev.tutti.decoder.runtime.DecoderConfig;
import dev.tutti.decoder.runtime.ModelLoader;
import dev.tutti.decoder.runtime.ModelPool;
import dev.tutti.decoder.runtime.OnnxModelLoader;
import dev.tutti.decoder.runtime.OnnxRuntime;
import dev.tutti.decoder.runtime.SessionLimit;
import dev.tutti.decoder.runtime.SideBySide;
import dev.tutti.decoder.runtime.openai.RemoteModels;
import dev.tutti.decoder.runtime.peer.HeldModelLoader;
import dev.tutti.decoder.runtime.peer.Peers;
import dev.tutti.decoder.runtime.peer.Relayed;
import dev.tutti.decoder.v1.DecoderServiceGrpc;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.generation.v1.GenerationServiceGrpc.GenerationServiceBlockingStub;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Model;
import dev.tutti.registry.v1.Snapshot;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ConnectivityState;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.runtime.configuration.MemorySize;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;

/** One of several decoders in this process, over the starter models. */
final class HeldDecoder implements AutoCloseable {

  final SessionLimit limit;
  final ModelPool pool;
  final ManagedChannel channel;
  final MeterRegistry meters = new SimpleMeterRegistry();

  /** Calls of other decoders that went through what takes their trace along. */
  final Set<String> traced = ConcurrentHashMap.newKeySet();

  /** Sessions of its models that are open here. */
  final AtomicInteger open = new AtomicInteger();

  private volatile IntConsumer beforeStep = _ -> {};

  private final AtomicInteger steps = new AtomicInteger();
  private final ComputeThreads threads = new ComputeThreads();
  private final SideBySide runner = new SideBySide(2);
  private final Peers peers;
  private final Server server;

  private final class Traced implements ClientInterceptor {
    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      traced.add(method.getBareMethodName());
      return next.newCall(method, options);
    }
  }

  /** What can be said of it. */
  record Setup(
      String name,
      int port,
      Map<String, String> peers,
      int sessions,
      Duration timeout,
      Duration guestTimeout,
      OptionalInt top) {

    static Setup of(String name, Map<String, String> peers) {
      return new Setup(
          name, 0, peers, 8, Duration.ofSeconds(20), Duration.ofSeconds(20), OptionalInt.empty());
    }

    Setup port(int its) {
      return new Setup(name, its, peers, sessions, timeout, guestTimeout, top);
    }

    Setup sessions(int most) {
      return new Setup(name, port, peers, most, timeout, guestTimeout, top);
    }

    Setup timeout(Duration its) {
      return new Setup(name, port, peers, sessions, its, guestTimeout, top);
    }

    Setup guestTimeout(Duration its) {
      return new Setup(name, port, peers, sessions, timeout, its, top);
    }

    Setup top(int k) {
      return new Setup(name, port, peers, sessions, timeout, guestTimeout, OptionalInt.of(k));
    }
  }

  /**
   * A decoder.
   *
   * @param holders of each model the decoder that holds it; empty for whoever is asked
   */
  HeldDecoder(Setup setup, Map<String, String> holders) {
    limit = new SessionLimit(setup.sessions(), 8);
    peers =
        new Peers(
            Optional.of(setup.name()).filter(name -> !name.isEmpty()),
            setup.peers(),
            setup.timeout(),
            setup.top(),
            InsecureChannelCredentials.create(),
            List.of(new Traced()),
            meters);
    var runtime = new OnnxRuntime(OnnxRuntime.Device.CPU);
    var files = new OnnxModelLoader(runtime, Optional.of(ModelFiles.starter()), threads);
    pool = new ModelPool(new HeldModelLoader(watched(files), peers), 1L << 30, System::nanoTime);
    pool.follow(snapshot(holders));
    var metrics = new DecoderMetrics(meters, limit, pool);
    var remote = new RemoteModels(null, meters);
    server =
        start(
            setup.port(),
            new GenerationApi(
                new ModelAnswer(remote, null, pool, peers, limit, threads, metrics),
                new EnsembleAnswer(
                    new AnswerMember.Finder(JointEnsembleCatalog.METHODS, pool, remote, null),
                    limit,
                    new FusionPlans(JointEnsembleCatalog.METHODS),
                    threads,
                    runner,
                    metrics)),
            new DecoderApi(
                new TextScoring(remote, null, pool, peers, limit, threads, metrics),
                null,
                new Inspection(runtime, files, config(), null, peers),
                new GuestSessions(pool, peers, limit, threads, setup.guestTimeout()),
                new GuestFiles(pool, peers, files, threads),
                new ModelStandings(pool, remote)));
    channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
  }

  private static DecoderConfig config() {
    var budget = new MemorySize(BigInteger.valueOf(1L << 30));
    return (DecoderConfig)
        Proxy.newProxyInstance(
            DecoderConfig.class.getClassLoader(),
            new Class<?>[] {DecoderConfig.class},
            (_, method, _) -> method.getName().equals("memoryBudget") ? budget : null);
  }

  private static Server start(int port, BindableService... services) {
    ServerBuilder<?> builder = ServerBuilder.forPort(port).intercept(new Relayed.Interceptor());
    for (BindableService service : services) {
      builder.addService(service);
    }
    try {
      return builder.build().start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Snapshot snapshot(Map<String, String> holders) {
    Snapshot.Builder snapshot = Snapshot.newBuilder();
    holders.forEach(
        (model, holder) ->
            snapshot.addModels(
                ScriptedRegistry.model(model, Lifecycle.LIFECYCLE_ACTIVE).toBuilder()
                    .setDecoder(holder)));
    return snapshot.build();
  }

  /** Its models are those of the files, but each session is counted and each step told of. */
  private ModelLoader watched(ModelLoader files) {
    return new ModelLoader() {
      @Override
      public long bytes(Model model) {
        return files.bytes(model);
      }

      @Override
      public LanguageModel load(Model model) {
        LanguageModel loaded = files.load(model);
        return proxy(
            LanguageModel.class,
            loaded,
            result -> result instanceof DecodeSession session ? watched(session) : result,
            _ -> {});
      }
    };
  }

  private DecodeSession watched(DecodeSession session) {
    open.incrementAndGet();
    var closed = new AtomicBoolean();
    return proxy(
        DecodeSession.class,
        session,
        result -> result instanceof DecodeSession fork ? watched(fork) : result,
        method -> {
          if (method.equals("next")) {
            beforeStep.accept(steps.getAndIncrement());
          } else if (method.equals("close") && closed.compareAndSet(false, true)) {
            open.decrementAndGet();
          }
        });
  }

  private static <T> T proxy(
      Class<T> type, T real, UnaryOperator<Object> wrap, Consumer<String> before) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) -> {
              before.accept(method.getName());
              try {
                return wrap.apply(method.invoke(real, arguments));
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  /** How its connections to others are. */
  SortedMap<String, ConnectivityState> connections() {
    return peers.connections();
  }

  /** Runs before each step of a model that is held here, with the number of steps since now. */
  void beforeSteps(IntConsumer action) {
    steps.set(0);
    beforeStep = action;
  }

  int port() {
    return server.getPort();
  }

  String address() {
    return "127.0.0.1:" + port();
  }

  GenerationServiceBlockingStub stub() {
    return GenerationServiceGrpc.newBlockingStub(channel);
  }

  DecoderServiceGrpc.DecoderServiceBlockingStub models() {
    return DecoderServiceGrpc.newBlockingStub(channel);
  }

  DecoderServiceGrpc.DecoderServiceStub sessions() {
    return DecoderServiceGrpc.newStub(channel);
  }

  /** How often it counted that the decoder b failed so. */
  long failures(String kind) {
    Counter counter =
        meters.find("tutti.decoder.peer.errors").tags("peer", "b", "kind", kind).counter();
    return counter == null ? 0 : (long) counter.count();
  }

  /** How often it counted that b failed, however. */
  long failures() {
    return (long)
        meters.find("tutti.decoder.peer.errors").counters().stream()
            .mapToDouble(Counter::count)
            .sum();
  }

  /** How many calls of a kind it counted that b answered. */
  long answered(String call) {
    Timer timer = meters.find("tutti.decoder.peer").tags("peer", "b", "call", call).timer();
    return timer == null ? 0 : timer.count();
  }

  /** As if its machine went away. */
  void kill() {
    server.shutdownNow();
  }

  /** Whether nothing runs and no session is open. */
  boolean isIdle() {
    return limit.running() == 0 && open.get() == 0;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
    pool.close();
    peers.close();
    runner.close();
    threads.close();
  }
}
