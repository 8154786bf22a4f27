package dev.tutti.decoder.runtime.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.v1.DecoderServiceGrpc;
import dev.tutti.decoder.v1.InspectRequest;
import dev.tutti.decoder.v1.InspectResponse;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.registry.v1.Model;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.Server;
import io.grpc.TlsServerCredentials;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PfxOptions;
import io.vertx.core.net.TrustOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A decoder that talks to nobody who shows no certificate that it trusts. */
class PeerCredentialsTest {

  private static final String PASSWORD = "not a secret";

  @TempDir Path folder;
  private final Vertx vertx = Vertx.vertx();
  private PfxOptions known;
  private Server server;

  @BeforeEach
  void start() throws Exception {
    start(store("known", "ip:127.0.0.1"));
  }

  private void start(PfxOptions its) throws Exception {
    known = its;
    server =
        Grpc.newServerBuilderForPort(
                0,
                TlsServerCredentials.newBuilder()
                    .keyManager(known.getKeyManagerFactory(vertx).getKeyManagers())
                    .trustManager(known.getTrustManagerFactory(vertx).getTrustManagers())
                    .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE)
                    .build())
            .addService(
                new DecoderServiceGrpc.DecoderServiceImplBase() {
                  @Override
                  public void inspect(InspectRequest request, StreamObserver<InspectResponse> to) {
                    to.onNext(InspectResponse.newBuilder().setVocabularySize(7).build());
                    to.onCompleted();
                  }
                })
            .build()
            .start();
  }

  @AfterEach
  void stop() {
    server.shutdownNow();
    vertx.close();
  }

  /** A certificate that signs itself, with its key, as the store of both. */
  private PfxOptions store(String name, String host) throws Exception {
    Path file = folder.resolve(name + ".p12");
    int rc =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-alias",
                name,
                "-dname",
                "CN=" + name,
                "-ext",
                "san=" + host,
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                PASSWORD)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start()
            .waitFor();
    assertEquals(0, rc, () -> read(folder.resolve("log")));
    return new PfxOptions().setPath(file.toString()).setPassword(PASSWORD);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (java.io.IOException e) {
      return e.toString();
    }
  }

  private ChannelCredentials tls(PfxOptions own, PfxOptions trusted) {
    return PeerCredentials.of(
        Optional.<KeyCertOptions>ofNullable(own), Optional.<TrustOptions>of(trusted), vertx);
  }

  private int ask(ChannelCredentials credentials) {
    try (var peers =
        new Peers(
            Optional.of("a"),
            Map.of("b", "127.0.0.1:" + server.getPort()),
            Duration.ofSeconds(20),
            OptionalInt.empty(),
            credentials,
            List.of(),
            new SimpleMeterRegistry())) {
      return peers
          .holding(Model.newBuilder().setName("m").setDecoder("b").build())
          .orElseThrow()
          .inspect(InspectRequest.getDefaultInstance())
          .getVocabularySize();
    }
  }

  private void refused(ChannelCredentials credentials) {
    FailureException refused = assertThrows(FailureException.class, () -> ask(credentials));
    assertEquals("DECODER_UNREACHABLE", refused.failure().reason());
  }

  @Test
  void whoShowsACertificateIsAnswered() {
    assertEquals(7, ask(tls(known, known)));
  }

  @Test
  void whoShowsNoneOrTrustsAnotherIsNot() throws Exception {
    refused(tls(null, known));
    PfxOptions other = store("other", "ip:127.0.0.1");
    refused(tls(other, known));
    refused(tls(known, other));
    refused(InsecureChannelCredentials.create());
  }

  /** Whoever has a certificate that is trusted, but of another machine, is not taken for it. */
  @Test
  void theHostIsChecked() throws Exception {
    server.shutdownNow();
    start(store("elsewhere", "dns:elsewhere.example"));
    refused(tls(known, known));
  }

  @Test
  void whatCannotBeReadIsToldAtOnce() {
    var missing = new PfxOptions().setPath(folder.resolve("none").toString()).setPassword("x");
    IllegalArgumentException told =
        assertThrows(IllegalArgumentException.class, () -> tls(missing, known));
    assertTrue(told.getMessage().startsWith("tutti.decoder.peer-tls: "), told.getMessage());
  }
}
