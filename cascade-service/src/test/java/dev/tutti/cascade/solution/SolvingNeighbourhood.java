package dev.tutti.cascade.solution;

import com.google.protobuf.util.Timestamps;
import dev.tutti.deploy.PostgresTestResource;
import dev.tutti.kit.testing.NeighbourPorts;
import dev.tutti.kit.testing.ScriptedGeneration;
import dev.tutti.learning.testing.Gate;
import dev.tutti.learning.testing.ScriptedDatasets;
import dev.tutti.learning.testing.ScriptedEmbedder;
import dev.tutti.registry.v1.Model;
import dev.tutti.registry.v1.RegistryServiceGrpc;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.registry.v1.WatchRequest;
import dev.tutti.registry.v1.WatchResponse;
import dev.tutti.router.v1.Feedback;
import dev.tutti.router.v1.FeedbackServiceGrpc;
import dev.tutti.router.v1.KeptFeedback;
import dev.tutti.router.v1.ListFeedbackRequest;
import dev.tutti.router.v1.ListFeedbackResponse;
import dev.tutti.type.v1.Prices;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whom cascade-service asks and hears, by script, and a PostgreSQL behind a gate. */
public final class SolvingNeighbourhood implements QuarkusTestResourceLifecycleManager {

  static final ScriptedEmbedder EMBEDDER = new ScriptedEmbedder();
  static final ScriptedDatasets DATASETS = new ScriptedDatasets();
  static Gate database;

  private static final List<KeptFeedback> FEEDBACK = new CopyOnWriteArrayList<>();

  private PostgresTestResource postgres;
  private Server registry;

  @Override
  public Map<String, String> start() {
    postgres = new PostgresTestResource();
    String url = postgres.start().get("quarkus.datasource.jdbc.url");
    Matcher its = Pattern.compile(":(\\d+)/").matcher(url);
    if (!its.find()) {
      throw new IllegalStateException(url);
    }
    database = new Gate(Integer.parseInt(its.group(1)));
    database.open();
    try {
      registry =
          NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
              .addService(DATASETS)
              .addService(new Priced())
              .build()
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Map.of(
        "quarkus.datasource.jdbc.url",
        url.replaceFirst("//[^/]*/", "//127.0.0.1:%d/".formatted(database.port())),
        "quarkus.grpc.clients.registry.test-port",
        Integer.toString(registry.getPort()));
  }

  @Override
  public void stop() {
    registry.shutdownNow();
    database.close();
    postgres.stop();
  }

  /** Plays router-service, which keeps what was rated. */
  static ScriptedGeneration router() {
    return new ScriptedGeneration(
        NeighbourPorts.clientPort("router"), (request, sink) -> {}, new Log());
  }

  /** Plays decoder-service, which embeds. */
  static ScriptedGeneration decoder() {
    return new ScriptedGeneration(
        NeighbourPorts.clientPort("decoder"), (request, sink) -> {}, EMBEDDER);
  }

  /** Somebody says how good an answer is. */
  static void rate(String ensemble, String decision, String member, double rating) {
    FEEDBACK.add(
        KeptFeedback.newBuilder()
            .setEnsemble(ensemble)
            .setTime(Timestamps.fromMillis(Instant.now().toEpochMilli()))
            .setFeedback(
                Feedback.newBuilder()
                    .setKey("k" + FEEDBACK.size())
                    .setDecision(decision)
                    .setMember(member)
                    .setRating(rating))
            .build());
  }

  private static final class Log extends FeedbackServiceGrpc.FeedbackServiceImplBase {

    @Override
    public void listFeedback(
        ListFeedbackRequest request, StreamObserver<ListFeedbackResponse> observer) {
      observer.onNext(
          ListFeedbackResponse.newBuilder()
              .addAllFeedback(
                  FEEDBACK.stream()
                      .filter(kept -> kept.getEnsemble().equals(request.getEnsemble()))
                      .toList())
              .build());
      observer.onCompleted();
    }
  }

  /** A registry with two models, whose answers cost a cent as a rule, and up to two. */
  private static final class Priced extends RegistryServiceGrpc.RegistryServiceImplBase {

    @Override
    public void watch(WatchRequest request, StreamObserver<WatchResponse> observer) {
      Snapshot.Builder snapshot = Snapshot.newBuilder().setRevision(1);
      for (String name : List.of("drafter", "mender")) {
        snapshot.addModels(
            Model.newBuilder()
                .setName(name)
                .setContextLength(1_000)
                .setPrices(
                    Prices.newBuilder()
                        .setUsdPerMillionPromptTokens(10)
                        .setUsdPerMillionCompletionTokens(10)));
      }
      observer.onNext(WatchResponse.newBuilder().setSnapshot(snapshot).build());
    }
  }
}
