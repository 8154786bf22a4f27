package dev.tutti.kit.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.kit.testing.RawHttp;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.impl.VertxBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Over real sockets; what is waited for is waited for at once. */
@Execution(ExecutionMode.CONCURRENT)
class ConnectionGuardTest {

  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Duration SHORT = Duration.ofSeconds(1);

  /** Of what passes if it comes in time: a busy machine may stand still for a second. */
  private static final Duration GENEROUS = Duration.ofSeconds(2);

  private static final String POST = "POST /v1/x HTTP/1.1\r\nHost: a\r\n";

  private final List<String> bodies = new CopyOnWriteArrayList<>();
  private Vertx vertx;

  /** As the management port has it, for which Quarkus has no setting. */
  private boolean http2;

  @AfterEach
  void stop() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  /** A server that answers every request with the length of its body. */
  private int serve(ConnectionLimits limits) {
    return serve(
        limits,
        request ->
            request
                .body()
                .onSuccess(
                    body -> {
                      bodies.add(request.uri() + " " + body);
                      request.response().end("got " + body.length());
                    }));
  }

  private int serve(ConnectionLimits limits, io.vertx.core.Handler<HttpServerRequest> answer) {
    var builder = new VertxBuilder(new VertxOptions().setEventLoopPoolSize(2));
    new GuardedTransport(() -> limits).init(builder);
    vertx = builder.init().vertx();
    return vertx
        .createHttpServer(
            new HttpServerOptions().setHost("127.0.0.1").setPort(0).setHttp2ClearTextEnabled(http2))
        .requestHandler(answer)
        .listen()
        .toCompletionStage()
        .toCompletableFuture()
        .join()
        .actualPort();
  }

  private static ConnectionLimits limits(
      Duration headers, long rate, Duration idle, Duration unread, int connections) {
    return new ConnectionLimits(headers, rate, idle, unread, connections);
  }

  /** Sends a byte now and then until it is answered or cut. */
  private static String drip(RawHttp client, String bytes) throws IOException {
    Thread.startVirtualThread(
        () -> {
          try {
            for (char c : bytes.repeat(100_000).toCharArray()) {
              client.send(String.valueOf(c));
              Thread.sleep(50);
            }
          } catch (IOException | InterruptedException e) {
            // It was cut.
          }
        });
    return client.untilClosed();
  }

  @Test
  void headersThatDripAreEndedAndNotTheirEveryByteWaitedFor() throws IOException {
    int port = serve(limits(SHORT, 1, LONG, LONG, 10));
    try (var client = RawHttp.connect(port).send(POST)) {
      String said = drip(client, "x");
      assertTrue(said.startsWith("HTTP/1.1 408 "), said);
      assertTrue(said.contains("The headers took longer than 1.00 s."), said);
    }
  }

  @Test
  void theSecondRequestOfAConnectionHasTheSameTime() throws IOException {
    int port = serve(limits(SHORT, 1, LONG, LONG, 10));
    try (var client = RawHttp.connect(port)) {
      client.send(POST + "Content-Length: 2\r\n\r\nab");
      client.until("got 2");
      assertTrue(drip(client.send(POST), "x").startsWith("HTTP/1.1 408 "));
    }
  }

  @Test
  void aBodyThatDripsIsEnded() throws IOException {
    int port = serve(limits(SHORT, 1_000, LONG, LONG, 10));
    try (var client = RawHttp.connect(port)) {
      String said = drip(client.send(POST + "Content-Length: 9000\r\n\r\n"), "x");
      assertTrue(said.startsWith("HTTP/1.1 408 "), said);
      assertTrue(said.contains("less than 1000 bytes in 1.00 s"), said);
    }
    assertEquals(List.of(), bodies);
  }

  @Test
  void aBodyThatStopsAfterAQuickStartIsEnded() throws IOException {
    int port = serve(limits(SHORT, 1_000, LONG, LONG, 10));
    try (var client = RawHttp.connect(port)) {
      client.send(POST + "Content-Length: 900000\r\n\r\n" + "x".repeat(500_000));
      assertTrue(client.untilClosed().startsWith("HTTP/1.1 408 "));
    }
  }

  @Test
  void whatWasAnsweredEarlyIsAnsweredOnce() throws IOException {
    int port =
        serve(limits(SHORT, 1_000, LONG, LONG, 10), request -> request.response().end("too large"));
    try (var client = RawHttp.connect(port)) {
      String said = drip(client.send(POST + "Content-Length: 9000\r\n\r\n"), "x");
      assertTrue(said.endsWith("too large"), said);
    }
  }

