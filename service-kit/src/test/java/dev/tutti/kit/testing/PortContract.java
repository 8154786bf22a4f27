package dev.tutti.kit.testing;

import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.quarkus.test.common.http.TestHTTPResource;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What holds for the ports of every service. A subclass is a {@code @QuarkusTest} whose resources
 * name the gRPC port beforehand.
 */
public abstract class PortContract {

  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final byte[] NO_SETTINGS = frame(4, 0, 0);
  private static final int FLOOD = 300_000;

  @TestHTTPResource URI http;

  private ManagedChannel channel;

  @BeforeEach
  void open() {
    channel = NeighbourPorts.service();
  }

  @AfterEach
  void close() {
    channel.shutdownNow();
  }

  @Test
  void aFloodOfEmptyContinuationFramesEndsTheConnection() throws IOException {
    byte[] one = frame(9, 0, 1);
    byte[] thousand = new byte[one.length * 1_000];
    for (int i = 0; i < 1_000; i++) {
      System.arraycopy(one, 0, thousand, i * one.length, one.length);
    }
    try (var client = RawHttp.connect(NeighbourPorts.servicePort())) {
      client.send(PREFACE).send(NO_SETTINGS);
      // HEADERS of stream 1 without END_HEADERS: what follows belongs to them.
      client.send(frame(1, 0, 1));
      try {
        for (int sent = 0; sent < FLOOD; sent += 1_000) {
          client.send(thousand);
        }
      } catch (SocketException e) {
        // It was ended before all was sent.
      }
      client.untilClosed();
    }
  }

