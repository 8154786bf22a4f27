import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Mixed load over minutes, and streams that clients leave: what grows and what does not. Started by
 * {@code deploy/bench/mixed}, which explains the output.
 *
 * <p>{@code load PORT MINUTES STREAMS NAME=PID...}; where PostgreSQL is, TUTTI_POSTGRES_URL tells.
 */
public final class MixedLoad {

  private static final int PER_SECOND = 20;
  private static final Duration LONGEST = Duration.ofSeconds(60);
  private static final Duration LONGEST_RETURN = Duration.ofSeconds(90);
  private static final int LEAVING_AT_ONCE = 32;

  private final String base;
  private final int port;
  private final TreeMap<String, Long> processes = new TreeMap<>();
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(LONGEST)
          .executor(Executors.newVirtualThreadPerTaskExecutor())
          .build();
  private final LongAdder done = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final ConcurrentLinkedQueue<Long> millis = new ConcurrentLinkedQueue<>();

  /** Decisions about which nothing was said yet. */
  private final BlockingQueue<String> decisions = new ArrayBlockingQueue<>(1_000);

  private MixedLoad(int port) {
    this.port = port;
    base = "http://127.0.0.1:" + port;
  }

  public static void main(String[] args) throws Exception {
    int port = Integer.parseInt(args[0]);
    var bench = new MixedLoad(port);
    for (int i = 3; i < args.length; i++) {
      String[] process = args[i].split("=");
      bench.processes.put(process[0], Long.parseLong(process[1]));
    }
    HttpServer mock = mock(port + 90);
    bench.register();
    boolean good = bench.load(Integer.parseInt(args[1])) & bench.leave(Integer.parseInt(args[2]));
    mock.stop(0);
    System.exit(good ? 0 : 1);
  }

  // The endpoint: at once, or an event every 100 ms where the prompt says "slowly".

  private static final AtomicInteger STREAMS = new AtomicInteger();

