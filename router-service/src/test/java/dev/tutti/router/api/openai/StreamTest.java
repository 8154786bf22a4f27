package dev.tutti.router.api.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.MemberUsage;
import dev.tutti.generation.v1.Progress;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.SignOfLife;
import dev.tutti.kit.testing.ScriptedGeneration;
import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Neighbourhood;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clients that read, that read slowly, and that leave. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class StreamTest {

  private static final String PIECE = "x".repeat(16 << 10);
  private static final int PIECES = 4_096;

  @BeforeEach
  void calm() {
    Neighbourhood.calm();
  }

  @Test
  void theFirstTokenIsNotHeldBack() throws Exception {
    var read = new CountDownLatch(1);
    Neighbourhood.decoder.script(
        (request, sink) -> {
          sink.emit(ScriptedGeneration.delta("first"));
          await(read);
          sink.emit(ScriptedGeneration.delta(" last"));
          sink.emit(ScriptedGeneration.completion("anna", "first last").build());
        });
    try (Client client = new Client("anna", true)) {
      client.readUntil("first");
      read.countDown();
      client.readUntil("[DONE]");
    }
  }

  @Test
  void aClientThatLeavesEndsTheWorkOfEveryKind() throws Exception {
    for (String name : new String[] {"anna", "blend", "gac", "vote", "steps"}) {
      for (boolean stream : new boolean[] {true, false}) {
        var begun = new CountDownLatch(1);
        var over = new CountDownLatch(1);
        var left = new AtomicLong();
        var ended = new AtomicLong();
        for (var neighbour :
            new ScriptedGeneration[] {
              Neighbourhood.decoder, Neighbourhood.fusion, Neighbourhood.cascade
            }) {
          neighbour.script(
              (request, sink) -> {
                sink.emit(ScriptedGeneration.delta("word "));
                begun.countDown();
                try {
                  // As a model that takes long for its next token.
                  new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                  ended.set(System.nanoTime());
                  over.countDown();
                  throw new CancelledException();
                }
              });
        }
        try (Client client = new Client(name, stream)) {
          await(begun);
          if (stream) {
            client.readUntil("word");
          }
          left.set(System.nanoTime());
        }
        await(over);
        System.out.printf(
            "%s %s: the work ended %.1f ms after the client left%n",
            name, stream ? "streamed" : "whole", (ended.get() - left.get()) / 1e6);
      }
    }
  }

  /** Comments, from before the first byte on; what fails then is told within the stream. */
  @Test
  void whileNothingIsReadyCommentsAreSent() throws Exception {
    var heard = new CountDownLatch(1);
    Neighbourhood.decoder.script(
        (request, sink) -> {
          await(heard);
          sink.emit(ScriptedGeneration.delta("at last"));
          sink.emit(ScriptedGeneration.completion("anna", "at last").build());
        });
    System.setProperty(SignOfLife.SETTING, "PT0.1S");
    SignOfLife.reread();
    try (Client client = new Client("anna", true)) {
      client.readUntil(" 200 ");
      client.readUntil(": waiting");
      client.readUntil(": waiting");
      heard.countDown();
      // A comment is no beginning of the answer.
      client.readUntil("\"role\":\"assistant\"");
      client.readUntil("at last");
      client.readUntil("[DONE]");
      var failing = new CountDownLatch(1);
      Neighbourhood.decoder.script(
          (request, sink) -> {
            await(failing);
            throw new Failure.Unavailable("AWAY", "Away.").exception();
          });
      try (Client unlucky = new Client("blend", true)) {
        unlucky.readUntil(": waiting");
        failing.countDown();
        unlucky.readUntil("data: {\"error\"");
      }
    } finally {
      System.clearProperty(SignOfLife.SETTING);
      SignOfLife.reread();
    }
  }

  /** Once the bills of those that left before are there. */
  private static BigDecimal settled(String name) throws Exception {
    BigDecimal last = spent(name);
    for (int same = 0; same < 5; ) {
      Thread.sleep(50);
      BigDecimal now = spent(name);
      same = now.compareTo(last) == 0 ? same + 1 : 0;
      last = now;
    }
    return last;
  }

  /** 12 characters are 3 tokens to read, 8 are 2 to write, at 1 and 2 US dollars a million. */
  @ParameterizedTest
  @CsvSource({"anna, 7", "blend-one, 7", "gac, 14", "vote, 6", "steps, 1000007"})
  void whatWasDeliveredWhenAClientLeavesIsSpent(String name, BigDecimal millionths)
      throws Exception {
    BigDecimal before = settled(name);
    var begun = new CountDownLatch(1);
    Neighbourhood.decoder.script((request, sink) -> speakAndHang(sink, begun));
    // Whoever votes says nothing before all have.
    Neighbourhood.fusion.script(
        (request, sink) -> {
          sink.emit(asking("anna"));
          sink.emit(asking("bert"));
          // What its client sees comes behind what it does not: by then the router has both.
          sink.emit(ScriptedGeneration.delta(""));
          begun.countDown();
          hang();
        });
    Neighbourhood.cascade.script(
        (request, sink) -> {
          sink.emit(asking("anna"));
          sink.emit(
              GenerateResponse.newBuilder()
                  .setSpent(
                      Spent.newBuilder()
                          .setUsage(
                              Usage.newBuilder()
                                  .addMembers(MemberUsage.newBuilder().setMember("anna")))
                          .setCostUsd(1))
                  .build());
          sink.emit(asking("bert"));
          speakAndHang(sink, begun);
        });
    try (Client client = new Client(name, true)) {
      await(begun);
      client.readUntil(name.equals("vote") ? "assistant" : "8 signs.");
    }
    BigDecimal after = spent(name);
    for (int i = 0; i < 1_000 && after.compareTo(before) == 0; i++) {
      Thread.sleep(10);
      after = spent(name);
    }
    assertEquals(
        0, millionths.movePointLeft(6).compareTo(after.subtract(before)), before + " " + after);
  }

  private static BigDecimal spent(String name) {
    for (JsonNode line : Http.get("/v1/spend").json().path("data")) {
      if (line.path("key").asText().equals(name)) {
        return new BigDecimal(line.path("cost_usd").asText());
      }
    }
    return BigDecimal.ZERO;
  }

  private static GenerateResponse asking(String member) {
    return GenerateResponse.newBuilder()
        .setProgress(Progress.newBuilder().setStage("asking").setMember(member))
        .build();
  }

  private static void speakAndHang(EventSink<GenerateResponse> sink, CountDownLatch begun) {
    sink.emit(ScriptedGeneration.delta("8 signs."));
    begun.countDown();
    hang();
  }

  private static void hang() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      throw new CancelledException();
    }
  }

  @Test
  void aSlowReaderSlowsTheProducer() throws Exception {
    var sent = new AtomicInteger();
    Neighbourhood.decoder.script(
        (request, sink) -> {
          for (int i = 0; i < PIECES; i++) {
            sink.emit(ScriptedGeneration.delta(PIECE));
            sent.incrementAndGet();
          }
          sink.emit(ScriptedGeneration.completion("anna", "").build());
        });
    try (Client client = new Client("anna", true)) {
      client.readUntil("xxx");
      int before;
      do {
        before = sent.get();
        TimeUnit.MILLISECONDS.sleep(300);
      } while (sent.get() != before);
      System.out.printf("stalled after %d of %d pieces of 16 KiB%n", before, PIECES);
      assertTrue(before < PIECES / 2, "sent without being read: " + before);
      client.readUntil("[DONE]");
      assertEquals(PIECES, sent.get());
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(10, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new CancelledException();
    }
  }

  /** A connection that can be cut. */
  private static final class Client implements AutoCloseable {

    private final Socket socket = new Socket();
    private final BufferedReader in;

    Client(String model, boolean stream) throws IOException {
      socket.setReceiveBufferSize(64 << 10);
      socket.setSoTimeout(20_000);
      socket.connect(new InetSocketAddress("127.0.0.1", Http.port()));
      String body = Http.body(model, "\"stream\": " + stream);
      socket
          .getOutputStream()
          .write(
              "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                  .formatted(body.length(), body)
                  .getBytes(StandardCharsets.UTF_8));
      in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    void readUntil(String part) throws IOException {
      String line;
      do {
        line = in.readLine();
        assertTrue(line != null, "ended before " + part);
      } while (!line.contains(part));
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
