import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/**
 * What the way through router and decoder costs: the same calls against a mock endpoint directly
 * and through Tutti. Started by {@code deploy/bench/relay}, which explains the output.
 *
 * <p>{@code mock PORT}: the endpoint. {@code load TARGET PORT MODEL SECONDS PID...}: the load, with
 * the CPU time of the given processes. {@code keys MODEL SECONDS ROUNDS PORT PID PORT PID KEY}: two
 * routers in turn, of which the second asks for a key; {@code deploy/bench/keys} explains it.
 */
public final class RelayBench {

  private static final int EVENTS = 66;

  /** Calls until the compilers have done most of their work. */
  private static final int WARM_CALLS = Integer.getInteger("warm", 40_000);

  public static void main(String[] args) throws Exception {
    switch (args[0]) {
      case "mock" -> mock(Integer.parseInt(args[1]));
      case "load" -> load(args);
      case "keys" -> keys(args);
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  // The endpoint.

  private static void mock(int port) throws IOException {
    byte[] whole =
        """
        {"id":"c","object":"chat.completion","created":1,"model":"mock","choices":[{"index":0,"message":{"role":"assistant","content":"%s"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":64,"total_tokens":73}}"""
            .formatted("word ".repeat(64).strip())
            .getBytes(StandardCharsets.UTF_8);
    byte[] unary =
        join(
            ascii(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                    .formatted(whole.length)),
            whole);
    byte[] head =
        ascii(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
    List<byte[]> events = new ArrayList<>();
    for (int i = 0; i < EVENTS - 2; i++) {
      events.add(
          event(
              "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"mock\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word \"},\"finish_reason\":"
                  + (i == EVENTS - 3 ? "\"stop\"" : "null")
                  + "}]}"));
    }
    events.add(
        event(
            "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"mock\",\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":64,\"total_tokens\":73}}"));
    events.add(event("[DONE]"));
    byte[] end = ascii("0\r\n\r\n");
    byte[] list = ascii("{\"data\":[{\"id\":\"mock\",\"max_model_len\":8192}]}");
    byte[] models =
        join(
            ascii(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                    .formatted(list.length)),
            list);
    try (var server = new ServerSocket(port, 512, InetAddress.getByName("127.0.0.1"))) {
      System.out.println("mock is ready");
      while (true) {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> serve(socket, unary, head, events, end, models));
      }
    }
  }

  private static void serve(
      Socket socket, byte[] unary, byte[] head, List<byte[]> events, byte[] end, byte[] models) {
    try (socket) {
      socket.setTcpNoDelay(true);
      var in = new BufferedInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      while (true) {
        String start = line(in);
        int length = 0;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
          if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
            length = Integer.parseInt(line.substring(15).strip());
          }
        }
        String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
        if (start.startsWith("GET")) {
          out.write(models);
        } else if (body.contains("\"stream\":true")) {
          out.write(head);
          // As a model does: event by event.
          for (byte[] event : events) {
            out.write(event);
          }
          out.write(end);
        } else {
          out.write(unary);
        }
      }
    } catch (IOException e) {
      // The caller left.
    }
  }

  private static byte[] event(String data) {
    byte[] bytes = ascii("data: " + data + "\n\n");
    return join(ascii(Integer.toHexString(bytes.length) + "\r\n"), bytes, ascii("\r\n"));
  }

  // The load.

  private static void load(String[] args) throws Exception {
    String name = args[1];
    int port = Integer.parseInt(args[2]);
    String model = args[3];
    long seconds = Long.parseLong(args[4]);
    List<String> pids = Arrays.asList(args).subList(5, args.length);
    // Warm first: what is not compiled yet is no part of the question.
    int calls = 0;
    while (calls < WARM_CALLS) {
      calls += measure(port, model, false, 64, 1).length;
      calls += measure(port, model, true, 64, 1).length;
    }
    for (boolean stream : new boolean[] {false, true}) {
      for (int connections : new int[] {1, 16, 64}) {
        double before = cpuMicros(pids);
        long start = System.nanoTime();
        long[] latencies = measure(port, model, stream, connections, seconds);
        double wall = (System.nanoTime() - start) / 1e9;
        double cpu = cpuMicros(pids) - before;
        Arrays.sort(latencies);
        System.out.printf(
            Locale.ROOT,
            "%-7s %-8s %4d %9.0f %9.2f %9.2f %12s%n",
            name,
            stream ? "streamed" : "unary",
            connections,
            latencies.length / wall,
            latencies[latencies.length / 2] / 1e6,
            latencies[(int) (latencies.length * 0.99)] / 1e6,
            pids.isEmpty() ? "-" : "%.0f".formatted(cpu / latencies.length));
      }
    }
  }

