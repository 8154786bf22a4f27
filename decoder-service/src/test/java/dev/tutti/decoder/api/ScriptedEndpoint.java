package dev.tutti.decoder.api;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** An HTTP server that does to the byte what a test tells it to. */
public final class ScriptedEndpoint implements AutoCloseable {

  private final ServerSocket server;
  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private volatile Script script;

  /** Answers a call; the connection is closed when it returns. */
  @FunctionalInterface
  public interface Script {
    void answer(Call call) throws IOException, InterruptedException;
  }

  /** One call and its connection. */
  public static final class Call {

    public final String path;
    public final Map<String, String> headers;
    public final byte[] body;
    private final Socket socket;
    private final CountDownLatch left = new CountDownLatch(1);

    private Call(String path, Map<String, String> headers, byte[] body, Socket socket) {
      this.path = path;
      this.headers = headers;
      this.body = body;
      this.socket = socket;
    }

    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    /** A whole answer. */
    public void whole(int status, String body, String... headers) throws IOException {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      head(status, "application/json", "Content-Length: " + bytes.length, headers);
      raw(bytes);
    }

    /** The head of a stream whose end is the end of the connection. */
    public void stream(String... headers) throws IOException {
      head(200, "text/event-stream", "Cache-Control: no-cache", headers);
    }

    private void head(int status, String type, String more, String... headers) throws IOException {
      raw(
          "HTTP/1.1 %d Said\r\nContent-Type: %s\r\n%s\r\n%sConnection: close\r\n\r\n"
              .formatted(
                  status,
                  type,
                  more,
                  String.join("", List.of(headers).stream().map(h -> h + "\r\n").toList())));
    }

    public void raw(String text) throws IOException {
      raw(text.getBytes(StandardCharsets.UTF_8));
    }

    public void raw(byte[] bytes) throws IOException {
      OutputStream out = socket.getOutputStream();
      out.write(bytes);
      out.flush();
    }

    /** Cuts the connection, so that its end cannot be taken for the answer's. */
    public void cut() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }

    /** Gives what was sent the time to be read. */
    public void awaitArrival() throws InterruptedException {
      Thread.sleep(200);
    }

    /** Waits until the caller has closed the connection. */
    public boolean awaitLeaving() throws InterruptedException {
      return left.await(10, TimeUnit.SECONDS);
    }

    /** Says nothing more until the caller leaves. */
    public void fallSilent() throws IOException {
      try {
        while (socket.getInputStream().read() >= 0) {
          // Nothing more is expected.
        }
      } catch (IOException e) {
        // Reset: left as well.
      }
      left.countDown();
    }
  }

  public ScriptedEndpoint(Script script) {
    this.script = script;
    try {
      server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  /** Its base URL. */
  public String url() {
    return "http://127.0.0.1:%d/v1".formatted(server.getLocalPort());
  }

  /** What was asked so far. */
  public List<Call> calls() {
    return calls;
  }

  public void script(Script next) {
    script = next;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      Call call = read(socket);
      if (call != null) {
        calls.add(call);
        script.answer(call);
      }
    } catch (IOException e) {
      // The caller left.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Call read(Socket socket) throws IOException {
    InputStream in = new BufferedInputStream(socket.getInputStream());
    String request = line(in);
    if (request.isEmpty()) {
      return null;
    }
    var headers = new TreeMap<String, String>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
    return new Call(request.split(" ")[1], headers, body, socket);
  }

  private static String line(InputStream in) throws IOException {
    var line = new ByteArrayOutputStream();
    for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
