package dev.tutti.kit.grpc;

import static dev.tutti.kit.testing.ScriptedGeneration.delta;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.registry.v1.RegistryServiceGrpc;
import dev.tutti.registry.v1.WatchRequest;
import dev.tutti.registry.v1.WatchResponse;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A service that is told to stop, over a real connection. */
class DrainTest {

  private static final Duration NEVER = Duration.ofHours(1);

  private final CountDownLatch release = new CountDownLatch(1);
  private final CountDownLatch interrupted = new CountDownLatch(1);
  private Server server;
  private ManagedChannel channel;
  private Drain drain;

  private void serve(Duration longest) throws IOException {
    drain = new Drain("test-service", longest, Duration.ZERO);
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .intercept(new DrainInterceptor(drain))
            .addService(new Hanging())
            .addService(new Watched())
            .build()
            .start();
    channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
  }

  @AfterEach
  void end() {
    release.countDown();
    channel.shutdownNow();
    server.shutdownNow();
  }

  /** Says one word, and the other once it is released; a request of a seed does not wait. */
  private final class Hanging extends GenerationServiceGrpc.GenerationServiceImplBase {
    @Override
    public void generate(GenerateRequest request, StreamObserver<GenerateResponse> observer) {
      ServerCalls.<GenerateResponse>streaming(
          observer,
          sink -> {
            sink.emit(delta("one"));
            if (!request.getSampling().hasSeed()) {
              hang();
            }
            sink.emit(delta("two"));
          });
    }
  }

  private final class Watched extends RegistryServiceGrpc.RegistryServiceImplBase {
    @Override
    public void watch(WatchRequest request, StreamObserver<WatchResponse> observer) {
      ServerCalls.<WatchResponse>streaming(
          observer,
          sink -> {
            sink.emit(WatchResponse.getDefaultInstance());
            hang();
          });
    }
  }

  private void hang() {
    try {
      release.await();
    } catch (InterruptedException e) {
      interrupted.countDown();
      throw new CancelledException();
    }
  }

  private ClientStream<GenerateResponse> ask(GenerateRequest.Builder request) {
    var stub = GenerationServiceGrpc.newBlockingStub(channel);
    return ClientStream.open(() -> Deadlines.apply(stub).generate(request.build()));
  }

  private static GenerateRequest.Builder quick() {
    var request = GenerateRequest.newBuilder();
    request.getSamplingBuilder().setSeed(1);
    return request;
  }

  private Thread stop() throws InterruptedException {
    Thread stopping =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    drain.stop();
                  } catch (InterruptedException e) {
                    throw new AssertionError(e);
                  }
                });
    while (isOpen()) {
      Thread.sleep(1);
    }
    return stopping;
  }

  private boolean isOpen() {
    var call = drain.begin();
    call.ifPresent(Drain.Live::close);
    return call.isPresent();
  }

  @Test
  void whatLivesFinishesAndWhatIsNewIsRefused() throws Exception {
    serve(NEVER);
    try (var live = ask(GenerateRequest.newBuilder())) {
      assertEquals("one", live.next().getDelta().getText());
      Thread stopping = stop();
      assertFalse(new DrainCheck(drain).call().getStatus().name().equals("UP"));
      try (var late = ask(quick())) {
        var failure =
            assertInstanceOf(
                Failure.Unavailable.class,
                assertThrows(FailureException.class, late::next).failure());
        assertEquals(Drain.REASON, failure.reason());
        assertTrue(failure.message().contains("test-service is stopping"), failure.message());
      }
      // Of an answer that this service has begun itself.
      try (var nested = ask(quick().setName("nested").setDepth(1))) {
        assertEquals("one", nested.next().getDelta().getText());
        assertEquals("two", nested.next().getDelta().getText());
        assertFalse(nested.hasNext());
      }
      assertTrue(stopping.isAlive());
      release.countDown();
      assertEquals("two", live.next().getDelta().getText());
      assertFalse(live.hasNext());
      assertTrue(stopping.join(Duration.ofSeconds(10)));
      assertEquals(0, drain.live());
    }
  }

  @Test
  void whatIsLeftIsCutAndSaysWhoStopped() throws Exception {
    serve(Duration.ofMillis(50));
    try (var live = ask(GenerateRequest.newBuilder())) {
      live.next();
      Thread stopping = stop();
      var failure =
          assertInstanceOf(
              Failure.Unavailable.class,
              assertThrows(FailureException.class, live::next).failure());
      assertEquals(Drain.REASON, failure.reason());
      assertTrue(failure.message().contains("test-service stopped before"), failure.message());
      assertTrue(interrupted.await(10, TimeUnit.SECONDS));
      assertTrue(stopping.join(Duration.ofSeconds(10)));
    }
  }

  @Test
  void nobodyWaitsForWatchersOrForThoseWhoLeft() throws Exception {
    serve(NEVER);
    var stub = RegistryServiceGrpc.newBlockingStub(channel);
    try (var watch = ClientStream.open(() -> stub.watch(WatchRequest.getDefaultInstance()))) {
      watch.next();
      try (var left = ask(GenerateRequest.newBuilder())) {
        left.next();
      }
      assertTrue(stop().join(Duration.ofSeconds(10)));
    }
  }
}