  private static void keys(String[] args) throws Exception {
    String model = args[1];
    long seconds = Long.parseLong(args[2]);
    int rounds = Integer.parseInt(args[3]);
    int[] ports = {Integer.parseInt(args[4]), Integer.parseInt(args[6])};
    List<List<String>> pids = List.of(List.of(args[5]), List.of(args[7]));
    String[] keys = {"", args[8]};
    for (int calls = 0; calls < 2 * WARM_CALLS; ) {
      for (int i = 0; i < 2; i++) {
        calls += measure(ports[i], model, false, 16, 1, keys[i]).length;
        calls += measure(ports[i], model, true, 16, 1, keys[i]).length;
      }
    }
    for (boolean stream : new boolean[] {false, true}) {
      var micros = new double[2][rounds];
      var ratios = new double[rounds];
      for (int round = 0; round < rounds; round++) {
        for (int turn = 0; turn < 2; turn++) {
          // In another order each time: whatever else the machine does falls on both.
          int i = (round + turn) % 2;
          double before = cpuMicros(pids.get(i));
          int calls = measure(ports[i], model, stream, 16, seconds, keys[i]).length;
          micros[i][round] = (cpuMicros(pids.get(i)) - before) / calls;
        }
        ratios[round] = micros[1][round] / micros[0][round];
      }
      for (double[] its : new double[][] {micros[0], micros[1], ratios}) {
        Arrays.sort(its);
      }
      System.out.printf(
          Locale.ROOT,
          "%-8s %10.0f %10.0f %10.3f %14s%n",
          stream ? "streamed" : "unary",
          micros[0][rounds / 2],
          micros[1][rounds / 2],
          ratios[rounds / 2],
          "%.3f to %.3f".formatted(ratios[0], ratios[rounds - 1]));
    }
  }

  private static long[] measure(
      int port, String model, boolean stream, int connections, long seconds) throws Exception {
    return measure(port, model, stream, connections, seconds, "");
  }

  private static long[] measure(
      int port, String model, boolean stream, int connections, long seconds, String key)
      throws Exception {
    String authorization = key.isEmpty() ? "" : "Authorization: Bearer " + key + "\r\n";
    byte[] body =
        ascii(
            "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"Sixty-four words, please.\"}]%s}"
                .formatted(model, stream ? ",\"stream\":true" : ""));
    byte[] request =
        join(
            ascii(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n"
                    .formatted(port, authorization, body.length)),
            body);
    var latencies = new ConcurrentLinkedQueue<Long>();
    var failure = new Throwable[1];
    var done = new CountDownLatch(connections);
    long until = System.nanoTime() + seconds * 1_000_000_000L;
    for (int c = 0; c < connections; c++) {
      Thread.ofVirtual()
          .start(
              () -> {
                try (var socket = new Socket("127.0.0.1", port)) {
                  socket.setTcpNoDelay(true);
                  var in = new BufferedInputStream(socket.getInputStream(), 32_768);
                  while (System.nanoTime() < until) {
                    long start = System.nanoTime();
                    socket.getOutputStream().write(request);
                    answer(in, stream);
                    latencies.add(System.nanoTime() - start);
                  }
                } catch (Throwable e) {
                  failure[0] = e;
                } finally {
                  done.countDown();
                }
              });
    }
    done.await();
    if (failure[0] != null) {
      throw new IllegalStateException("A call failed", failure[0]);
    }
    return latencies.stream().mapToLong(Long::longValue).toArray();
  }

  /** Reads an answer and insists on its being whole. */
  private static void answer(InputStream in, boolean stream) throws IOException {
    String status = line(in);
    int length = -1;
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
        length = Integer.parseInt(line.substring(15).strip());
      }
    }
    var body = new ByteArrayOutputStream();
    if (length >= 0) {
      body.writeBytes(in.readNBytes(length));
    } else {
      for (int size = Integer.parseInt(line(in), 16);
          size > 0;
          size = Integer.parseInt(line(in), 16)) {
        body.writeBytes(in.readNBytes(size));
        line(in);
      }
      line(in);
    }
    String text = body.toString(StandardCharsets.UTF_8);
    if (!status.contains(" 200 ") || !(stream ? text.endsWith("data: [DONE]\n\n") : text.contains("\"usage\""))) {
      throw new IOException(status + " " + text);
    }
  }

  /** User and system time of processes so far. */
  private static double cpuMicros(List<String> pids) throws IOException {
    long ticks = 0;
    for (String pid : pids) {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }
    // A tick is 10 ms on every Linux that Java runs on.
    return ticks * 10_000.0;
  }

  private static String line(InputStream in) throws IOException {
    var line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException();
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] join(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