  @Test
  void whatWasAnsweredBeforeItsFramingBrokeStillArrives() throws IOException {
    int port =
        serve(limits(LONG, 1, LONG, LONG, 10), request -> request.response().end("not here"));
    try (var client = RawHttp.connect(port)) {
      String said = client.send(POST + "Transfer-Encoding: chunked\r\n\r\nzz\r\n").untilClosed();
      assertTrue(said.startsWith("HTTP/1.1 200 ") && said.endsWith("not here"), said);
    }
  }

  @Test
  void aBodyThatTakesLongButKeepsItsRateIsTaken() throws Exception {
    int port = serve(limits(GENEROUS, 1, LONG, LONG, 10));
    try (var client = RawHttp.connect(port).send(POST + "Content-Length: 200\r\n\r\n")) {
      long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(4_500);
      int sent = 0;
      // Longer than two windows, 20 bytes a second.
      while (System.nanoTime() < until && sent < 199) {
        client.send("x");
        sent++;
        Thread.sleep(50);
      }
      client.send("x".repeat(200 - sent));
      assertTrue(client.until("got 200").startsWith("HTTP/1.1 200 "));
    }
  }

  @Test
  void aBodyThatTheServiceDoesNotReadIsNotItsClientsFault() throws Exception {
    var resume = new CountDownLatch(1);
    int port =
        serve(
            limits(GENEROUS, 60_000, LONG, LONG, 10),
            request -> {
              request.pause();
              Thread.startVirtualThread(
                  () -> {
                    try {
                      resume.await();
                    } catch (InterruptedException e) {
                      return;
                    }
                    request.body().onSuccess(b -> request.response().end("got " + b.length()));
                    request.resume();
                  });
            });
    try (var client = RawHttp.connect(port)) {
      client.send(POST + "Content-Length: 2000000\r\n\r\n" + "x".repeat(100_000));
      Thread.sleep(4_500);
      resume.countDown();
      client.send("x".repeat(1_900_000));
      client.until("got 2000000");
    }
  }

  @Test
  void anIdleConnectionIsClosedBeforeAndAfterARequest() throws IOException {
    int port = serve(limits(LONG, 1, GENEROUS, LONG, 10));
    try (var never = RawHttp.connect(port);
        var once = RawHttp.connect(port).send("GET /v1/x HTTP/1.1\r\nHost: a\r\n\r\n")) {
      assertEquals("", never.untilClosed());
      assertTrue(once.untilClosed().endsWith("got 0"));
    }
  }

  @Test
  void anAnswerMayTakeLongerThanAConnectionMayBeIdle() throws IOException {
    int port =
        serve(
            limits(LONG, 1_000, GENEROUS, GENEROUS, 10),
            request -> vertx.setTimer(3_000, _ -> request.response().end("late")));
    try (var client = RawHttp.connect(port).send("GET /v1/x HTTP/1.1\r\nHost: a\r\n\r\n")) {
      assertTrue(client.until("late").startsWith("HTTP/1.1 200 "));
    }
  }

  @Test
  void whoeverDoesNotReadItsAnswerIsLeft() throws Exception {
    var left = new CountDownLatch(1);
    int port =
        serve(
            limits(LONG, 1, LONG, SHORT, 10),
            request -> {
              request.connection().closeHandler(_ -> left.countDown());
              request.response().end(Buffer.buffer(new byte[32 << 20]));
            });
    try (var _ = RawHttp.connect(port).send("GET /v1/x HTTP/1.1\r\nHost: a\r\n\r\n")) {
      assertTrue(left.await(30, TimeUnit.SECONDS));
    }
  }

  @Test
  void moreConnectionsThanTheLimitAreClosedUntilOneGoes() throws Exception {
    int port = serve(limits(LONG, 1, LONG, LONG, 2));
    try (var second = RawHttp.connect(port).send("GET /v1/x HTTP/1.1\r\nHost: a\r\n\r\n")) {
      try (var first = RawHttp.connect(port).send("GET /v1/x HTTP/1.1\r\nHost: a\r\n\r\n")) {
        first.until("got 0");
        second.until("got 0");
        try (var third = RawHttp.connect(port)) {
          assertEquals("", third.untilClosed());
        }
        second.send("GET /v1/x HTTP/1.1\r\nHost: a\r\n\r\n").until("got 0");
      }
      boolean accepted = false;
      while (!accepted) {
        try (var next = RawHttp.connect(port).send("GET /v1/x HTTP/1.1\r\nHost: a\r\n\r\n")) {
          next.until("got 0");
          accepted = true;
        } catch (IOException e) {
          // The first one's end has not been noticed yet.
          Thread.onSpinWait();
        }
      }
    }
  }

