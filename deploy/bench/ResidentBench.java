import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Started by {@code deploy/bench/resident}, which explains the output: {@code PORT PID REQUESTS}. */
public final class ResidentBench {

  private static final int AT_ONCE = 4;
  private static final int PART = 2_000;

  public static void main(String[] args) throws Exception {
    String url = "http://127.0.0.1:" + args[0] + "/v1/chat/completions";
    Path status = Path.of("/proc", args[1], "status");
    int requests = Integer.parseInt(args[2]);
    int failed = 0;
    long first = 0;
    try (HttpClient client = HttpClient.newHttpClient();
        var threads = Executors.newFixedThreadPool(AT_ONCE)) {
      System.out.println("requests  failed  decoder's resident MB");
      for (int from = 0; from < requests; from += PART) {
        var asked = new ArrayList<Future<Boolean>>();
        for (int n = from; n < Math.min(requests, from + PART); n++) {
          int number = n;
          asked.add(threads.submit(() -> answers(client, url, number)));
        }
        for (Future<Boolean> answered : asked) {
          failed += answered.get() ? 0 : 1;
        }
        long resident = resident(status);
        first = from == 0 ? resident : first;
        System.out.printf(
            Locale.ROOT,
            "%8d  %6d  %8.1f  %+.1f %%%n",
            from + asked.size(),
            failed,
            resident / 1_024.0,
            100.0 * (resident - first) / first);
      }
    }
    System.exit(failed == 0 ? 0 : 1);
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

  /** In kB. */
  private static long resident(Path status) throws IOException {
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
