package dev.tutti.decoder.api;

import static dev.tutti.decoder.api.GenerationApiTest.gac;
import static dev.tutti.decoder.api.GenerationApiTest.single;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.v1.InspectRequest;
import dev.tutti.decoder.v1.ScoreRequest;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.type.v1.Capability;
import io.grpc.ConnectivityState;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The way to another decoder. */
@Timeout(60)
class PeerConnectionTest {

  private static final Map<String, String> HOLDERS =
      Map.of("adder-weak-1", "a", "adder-weak-2", "b", "generalist", "b");

  /** A way that may end without a word: connections stay, and nothing comes through any more. */
  private static final class Way implements AutoCloseable {
    private final ServerSocket entry;
    private final int exit;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile boolean silent;

    Way(int exit, boolean silent) {
      this.exit = exit;
      this.silent = silent;
      try {
        entry = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      Thread.ofVirtual().start(this::accept);
    }

    String address() {
      return "127.0.0.1:" + entry.getLocalPort();
    }

    private void accept() {
      try {
        while (true) {
          Socket from = entry.accept();
          Socket to = new Socket(InetAddress.getLoopbackAddress(), exit);
          sockets.addAll(List.of(from, to));
          boolean never = silent;
          Thread.ofVirtual().start(() -> pass(from, to, never));
          Thread.ofVirtual().start(() -> pass(to, from, never));
        }
      } catch (IOException e) {
        // Closed.
      }
    }

    /** What was connected in silence stays silent. */
    private void pass(Socket from, Socket to, boolean never) {
      var part = new byte[8192];
      try {
        for (int n = from.getInputStream().read(part);
            n >= 0;
            n = from.getInputStream().read(part)) {
          if (!never && !silent) {
            to.getOutputStream().write(part, 0, n);
          } else {
            never = true;
          }
        }
      } catch (IOException e) {
        // Closed.
      }
    }

    /** Ends all connections; new ones are silent. */
    void cut() {
      silent = true;
      try {
        for (Socket socket : sockets) {
          socket.close();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      cut();
      try {
        entry.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static HeldDecoder b() {
    return new HeldDecoder(HeldDecoder.Setup.of("b", Map.of()), HOLDERS);
  }

  private static HeldDecoder a(String address) {
    return new HeldDecoder(
        HeldDecoder.Setup.of("a", Map.of("b", address)).timeout(Duration.ofSeconds(1)), HOLDERS);
  }

  private static LanguageModel model(HeldDecoder a, String name) {
    try (var lease = a.pool.acquire(name, "model")) {
      return lease.model();
    }
  }

  /**
   * All that one decoder asks of another but steps of sessions, which have a clock of their own.
   */
  private static Map<String, Runnable> calls(HeldDecoder a) {
    var inspect = InspectRequest.newBuilder();
    inspect.setModel(
        ScriptedRegistry.model("adder-weak-2", Lifecycle.LIFECYCLE_ACTIVE).toBuilder()
            .setDecoder("b"));
    return Map.of(
        "Generate",
        () -> a.stub().generate(single("adder-weak-2", "1+2=", 0)).forEachRemaining(_ -> {}),
        "Score",
        () ->
            a.models()
                .score(ScoreRequest.newBuilder().setModel("adder-weak-2").addTexts("1").build()),
        "Inspect",
        () -> a.models().inspect(inspect.build()));
  }

  /**
   * Eleven seconds: the shortest that gRPC has. None of the calls has a deadline of its own, so all
   * of them would wait for a quarter of an hour, and the embeddings of a fit as long.
   */
  @Test
  void whoeverIsSilentWithoutAWordIsFoundOutWhateverItWasAsked() {
    try (var b = b();
        var broken = new Way(b.port(), false);
        var dumb = new Way(b.port(), true);
        var a = a(broken.address());
        var other = a(dumb.address());
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      calls(a).values().forEach(Runnable::run);
      LanguageModel there = model(a, "generalist");
      assertTrue(there.outputEmbeddings().isPresent());
      broken.silent = true;
      var waiting = new HashMap<String, CompletableFuture<String>>();
      calls(a)
          .forEach(
              (name, call) ->
                  waiting.put(name, CompletableFuture.supplyAsync(() -> why(call), threads)));
      calls(other)
          .forEach(
              (name, call) ->
                  waiting.put(
                      name + " from the beginning",
                      CompletableFuture.supplyAsync(() -> why(call), threads)));
      waiting.put(
          "OutputEmbeddings",
          CompletableFuture.supplyAsync(() -> why(there::outputEmbeddings), threads));
      waiting.forEach(
          (name, how) ->
              assertTrue(how.join().contains("The decoder 'b' "), name + ": " + how.join()));
      assertEquals(4, a.failures("unreachable"));
      assertEquals(3, other.failures("unreachable"));
      broken.silent = false;
      calls(a).values().forEach(Runnable::run);
      assertTrue(there.outputEmbeddings().isPresent());
    }
  }

  private static String why(Runnable call) {
    return assertThrows(RuntimeException.class, call::run).getMessage();
  }

  @Test
  void everyCallTakesItsTraceAlong() {
    try (var b = b();
        var a = a(b.address())) {
      var calls = new ArrayList<>(calls(a).values());
      calls.add(() -> model(a, "generalist").outputEmbeddings());
      calls.add(
          () -> {
            try (var session = model(a, "adder-weak-2").open()) {
              session.append(1);
              session.next();
            }
          });
      calls.forEach(Runnable::run);
      assertEquals(
          Set.of("Generate", "Score", "Inspect", "Tokens", "OutputEmbeddings", "Session"),
          a.traced);
    }
  }

  /** Its tokens are known here, but a plan needs more of it. */
  @Test
  void anEnsembleThatCannotBePlannedWithoutADecoderThatHasGoneIsUnavailable() {
    HeldDecoder b = b();
    try (b;
        var a = a(b.address())) {
      model(a, "adder-weak-2");
      model(a, "generalist");
      b.close();
      var recipe = gac("adder-weak-2", "generalist").toBuilder().setMethod("deepen");
      recipe
          .getMembersBuilderList()
          .forEach(member -> member.addCapabilities(Capability.CAPABILITY_OUTPUT_EMBEDDINGS));
      var request = single("", "1+2=", 0).toBuilder().setRecipe(recipe).build();
      var failed =
          assertThrows(
              StatusRuntimeException.class,
              () -> a.stub().generate(request).forEachRemaining(_ -> {}));
      assertEquals(Status.Code.UNAVAILABLE, failed.getStatus().getCode(), failed.getMessage());
      assertTrue(failed.getMessage().contains("The decoder 'b'"), failed.getMessage());
      assertEquals(1, a.failures("unreachable"));
    }
  }

  @Test
  void whoHasGoneShowsBeforeItIsAskedAgain() {
    HeldDecoder b = b();
    try (b;
        var a = a(b.address())) {
      calls(a).get("Score").run();
      b.close();
      PeersTest.until(() -> a.connections().get("b") == ConnectivityState.TRANSIENT_FAILURE);
    }
  }

  /** The next try may take long to find it gone: its call has found that already. */
  @Test
  void whoGoesWhileItIsAskedIsOutOfReachUntilThereIsAConnection() {
    try (var b = b();
        var way = new Way(b.port(), false);
        var a = a(way.address())) {
      var begun = new CountDownLatch(1);
      b.beforeSteps(
          _ -> {
            begun.countDown();
            PeersTest.until(() -> Context.current().isCancelled());
          });
      try (var session = model(a, "adder-weak-2").open()) {
        session.append(1);
        assertEquals(ConnectivityState.READY, a.connections().get("b"));
        var asked = CompletableFuture.supplyAsync(() -> why(session::next));
        PeersTest.until(() -> begun.getCount() == 0);
        way.cut();
        assertTrue(asked.join().startsWith("The decoder 'b' "), asked.join());
      }
      for (int look = 0; look < 3; look++) {
        assertEquals(ConnectivityState.TRANSIENT_FAILURE, a.connections().get("b"));
      }
    }
  }

  @Test
  void whoIsBackIsConnected() {
    HeldDecoder b = b();
    int port = b.port();
    try (b;
        var a = a(b.address())) {
      calls(a).get("Score").run();
      b.close();
      assertThrows(StatusRuntimeException.class, () -> calls(a).get("Score").run());
      assertEquals(ConnectivityState.TRANSIENT_FAILURE, a.connections().get("b"));
      try (var again = new HeldDecoder(HeldDecoder.Setup.of("b", Map.of()).port(port), HOLDERS)) {
        assertEquals(port, again.port());
        calls(a).get("Score").run();
        PeersTest.until(() -> a.connections().get("b") == ConnectivityState.READY);
      }
    }
  }

  @Test
  void theConnectionIsShownAsItIs() {
    HeldDecoder b = b();
    try (b;
        var a = a(b.address())) {
      calls(a).get("Score").run();
      assertEquals(
          1, a.meters.get("tutti.decoder.peer.connected").tag("peer", "b").gauge().value());
      b.close();
      assertThrows(StatusRuntimeException.class, () -> calls(a).get("Score").run());
      PeersTest.until(
          () -> a.meters.get("tutti.decoder.peer.connected").tag("peer", "b").gauge().value() == 0);
    }
  }
}