  @Test
  void whereHttp2IsSpokenTooTheLimitsHold() throws IOException {
    http2 = true;
    int port = serve(limits(SHORT, 1_000, GENEROUS, LONG, 10));
    try (var headers = RawHttp.connect(port)) {
      assertTrue(drip(headers, POST + "x: " + "y".repeat(1_000)).startsWith("HTTP/1.1 408 "));
    }
    try (var body = RawHttp.connect(port).send(POST + "Content-Length: 9000\r\n\r\n")) {
      assertTrue(drip(body, "x").startsWith("HTTP/1.1 408 "));
    }
    try (var idle = RawHttp.connect(port).send("GET /v1/x HTTP/1.1\r\nHost: a\r\n\r\n")) {
      assertTrue(idle.untilClosed().endsWith("got 0"));
    }
    try (var chunk = RawHttp.connect(port)) {
      chunk.send(POST + "Transfer-Encoding: chunked\r\n\r\nzz\r\n");
      assertTrue(chunk.untilClosed().startsWith("HTTP/1.1 400 "));
    }
    // Ended before HTTP/2's beginning is whole.
    try (var preface = RawHttp.connect(port).send("PRI * HT")) {
      assertEquals("", preface.untilClosed());
    }
  }

  @Test
  void badFramingIsAnsweredAtOnce() throws IOException {
    int port = serve(limits(LONG, 1, LONG, LONG, 10));
    for (String framing :
        List.of(
            "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
            "Transfer-Encoding: chunked\r\n\r\n-1\r\nab\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\nfffffffff\r\n",
            "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked, xchunked\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\n , xchunked\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "Content-Length: x\r\n\r\n",
            "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
            "Content-Length: -1\r\n\r\n",
            "no colon\r\n\r\n")) {
      try (var client = RawHttp.connect(port).send(POST + framing)) {
        String said = client.untilClosed();
        assertTrue(said.startsWith("HTTP/1.1 400 "), () -> framing + " -> " + said);
        assertTrue(said.contains("bad_framing"), () -> framing + " -> " + said);
        assertEquals(said.indexOf("HTTP/1.1"), said.lastIndexOf("HTTP/1.1"), said);
      }
    }
    assertEquals(List.of(), bodies.stream().filter(body -> !body.isBlank()).toList());
  }

  @Test
  void headsThatAreTooLongAreCalledSo() throws IOException {
    int port = serve(limits(LONG, 1, LONG, LONG, 10));
    try (var line = RawHttp.connect(port).send("GET /" + "x".repeat(70_000) + " HTTP/1.1\r\n");
        var headers = RawHttp.connect(port).send(POST + "x: " + "y".repeat(70_000) + "\r\n")) {
      assertTrue(line.untilClosed().startsWith("HTTP/1.1 414 "));
      assertTrue(headers.untilClosed().startsWith("HTTP/1.1 431 "));
    }
  }

  @Test
  void anExtensionOfAChunkSmugglesNothing() throws IOException {
    int port = serve(limits(LONG, 1, GENEROUS, LONG, 10));
    String smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
    // Whoever takes a line's end within quotes, or a bare LF or CR, for a part of the extension
    // sees one
    // request here, whose body holds the other.
    for (String extension : List.of(";a=\"\r\n", ";a=\"b\r\n", ";\n", ";a\n", ";a=\r", "\n")) {
      try (var client = RawHttp.connect(port)) {
        client.send(
            POST
                + "Transfer-Encoding: chunked\r\n\r\n"
                + "1"
                + extension
                + "X\r\n0\r\n\r\n"
                + smuggled
                + "\"\r\nY\r\n0\r\n\r\n");
        String said = client.untilClosed();
        assertTrue(said.startsWith("HTTP/1.1 400 "), () -> extension + " -> " + said);
      }
    }
    assertEquals(List.of(), bodies);
  }

  @Test
  void requestsThatAreSentAheadAreAnsweredInOrder() throws IOException {
    int port = serve(limits(LONG, 1, GENEROUS, LONG, 10));
    try (var client = RawHttp.connect(port)) {
      client.send(
          "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
              + POST
              + "Content-Length: 2\r\n\r\nab"
              + "GET /3 HTTP/1.1\r\nHost: a\r\n\r\n");
      String said = client.untilClosed();
      assertEquals(3, said.split("HTTP/1.1 200 ").length - 1, said);
      assertEquals(List.of("/1 ", "/v1/x ab", "/3 "), bodies);
    }
  }

  @Test
  void limitsThatMakeNoSenseAreRefused() {
    var refused =
        assertThrows(IllegalArgumentException.class, () -> limits(Duration.ZERO, 1, LONG, LONG, 1));
    assertTrue(refused.getMessage().startsWith("tutti.connections.header-timeout is PT0S"));
    assertThrows(IllegalArgumentException.class, () -> limits(LONG, 0, LONG, LONG, 1));
    assertThrows(IllegalArgumentException.class, () -> limits(LONG, 1, LONG, LONG, 0));
    vertx = Vertx.vertx();
  }
}
