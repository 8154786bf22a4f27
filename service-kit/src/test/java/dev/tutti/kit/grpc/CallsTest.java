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
import dev.tutti.kit.testing.ScriptedGeneration;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.ServerCallStreamObserver;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.MDC;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Server and client side of a call, over a real connection. */
class CallsTest {

  private final ScriptedGeneration server =
      new ScriptedGeneration((request, sink) -> ScriptedGeneration.answer(sink, "m", "hello"));
  private final ManagedChannel channel =
      ManagedChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
  private final GenerationServiceGrpc.GenerationServiceBlockingStub stub =
      GenerationServiceGrpc.newBlockingStub(channel);

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.close();
  }

  private ClientStream<GenerateResponse> open() {
    return ClientStream.open(
        () -> Deadlines.apply(stub).generate(GenerateRequest.getDefaultInstance()));
  }

  @Test
  void eventsArriveInOrderOnAVirtualThread() {
    AtomicReference<Thread> thread = new AtomicReference<>();
    server.script(
        (request, sink) -> {
          thread.set(Thread.currentThread());
          for (int i = 0; i < 1000; i++) {
            sink.emit(delta(Integer.toString(i)));
          }
        });
    try (var events = open()) {
      for (int i = 0; i < 1000; i++) {
        assertEquals(Integer.toString(i), events.next().getDelta().getText());
      }
      assertFalse(events.hasNext());
    }
    assertTrue(thread.get().isVirtual());
  }

  @Test
  void silenceIsBrokenBySignsOfLife() {
    var heard = new CountDownLatch(1);
    server.script(
        (request, sink) -> {
          try {
            heard.await();
          } catch (InterruptedException e) {
            throw new CancelledException();
          }
          sink.emit(delta("at last"));
        });
    System.setProperty(SignOfLife.SETTING, "PT0.05S");
    SignOfLife.reread();
    try (var events = open()) {
      for (int i = 0; i < 3; i++) {
        assertEquals(Stages.WAITING, events.next().getProgress().getStage());
      }
      heard.countDown();
      GenerateResponse event = events.next();
      while (event.hasProgress()) {
        event = events.next();
      }
      assertEquals("at last", event.getDelta().getText());
    } finally {
      System.clearProperty(SignOfLife.SETTING);
      SignOfLife.reread();
    }
  }

  @Test
  void theLogOfACallHasItsTrace() throws InterruptedException {
    var logged = new AtomicReference<Object>();
    var done = new CountDownLatch(1);
    try (var provider = SdkTracerProvider.builder().build()) {
      Span span = provider.get("test").spanBuilder("call").startSpan();
      try (var _ = span.makeCurrent()) {
        ServerCalls.unary(
            new Unheard<String>(done),
            () -> {
              logged.set(MDC.get("traceId"));
              return "";
            });
      }
      assertTrue(done.await(10, TimeUnit.SECONDS));
      assertEquals(span.getSpanContext().getTraceId(), logged.get());
    }
  }

  /** A call whose events nobody looks at. */
  private static final class Unheard<T> extends ServerCallStreamObserver<T> {

    private final CountDownLatch done;

    Unheard(CountDownLatch done) {
      this.done = done;
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void onCompleted() {
      done.countDown();
    }

    @Override
    public void onNext(T event) {}

    @Override
    public void onError(Throwable e) {}

    @Override
    public void setOnCancelHandler(Runnable handler) {}

    @Override
    public void setOnReadyHandler(Runnable handler) {}

    @Override
    public void setCompression(String compression) {}

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void request(int count) {}
  }

  @Test
  void aFailureCrossesTheCall() {
    server.script(
        (request, sink) -> {
          sink.emit(delta("partial"));
          throw new Failure.NotFound("model", "MODEL_NOT_FOUND", "no model 'x'").exception();
        });
    try (var events = open()) {
      assertEquals("partial", events.next().getDelta().getText());
      FailureException e = assertThrows(FailureException.class, events::next);
      assertEquals(new Failure.NotFound("model", "MODEL_NOT_FOUND", "no model 'x'"), e.failure());
    }
  }

  @Test
  void anErrorOfTheProgramEndsTheCallToo() {
    server.script(
        (request, sink) -> {
          throw new NoClassDefFoundError("a native library");
        });
    try (var events = open()) {
      FailureException e = assertThrows(FailureException.class, events::hasNext);
      assertInstanceOf(Failure.Internal.class, e.failure());
    }
  }

  @Test
  void aLongMessageArrivesCut() {
    for (String text :
        new String[] {"x".repeat(20_000), "\u00fc".repeat(20_000), "\ud83d\ude00".repeat(9_000)}) {
      server.script(
          (request, sink) -> {
            throw new Failure.InvalidArgument(text, "TOO_LONG", text).exception();
          });
      try (var events = open()) {
        FailureException e = assertThrows(FailureException.class, events::hasNext);
        var failure = assertInstanceOf(Failure.InvalidArgument.class, e.failure());
        assertEquals("TOO_LONG", failure.reason());
        assertTrue(failure.message().endsWith("…"), failure.message());
        assertTrue(text.startsWith(failure.message().substring(0, failure.message().length() - 1)));
      }
    }
  }

  @Test
  void aReaderThatLeavesStopsTheProducer() throws InterruptedException {
    CountDownLatch stopped = new CountDownLatch(1);
    server.script(
        (request, sink) -> {
          try {
            while (true) {
              sink.emit(delta("x"));
            }
          } catch (CancelledException e) {
            stopped.countDown();
            throw e;
          }
        });
    try (var events = open()) {
      events.next();
    }
    assertTrue(stopped.await(10, TimeUnit.SECONDS));
  }

  @Test
  void aReaderThatLeavesInterruptsBlockingWork() throws InterruptedException {
    CountDownLatch stopped = new CountDownLatch(1);
    server.script(
        (request, sink) -> {
          sink.emit(delta("x"));
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            stopped.countDown();
          }
        });
    try (var events = open()) {
      events.next();
    }
    assertTrue(stopped.await(10, TimeUnit.SECONDS));
  }

  @Test
  void aSlowReaderHoldsTheProducerBack() throws InterruptedException {
    AtomicInteger produced = new AtomicInteger();
    String kilobyte = "x".repeat(1024);
    int all = 100_000;
    server.script(
        (request, sink) -> {
          for (int i = 0; i < all; i++) {
            sink.emit(delta(kilobyte));
            produced.incrementAndGet();
          }
        });
    try (var events = open()) {
      events.next();
      int before = -1;
      // The producer stands still once the windows of the connection are full.
      for (int still = 0; still < 10; ) {
        TimeUnit.MILLISECONDS.sleep(20);
        still = produced.get() == before ? still + 1 : 0;
        before = produced.get();
      }
      assertTrue(before < all / 10, "produced " + before + " KiB for a reader that took 1");
    }
  }

  @Test
  void aReaderThatReadsNothingIsNotWaitedForForEver() throws InterruptedException {
    var stopped = new CountDownLatch(1);
    String kilobyte = "x".repeat(1024);
    server.script(
        (request, sink) -> {
          try {
            while (true) {
              sink.emit(delta(kilobyte));
            }
          } catch (CancelledException e) {
            stopped.countDown();
            throw e;
          }
        });
    System.setProperty(ServerCalls.UNREAD_SETTING, "PT0.1S");
    ServerCalls.reread();
    var told = new AtomicReference<Throwable>();
    var ended = new CountDownLatch(1);
    var reader = new IdleReader(told, ended);
    try {
      GenerationServiceGrpc.newStub(channel).generate(GenerateRequest.getDefaultInstance(), reader);
      assertTrue(stopped.await(30, TimeUnit.SECONDS));
    } finally {
      System.clearProperty(ServerCalls.UNREAD_SETTING);
      ServerCalls.reread();
    }
    // Whoever reads on after all learns why the answer ends.
    reader.read();
    assertTrue(ended.await(30, TimeUnit.SECONDS));
    assertEquals(
        new Failure.Cancelled("UNREAD", "Nothing was read for 200 ms."),
        FailureStatus.fromThrowable(told.get()));
  }

  /** A client that takes nothing until it is told to, and then everything. */
  private static final class IdleReader
      implements ClientResponseObserver<GenerateRequest, GenerateResponse> {

    private final AtomicReference<Throwable> told;
    private final CountDownLatch ended;
    private volatile ClientCallStreamObserver<GenerateRequest> call;

    IdleReader(AtomicReference<Throwable> told, CountDownLatch ended) {
      this.told = told;
      this.ended = ended;
    }

    void read() {
      call.request(Integer.MAX_VALUE);
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<GenerateRequest> its) {
      call = its;
      its.disableAutoRequestWithInitial(0);
    }

    @Override
    public void onNext(GenerateResponse event) {}

    @Override
    public void onError(Throwable e) {
      told.set(e);
      ended.countDown();
    }

    @Override
    public void onCompleted() {
      ended.countDown();
    }
  }

  @Test
  void theDeadlineOfTheCallerArrives() {
    AtomicReference<Deadline> seen = new AtomicReference<>();
    server.script((request, sink) -> seen.set(io.grpc.Context.current().getDeadline()));
    try (var events = open()) {
      assertFalse(events.hasNext());
    }
    long left = seen.get().timeRemaining(TimeUnit.SECONDS);
    assertTrue(left > 840 && left <= 900, "left " + left);
  }

  @Test
  void nobodyThereIsUnavailable() {
    server.close();
    channel.shutdownNow();
    ManagedChannel dead =
        ManagedChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
    try (var events =
        ClientStream.open(
            () ->
                Deadlines.apply(GenerationServiceGrpc.newBlockingStub(dead))
                    .generate(GenerateRequest.getDefaultInstance()))) {
      FailureException e = assertThrows(FailureException.class, events::hasNext);
      assertInstanceOf(Failure.Unavailable.class, e.failure());
    } finally {
      dead.shutdownNow();
    }
  }
}