  private static HttpServer mock(int port) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 512);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/v1/models", call -> send(call, "{\"data\":[{\"id\":\"mock\",\"max_model_len\":8192}]}"));
    server.createContext(
        "/v1/chat/completions",
        call -> {
          String body = new String(call.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          if (!body.contains("\"stream\":true")) {
            send(
                call,
                "{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"mock\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"%s\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":64,\"total_tokens\":73}}"
                    .formatted("word ".repeat(64).strip()));
            return;
          }
          STREAMS.incrementAndGet();
          try (call) {
            stream(call, body.contains("slowly"));
          } catch (IOException e) {
            // Whoever asked has left.
          } finally {
            STREAMS.decrementAndGet();
          }
        });
    server.start();
    return server;
  }

  private static void send(HttpExchange call, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    call.getResponseHeaders().set("Content-Type", "application/json");
    call.sendResponseHeaders(200, body.length);
    try (OutputStream out = call.getResponseBody()) {
      out.write(body);
    }
  }

  private static void stream(HttpExchange call, boolean slowly) throws IOException {
    call.getResponseHeaders().set("Content-Type", "text/event-stream");
    call.sendResponseHeaders(200, 0);
    OutputStream out = call.getResponseBody();
    int events = slowly ? 600 : 64;
    for (int i = 1; i <= events; i++) {
      event(
          out,
          "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"mock\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word \"},\"finish_reason\":%s}]}"
              .formatted(i == events ? "\"stop\"" : "null"));
      if (slowly) {
        sleep(100);
      }
    }
    event(
        out,
        "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"mock\",\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":%d,\"total_tokens\":%d}}"
            .formatted(events, events + 9));
    event(out, "[DONE]");
    out.close();
  }

  private static void event(OutputStream out, String data) throws IOException {
    out.write(("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  private void register() throws Exception {
    HttpResponse<String> made =
        client.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + (port + 4) + "/api/v1/models"))
                .header("Content-Type", "application/json")
                .POST(
                    BodyPublishers.ofString(
                        """
                        {"name": "mock", "runtime": "openai", "endpoints": ["http://127.0.0.1:%d/v1"], "lifecycle": "active",
                         "usd_per_million_prompt_tokens": 0.15, "usd_per_million_completion_tokens": 0.6}\
                        """
                            .formatted(port + 90)))
                .build(),
            BodyHandlers.ofString());
    if (made.statusCode() != 201 && made.statusCode() != 409) {
      throw new IllegalStateException("The endpoint could not be registered: " + made.body());
    }
    for (int i = 0; i < 100; i++) {
      if (send("/v1/chat/completions", chat("mock", "Hello", false)).statusCode() == 200) {
        return;
      }
      sleep(100);
    }
    throw new IllegalStateException("The router does not know the endpoint after ten seconds.");
  }

  // The load.

  private boolean load(int minutes) throws Exception {
    System.out.printf("Mixed load, %d requests a second, %d minutes%n", PER_SECOND, minutes);
    // Until then the first of everything is loaded and compiled.
    run(Duration.ofSeconds(60));
    head();
    var rss = new TreeMap<String, ArrayList<Long>>();
    processes.keySet().forEach(name -> rss.put(name, new ArrayList<>()));
    TreeMap<String, Long> sizes = sizes();
    long first = done.sum();
    for (int minute = 1; minute <= minutes; minute++) {
      run(Duration.ofMinutes(1));
      line(Integer.toString(minute));
      rss.forEach((name, megabytes) -> megabytes.add(resident(name)));
    }
    TreeMap<String, Long> after = sizes();
    double thousands = (done.sum() - first) / 1_000.0;
    System.out.printf(
        "%nGrowth per 1,000 requests (%d, %d failed), kB%n", done.sum() - first, failed.sum());
    after.forEach((what, bytes) -> {
      double grown = (bytes - sizes.getOrDefault(what, 0L)) / 1_000.0 / thousands;
      if (Math.abs(grown) >= 0.5) {
        System.out.printf(Locale.ROOT, "  %-28s %10.1f%n", what, grown);
      }
    });
    residentOverTime(rss);
    return failed.sum() == 0;
  }

  /** At the end of each minute, and by how much the last third of them is above the first. */
  private void residentOverTime(TreeMap<String, ArrayList<Long>> rss) {
    System.out.printf("%nResident MB at the end of each minute, and growth from the first third to the last%n");
    rss.forEach((name, megabytes) -> {
      System.out.printf("  %-10s", name);
      megabytes.forEach(each -> System.out.printf(" %5d", each));
      int third = Math.ceilDiv(megabytes.size(), 3);
      double growth =
          mean(megabytes.subList(megabytes.size() - third, megabytes.size()))
              - mean(megabytes.subList(0, third));
      System.out.printf(Locale.ROOT, "   %+.0f%n", growth);
    });
  }

  private static double mean(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).average().orElse(0);
  }

  private void head() {
    System.out.printf("%-7s %8s %7s %8s %8s", "minute", "requests", "failed", "p50 ms", "p99 ms");
    processes.keySet().forEach(name -> System.out.printf(" %9s", name));
    System.out.println("   (resident MB)");
    line("0");
  }

  private void line(String what) {
    var sorted = new ArrayList<Long>();
    for (Long each = millis.poll(); each != null; each = millis.poll()) {
      sorted.add(each);
    }
    sorted.sort(null);
    System.out.printf(
        "%-7s %8d %7d %8d %8d",
        what,
        done.sum(),
        failed.sum(),
        sorted.get(sorted.size() / 2),
        sorted.get(sorted.size() * 99 / 100));
    processes.keySet().forEach(n -> System.out.printf(" %9d", resident(n)));
    System.out.println();
  }

  /** Requests begin when they are due, however long those before take. */
  private void run(Duration time) throws InterruptedException {
    long start = System.nanoTime();
    long count = time.toSeconds() * PER_SECOND;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (long i = 0; i < count; i++) {
        long wait = start + i * 1_000_000_000L / PER_SECOND - System.nanoTime();
        TimeUnit.NANOSECONDS.sleep(wait);
        long number = i;
        threads.execute(() -> one(number));
      }
    }
  }

  private void one(long number) {
    long begin = System.nanoTime();
    String sum = "%d+%d=".formatted(number % 900 + 37, number * 7 % 900 + 11);
    try {
      switch ((int) (number % 20)) {
        case 0, 1, 2, 3 -> whole("/v1/chat/completions", chat("mock", sum, false));
        case 4, 5, 6, 7 -> streamed(chat("mock", sum, true));
        case 8 -> whole("/v1/chat/completions", chat("adders-gac", sum, false));
        case 9 -> streamed(chat("adders-cascade", sum, true));
        case 10 -> streamed(chat("adders-vote", sum, true));
        case 11, 12, 13 ->
            decisions.offer(
                whole("/v1/chat/completions", chat("specialists", sum, false))
                    .headers()
                    .firstValue("x-tutti-decision-id")
                    .orElseThrow());
        case 14, 15 ->
            whole(
                "/v1/embeddings",
                "{\"model\":\"all-minilm-l6-v2\",\"input\":\"%s\"}".formatted(sum));
        case 16, 17, 18 -> feedback(number);
        default ->
            whole(
                "/v1/route",
                "{\"model\":\"specialists\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
                    .formatted(sum));
      }
    } catch (Exception e) {
      failed(e.toString());
    }
    millis.add((System.nanoTime() - begin) / 1_000_000);
    done.increment();
  }

  private void feedback(long number) throws Exception {
    String decision = decisions.poll(30, TimeUnit.SECONDS);
    if (decision == null) {
      failed("No decision came within 30 s to say something about.");
      return;
    }
    whole(
        "/v1/feedback",
        "{\"decision\":\"%s\",\"rating\":%s}".formatted(decision, number % 3 == 0 ? "1" : "0.2"));
  }

  private static String chat(String model, String prompt, boolean stream) {
    return "{\"model\":\"%s\",\"temperature\":0,\"max_tokens\":16,\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
        .formatted(model, stream, prompt);
  }

  private HttpResponse<String> whole(String path, String body) throws Exception {
    HttpResponse<String> answer = send(path, body);
    if (answer.statusCode() != 200) {
      failed(answer.statusCode() + " " + path + " " + answer.body());
    }
    return answer;
  }

  private void streamed(String body) throws Exception {
    HttpResponse<String> answer = whole("/v1/chat/completions", body);
    if (answer.statusCode() == 200 && !answer.body().endsWith("data: [DONE]\n\n")) {
      failed(
          "A stream ended with "
              + answer.body().substring(Math.max(0, answer.body().length() - 300)));
    }
  }

  private HttpResponse<String> send(String path, String body) throws Exception {
    return client.send(request(path, body), BodyHandlers.ofString());
  }

  private HttpRequest request(String path, String body) {
    return HttpRequest.newBuilder(URI.create(base + path))
        .header("Content-Type", "application/json")
        .timeout(LONGEST)
        .POST(BodyPublishers.ofString(body))
        .build();
  }

  private void failed(String why) {
    failed.increment();
    if (failed.sum() <= 20) {
      System.out.println("  failed: " + why.strip());
    }
  }

  // Streams that are left.

  private boolean leave(int streams) throws Exception {
    if (streams == 0) {
      return true;
    }
    System.out.printf(
        "%n%d streams that their clients leave, %d at once%n", streams, LEAVING_AT_ONCE);
    leaveAll(streams / 10);
    await(() -> sessions() == 0 && STREAMS.get() == 0);
    // Connections that are kept for the next request, and threads that wait for one.
    sleep(5_000);
    TreeMap<String, String> before = held();
    leaveAll(streams);
    boolean back = await(() -> sessions() == 0 && STREAMS.get() == 0 && !grown(before, held()));
    System.out.printf("  %-10s %-36s %s%n", "", "before: threads, file descriptors", "after");
    TreeMap<String, String> after = held();
    before.forEach(
        (name, was) -> System.out.printf("  %-10s %-36s %s%n", name, was, after.get(name)));
    System.out.printf(
        "  sessions of the decoder %d, streams at the endpoint %d: %s%n",
        sessions(), STREAMS.get(), back ? "all is back" : "NOT BACK");
    return back;
  }

  private void leaveAll(int streams) throws Exception {
    var room = new Semaphore(LEAVING_AT_ONCE);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < streams; i++) {
        room.acquire();
        String body =
            i % 4 == 0
                ? chat("adders-gac", "618+467=", true)
                : chat("mock", "Tell it slowly, please. Number " + i, true);
        threads.execute(() -> {
          try {
            HttpResponse<InputStream> answer =
                client.send(request("/v1/chat/completions", body), BodyHandlers.ofInputStream());
            try (var lines =
                new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
              lines.readLine();
            }
          } catch (Exception e) {
            failed(e.toString());
          } finally {
            room.release();
          }
        });
      }
    }
  }

  /** Threads and file descriptors by process. */
  private TreeMap<String, String> held() {
    var held = new TreeMap<String, String>();
    processes.forEach((name, pid) -> held.put(name, status(name, "Threads") + " " + files(pid)));
    return held;
  }

  /** Whether one holds more than a tenth and 16 more than before. */
  private static boolean grown(TreeMap<String, String> before, TreeMap<String, String> after) {
    for (String name : before.keySet()) {
      String[] was = before.get(name).split(" ");
      String[] is = after.get(name).split(" ");
      for (int i = 0; i < was.length; i++) {
        if (Long.parseLong(is[i]) > Long.parseLong(was[i]) * 11 / 10 + 16) {
          return true;
        }
      }
    }
    return false;
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static boolean await(Condition condition) throws Exception {
    long end = System.nanoTime() + LONGEST_RETURN.toNanos();
    while (System.nanoTime() < end) {
      if (condition.holds()) {
        return true;
      }
      sleep(500);
    }
    return false;
  }

  private long sessions() throws Exception {
    HttpResponse<String> metrics =
        client.send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + (port + 1 + 2_000) + "/q/metrics"))
                .build(),
            BodyHandlers.ofString());
    return metrics
        .body()
        .lines()
        .filter(l -> l.startsWith("tutti_decoder_sessions_running"))
        .mapToLong(l -> (long) Double.parseDouble(l.substring(l.lastIndexOf(' ') + 1)))
        .sum();
  }

  // What the operating system and the database say.

  /** MB. */
  private long resident(String name) {
    return status(name, "VmRSS") / 1_000;
  }

  private long status(String name, String what) {
    try {
      return Files.readAllLines(Path.of("/proc/" + processes.get(name) + "/status")).stream()
          .filter(l -> l.startsWith(what + ":"))
          .mapToLong(l -> Long.parseLong(l.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new IllegalStateException(name + " is gone", e);
    }
  }

  private static long files(long pid) {
    try (var files = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      return files.count();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Bytes of every table with its indexes, and of the log. */
  private static TreeMap<String, Long> sizes() throws SQLException {
    var sizes = new TreeMap<String, Long>();
    try (Connection connection = DriverManager.getConnection(System.getenv("TUTTI_POSTGRES_URL"));
        var select = connection.createStatement();
        var rows =
            select.executeQuery(
                """
                select s.schemaname || '.' || s.relname, pg_total_relation_size(s.relid)
                from pg_stat_user_tables s
                union all select 'WAL', pg_current_wal_insert_lsn() - '0/0'::pg_lsn\
                """)) {
      while (rows.next()) {
        sizes.put(rows.getString(1), rows.getLong(2));
      }
    }
    return sizes;
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
