package dev.tutti.decoder.wiring;

import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointEnsembleCatalog;
import dev.tutti.decoder.LearnedEnsemble;
import dev.tutti.decoder.answer.GuestSessions;
import dev.tutti.decoder.runtime.ComputeThreads;
import dev.tutti.decoder.runtime.DecoderConfig;
import dev.tutti.decoder.runtime.ModelPool;
import dev.tutti.decoder.runtime.OnnxModelLoader;
import dev.tutti.decoder.runtime.OnnxRuntime;
import dev.tutti.decoder.runtime.SentenceEmbedder;
import dev.tutti.decoder.runtime.SessionLimit;
import dev.tutti.decoder.runtime.SideBySide;
import dev.tutti.decoder.runtime.openai.Credentials;
import dev.tutti.decoder.runtime.openai.EndpointCalls;
import dev.tutti.decoder.runtime.openai.EndpointClient;
import dev.tutti.decoder.runtime.openai.EndpointConfig;
import dev.tutti.decoder.runtime.openai.EndpointProbe;
import dev.tutti.decoder.runtime.openai.HostRules;
import dev.tutti.decoder.runtime.openai.RemoteEmbedding;
import dev.tutti.decoder.runtime.openai.RemoteModels;
import dev.tutti.decoder.runtime.openai.RemoteScoring;
import dev.tutti.decoder.runtime.peer.HeldModelLoader;
import dev.tutti.decoder.runtime.peer.PeerCredentials;
import dev.tutti.decoder.runtime.peer.Peers;
import dev.tutti.decoder.runtime.peer.Relayed;
import dev.tutti.kit.grpc.ServiceToken;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.learning.artifact.LiveArtifacts;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.grpc.GlobalInterceptor;
import io.quarkus.opentelemetry.runtime.tracing.instrumentation.grpc.GrpcTracingClientInterceptor;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;

/** Makes the plain parts of the service from its configuration. */
final class Components {

  @Produces
  @Singleton
  MethodCatalog<JointEnsemble> methods(LiveArtifacts<LearnedEnsemble> learned) {
    return JointEnsembleCatalog.of(learned);
  }

  @Produces
  @Singleton
  OnnxRuntime runtime(DecoderConfig config) {
    return new OnnxRuntime(config.device());
  }

  @Produces
  @Singleton
  OnnxModelLoader loader(OnnxRuntime runtime, DecoderConfig config, ComputeThreads threads) {
    return new OnnxModelLoader(runtime, config.modelsDir(), threads);
  }

  @Produces
  @Singleton
  Peers peers(
      DecoderConfig config,
      @GlobalInterceptor GrpcTracingClientInterceptor tracing,
      @GlobalInterceptor ServiceToken token,
      TlsConfigurationRegistry tls,
      Vertx vertx,
      MeterRegistry meters) {
    return new Peers(
        config.name(),
        config.peers(),
        config.peerTimeout(),
        config.peerTop(),
        PeerCredentials.of(config.peerTls(), tls, vertx),
        List.of(tracing, token),
        meters);
  }

  void close(@Disposes Peers peers) {
    peers.close();
  }

  @Produces
  @Singleton
  @GlobalInterceptor
  Relayed.Interceptor relayed() {
    return new Relayed.Interceptor();
  }

  @Produces
  @Singleton
  GuestSessions guests(
      ModelPool pool,
      Peers peers,
      SessionLimit limit,
      ComputeThreads threads,
      DecoderConfig config) {
    return new GuestSessions(pool, peers, limit, threads, config.guestTimeout());
  }

  @Produces
  @Singleton
  ModelPool pool(OnnxModelLoader loader, Peers peers, DecoderConfig config) {
    return new ModelPool(
        new HeldModelLoader(loader, peers), config.memoryBudget().asLongValue(), System::nanoTime);
  }

  void close(@Disposes ModelPool pool) {
    pool.close();
  }

  @Produces
  @Singleton
  RemoteModels remoteModels(EndpointConfig config, MeterRegistry meters) {
    return new RemoteModels(config, meters);
  }

  @Produces
  @Singleton
  EndpointClient endpointClient(Vertx vertx, EndpointConfig config, TlsConfigurationRegistry tls) {
    return new EndpointClient(
        vertx,
        config,
        new HostRules(config.allowedHosts().orElse(List.of()), config.publicHosts()),
        tls.getDefault().map(TlsConfiguration::getTrustStoreOptions));
  }

  void close(@Disposes EndpointClient client) {
    client.close();
  }

  @Produces
  @Singleton
  EndpointCalls endpointCalls(EndpointClient client, EndpointConfig config) {
    return new EndpointCalls(
        client, new Credentials(config.credentials(), System::getenv, System::nanoTime), config);
  }

  @Produces
  @Singleton
  EndpointProbe endpointProbe(EndpointCalls calls, RemoteModels models) {
    return new EndpointProbe(calls, models);
  }

  @Produces
  @Singleton
  RemoteScoring remoteScoring(EndpointCalls calls) {
    return new RemoteScoring(calls);
  }

  @Produces
  @Singleton
  RemoteEmbedding remoteEmbedding(EndpointCalls calls) {
    return new RemoteEmbedding(calls);
  }

  @Produces
  @Singleton
  SessionLimit limit(DecoderConfig config) {
    return new SessionLimit(config.maxSessions(), config.maxQueued());
  }

  @Produces
  @Singleton
  ComputeThreads threads() {
    return new ComputeThreads();
  }

  void close(@Disposes ComputeThreads threads) {
    threads.close();
  }

  @Produces
  @Singleton
  SideBySide runner() {
    return new SideBySide(java.lang.Runtime.getRuntime().availableProcessors());
  }

  void close(@Disposes SideBySide runner) {
    runner.close();
  }

  @Produces
  @Singleton
  SentenceEmbedder embedder(OnnxRuntime runtime, DecoderConfig config) {
    return new SentenceEmbedder(
        runtime, java.lang.Runtime.getRuntime().availableProcessors(), config.embeddingBatch());
  }

  /** gRPC makes its services on an event loop; the main thread waits here for what is slow. */
  void start(@Observes StartupEvent event, SentenceEmbedder embedder) {
    embedder.await();
  }

  void close(@Disposes SentenceEmbedder embedder) {
    embedder.close();
  }
}
