package dev.tutti.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;

/** Takes the spans that the services export (OTLP over HTTP), and tells who sent which trace. */
final class TraceCollector {

  static final TraceCollector INSTANCE = new TraceCollector();

  private final List<String> exports = new CopyOnWriteArrayList<>();
  private final HttpServer server;

  private TraceCollector() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::take);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Whether a service exported a span of this trace: both stand as they are in the protobuf. */
  boolean saw(String service, String traceId) {
    String id = new String(HexFormat.of().parseHex(traceId), StandardCharsets.ISO_8859_1);
    return exports.stream().anyMatch(e -> e.contains(id) && e.contains(service));
  }

  /** Whether the decoder of this name exported a span of this trace. */
  boolean sawDecoder(String name, String traceId) {
    // A key with a value, which is a string, as protobuf has them.
    return saw(
        "service.instance.id\u0012%c\n%c%s"
            .formatted((char) (name.length() + 2), (char) name.length(), name),
        traceId);
  }

  /** Whether some span of a service holds this text. */
  boolean tells(String service, String text) {
    return exports.stream().anyMatch(e -> e.contains(text) && e.contains(service));
  }

  private void take(HttpExchange exchange) throws IOException {
    boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
    try (InputStream body =
        zipped ? new GZIPInputStream(exchange.getRequestBody()) : exchange.getRequestBody()) {
      exports.add(new String(body.readAllBytes(), StandardCharsets.ISO_8859_1));
    }
    exchange.getResponseHeaders().add("Content-Type", "application/x-protobuf");
    exchange.sendResponseHeaders(200, -1);
    exchange.close();
  }
}