  @Test
  void restSpeaksNoHttp2() throws IOException {
    try (var client = RawHttp.connect(http)) {
      String said = client.send(PREFACE).send(NO_SETTINGS).untilClosed();
      assertTrue(said.startsWith("HTTP/1.1 505 "), said);
    }
    try (var client = RawHttp.connect(http)) {
      client.send(
          "GET /none HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\n"
              + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n");
      assertTrue(client.until("\r\n").startsWith("HTTP/1.1 404 "));
    }
  }

  @Test
  void badFramingIsAnsweredAtOnce() throws IOException {
    try (var client = RawHttp.connect(http)) {
      client.send(
          "POST /v1/x HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
              + "Transfer-Encoding: chunked\r\n\r\nzz\r\n");
      String said = client.untilClosed();
      // Where there is nothing at the path, that may have been said first.
      assertTrue(said.startsWith("HTTP/1.1 400 ") || said.startsWith("HTTP/1.1 404 "), said);
    }
  }

  @Test
  void aHostThatWasMadeToPointHereIsNotServed() throws IOException {
    for (String host : List.of("evil.example", "evil.example:80", "127.0.0.1.evil.example")) {
      assertTrue(get(host).startsWith("HTTP/1.1 421 "), host);
    }
    for (String host : List.of("localhost", "127.0.0.1:" + http.getPort(), "LOCALHOST:1")) {
      assertTrue(get(host).startsWith("HTTP/1.1 404 "), host);
    }
  }

  @Test
  void noPathHoldsNul() throws IOException {
    for (String path : List.of("/none%00", "/v1/decisions/%00", "/api/v1/jobs/a%00b")) {
      try (var client = RawHttp.connect(http)) {
        client.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assertTrue(client.untilClosed().startsWith("HTTP/1.1 400 "), path);
      }
    }
  }

  private String get(String host) throws IOException {
    try (var client = RawHttp.connect(http)) {
      client.send("GET /none HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
      return client.untilClosed();
    }
  }

  @Test
  void whatAPageMaySendAnywhereIsRefused() throws IOException {
    String own = "Origin: http://localhost:" + http.getPort() + "\r\n";
    String other = "Origin: http://evil.example\r\n";
    String length = "Content-Length: 2\r\n";
    for (String type :
        List.of("text/plain", "multipart/form-data; a=b", "application/x-www-form-urlencoded")) {
      assertEquals(415, post(other + "Content-Type: " + type + "\r\n" + length, "{}"));
    }
    assertEquals(415, post(other + "Content-Length: 0\r\n", ""));
    assertEquals(404, post(own + "Content-Length: 0\r\n", ""));
    assertEquals(404, post("Content-Length: 0\r\n", ""));
    assertEquals(415, post(length, "{}"));
    assertEquals(415, post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n"));
    String json = "Content-Type: application/json; charset=utf-8\r\n";
    assertEquals(404, post(json + length, "{}"));
    assertEquals(404, post(other + json + length, "{}"));
  }

  @Test
  void whatClientsTryMakesNoSeries() throws Exception {
    Set<String> before = seriesAfter("a");
    assertEquals(before, seriesAfter("b"));
    assertFalse(before.isEmpty());
  }

  /** The series of HTTP requests once some have been answered that no client of ours sends. */
  private Set<String> seriesAfter(String word) throws Exception {
    List<String> tried =
        List.of(
            "ODD" + word + " /none HTTP/1.1\r\nHost: localhost\r\n",
            "ODD" + word + " /v1/models HTTP/1.1\r\nHost: localhost\r\n",
            "ODD" + word + " /v1/models/x HTTP/1.1\r\nHost: localhost\r\n",
            "PUT /v1/models/%s HTTP/1.1\r\nHost: localhost\r\n".formatted(word),
            "OPTIONS /v1/models/%s HTTP/1.1\r\nHost: localhost\r\n".formatted(word),
            "GET /%s HTTP/1.1\r\nHost: evil.example\r\n".formatted(word),
            "GET /%s%%00 HTTP/1.1\r\nHost: localhost\r\n".formatted(word),
            "POST /%s HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nOrigin: http://x\r\n"
                .formatted(word),
            "GET /v1/%s/../models HTTP/1.1\r\nHost: localhost\r\n".formatted(word),
            "GET /v1//models/?%s HTTP/1.1\r\nHost: localhost\r\n".formatted(word));
    long answered = answered() + tried.size();
    for (String request : tried) {
      try (var client = RawHttp.connect(http)) {
        client.send(request + "Connection: close\r\n\r\n").untilClosed();
      }
    }
    // A request may be counted after its answer has arrived.
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (answered() < answered && System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
    return series().map(line -> line.split("} | ", 2)[0]).collect(toSet());
  }

  private static long answered() throws IOException {
    return series()
        .filter(line -> line.startsWith("http_server_requests_seconds_count"))
        .mapToLong(line -> (long) Double.parseDouble(line.split("} | ", 3)[1]))
        .sum();
  }

  private static Stream<String> series() throws IOException {
    int port = ConfigProvider.getConfig().getValue("quarkus.management.test-port", Integer.class);
    URI metrics = URI.create("http://localhost:%d/q/metrics".formatted(port));
    try (InputStream in = metrics.toURL().openStream()) {
      String all = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return all.lines().filter(line -> line.startsWith("http_server_"));
    }
  }

  private int post(String headers, String body) throws IOException {
    try (var client = RawHttp.connect(http)) {
      client.send(
          "POST /none HTTP/1.1\r\nHost: localhost:%d\r\nConnection: close\r\n%s\r\n%s"
              .formatted(http.getPort(), headers, body));
      return Integer.parseInt(client.untilClosed().substring(9, 12));
    }
  }

  @Test
  void aRequestThatIsNoMessageIsTheCallersFault() {
    // Field 1, 100 bytes, of which 2 are there.
    byte[] malformed = {0x0a, 100, 1, 2};
    Status status =
        assertThrows(
                StatusRuntimeException.class, () -> unary("grpc.health.v1.Health/Check", malformed))
            .getStatus();
    assertEquals(Status.Code.INVALID_ARGUMENT, status.getCode());
    assertTrue(status.getDescription().contains("no message"), status.getDescription());
    // Its service "".
    assertFalse(unary("grpc.health.v1.Health/Check", new byte[0]).length == 0);
  }

  @Test
  void onALoopbackAddressReflectionTellsWhatThereIs() {
    // list_services of ServerReflectionRequest.
    byte[] listServices = {0x3a, 0};
    var said = new ByteArrayOutputStream();
    ClientCalls.blockingServerStreamingCall(
            channel,
            method(
                MethodDescriptor.MethodType.SERVER_STREAMING,
                "grpc.reflection.v1.ServerReflection/ServerReflectionInfo"),
            CallOptions.DEFAULT,
            listServices)
        .forEachRemaining(said::writeBytes);
    assertTrue(
        said.toString(StandardCharsets.ISO_8859_1).contains("tutti."),
        said.toString(StandardCharsets.ISO_8859_1));
  }

  private byte[] unary(String method, byte[] request) {
    return ClientCalls.blockingUnaryCall(
        channel, method(MethodDescriptor.MethodType.UNARY, method), CallOptions.DEFAULT, request);
  }

  private static MethodDescriptor<byte[], byte[]> method(
      MethodDescriptor.MethodType type, String name) {
    return MethodDescriptor.<byte[], byte[]>newBuilder()
        .setType(type)
        .setFullMethodName(name)
        .setRequestMarshaller(new Bytes())
        .setResponseMarshaller(new Bytes())
        .build();
  }

  /** As they are. */
  private record Bytes() implements MethodDescriptor.Marshaller<byte[]> {

    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** An HTTP/2 frame without a payload. */
  private static byte[] frame(int type, int flags, int stream) {
    byte[] frame = new byte[9];
    frame[3] = (byte) type;
    frame[4] = (byte) flags;
    frame[8] = (byte) stream;
    return frame;
  }
}
