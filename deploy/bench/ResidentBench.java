import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Started by {@code deploy/bench/resident}, which explains the output: {@code PORT PID REQUESTS
 * [collect]}.
 */
public final class ResidentBench {

  private static final int AT_ONCE = 4;
  private static final int PART = 2_000;

  private static final Pattern HEAP =
      Pattern.compile("committed (\\d+)K, used (\\d+)K \\[0x(\\p{XDigit}+), 0x(\\p{XDigit}+)\\)");
  private static final Pattern MAPPING = Pattern.compile("(\\p{XDigit}+)-\\p{XDigit}+ ");
  private static final Pattern PART_TAKEN =
      Pattern.compile("(?m)^-\\s*(.+?) \\(reserved=\\d+KB, committed=(\\d+)KB");

  private final String pid;
  private final Path process;

  private ResidentBench(String pid) {
    this.pid = pid;
    process = Path.of("/proc", pid);
  }

  public static void main(String[] args) throws Exception {
    String url = "http://127.0.0.1:" + args[0] + "/v1/chat/completions";
    var bench = new ResidentBench(args[1]);
    int failed = bench.run(url, Integer.parseInt(args[2]), args[3].equals("collect"));
    System.exit(failed == 0 ? 0 : 1);
  }

  /** Returns how many failed. */
  private int run(String url, int requests, boolean collects) throws Exception {
    int failed = 0;
    long first = 0;
    try (HttpClient client = HttpClient.newHttpClient();
        var threads = Executors.newFixedThreadPool(AT_ONCE)) {
      System.out.println(
          "requests  failed  resident     anon    files     heap    other    taken   in use  threads    since the first");
      for (int from = 0; from < requests; from += PART) {
        var asked = new ArrayList<Future<Boolean>>();
        for (int n = from; n < Math.min(requests, from + PART); n++) {
          int number = n;
          asked.add(threads.submit(() -> answers(client, url, number)));
        }
        for (Future<Boolean> answered : asked) {
          failed += answered.get() ? 0 : 1;
        }
        if (collects) {
          command("GC.run");
        }
        long resident = line(from + asked.size(), failed, first);
        first = from == 0 ? resident : first;
        if (from == 0 || from + PART >= requests) {
          parts();
        }
      }
    }
    return failed;
  }

  /** Returns what is resident, in kB. */
  private long line(int answered, int failed, long first) throws Exception {
    Matcher heap = HEAP.matcher(command("GC.heap_info"));
    if (!heap.find()) {
      throw new IllegalStateException("The decoder does not tell of its heap as a JDK 25 with G1 does");
    }
    // The collector may be giving memory back.
    Map<String, Long> status = status();
    long inHeap =
        resident(Long.parseUnsignedLong(heap.group(3), 16), Long.parseUnsignedLong(heap.group(4), 16));
    long resident = status.get("VmRSS");
    long anonymous = status.get("RssAnon");
    System.out.printf(
        Locale.ROOT,
        "%8d  %6d  %8.1f %8.1f %8.1f %8.1f %8.1f %8.1f %8.1f  %7d  %+.1f %%%n",
        answered,
        failed,
        resident / 1_024.0,
        anonymous / 1_024.0,
        (resident - anonymous) / 1_024.0,
        inHeap / 1_024.0,
        (anonymous - inHeap) / 1_024.0,
        Long.parseLong(heap.group(1)) / 1_024.0,
        Long.parseLong(heap.group(2)) / 1_024.0,
        status.get("Threads"),
        first == 0 ? 0 : 100.0 * (resident - first) / first);
    return resident;
  }

  /** What the virtual machine took by its parts, where it keeps count. */
  private void parts() throws Exception {
    Matcher part = PART_TAKEN.matcher(command("VM.native_memory", "summary", "scale=KB"));
    var taken = new StringJoiner(", ");
    while (part.find()) {
      taken.add("%s %.1f".formatted(part.group(1).strip(), Long.parseLong(part.group(2)) / 1_024.0));
    }
    if (taken.length() > 0) {
      System.out.println("          " + taken);
    }
  }

  private static boolean answers(HttpClient client, String url, int number) throws Exception {
    String model =
        switch (number % 4) {
          case 0 -> "adders-gac";
          case 1 -> "adders-byte-exact";
          case 2 -> "adders-safe";
          default -> "chains-le-mcts";
        };
    int a = 100 + number * 37 % 900;
    int b = 100 + number * 91 % 900;
    String prompt = number % 4 == 3 ? "%d+%d-%d=".formatted(a % 90, b % 90, a % 9) : a + "+" + b + "=";
    HttpResponse<String> answer =
        client.send(
            HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", "application/json")
                .timeout(Duration.ofMinutes(2))
                .POST(
                    BodyPublishers.ofString(
                        "{\"model\":\"%s\",\"max_tokens\":24,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
                            .formatted(model, prompt)))
                .build(),
            BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      System.err.println(answer.statusCode() + " " + answer.body());
    }
    return answer.statusCode() == 200;
  }

  /** What the kernel says of the process in numbers, at one time; memory in kB. */
  private Map<String, Long> status() throws IOException {
    return Files.readAllLines(process.resolve("status")).stream()
        .map(line -> line.split(":"))
        .filter(line -> line[0].matches("VmRSS|RssAnon|Threads"))
        .collect(Collectors.toMap(line -> line[0], line -> number(line[1])));
  }

  /** In kB, of addresses from one to before another. */
  private long resident(long from, long to) throws IOException {
    long resident = 0;
    boolean within = false;
    for (String line : Files.readAllLines(process.resolve("smaps"))) {
      Matcher mapping = MAPPING.matcher(line);
      if (mapping.lookingAt()) {
        long start = Long.parseUnsignedLong(mapping.group(1), 16);
        within = start >= from && start < to;
      } else if (within && line.startsWith("Rss:")) {
        resident += number(line);
      }
    }
    return resident;
  }

  private static long number(String line) {
    return Long.parseLong(line.replaceAll("\\D", ""));
  }

  private String command(String... words) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/jcmd", pid));
    command.addAll(List.of(words));
    Process jcmd = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (jcmd.waitFor() != 0) {
      throw new IOException("%s failed: %s".formatted(String.join(" ", command), said));
    }
    return said;
  }
}
