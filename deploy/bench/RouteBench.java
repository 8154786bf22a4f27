import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Latency of {@code POST /v1/route}, one call after the other, each with another query of so many
 * words, in ms (median, 90 %): {@code RouteBench PORT ENSEMBLE WORDS CALLS}.
 */
public final class RouteBench {

  private static final String[] WORDS =
      ("the of and to in is that for it as was with be by on not he his but at are this have from or had an they which "
              + "one you were all her she there would their we him been has when who will no more if out so up said what its "
              + "about than into them can only other time new some could these two may first then do any like my now over")
          .split(" ");

  public static void main(String[] arguments) throws Exception {
    int port = Integer.parseInt(arguments[0]);
    int words = Integer.parseInt(arguments[2]);
    var millis = new double[Integer.parseInt(arguments[3])];
    var random = new SplittableRandom(words);
    try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      for (int i = 0; i < millis.length; i++) {
        millis[i] = call(client, port, arguments[1], words, random);
      }
    }
    Arrays.sort(millis);
    System.out.printf(
        Locale.ROOT, "%.2f | %.2f%n", millis[millis.length / 2], millis[millis.length * 9 / 10]);
  }

  private static double call(
      HttpClient client, int port, String ensemble, int words, SplittableRandom random)
      throws Exception {
    var text = new StringBuilder();
    for (int i = 0; i < words; i++) {
      text.append(i == 0 ? "" : " ").append(WORDS[random.nextInt(WORDS.length)]);
    }
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/v1/route".formatted(port)))
            .header("Content-Type", "application/json")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "{\"model\": \"%s\", \"messages\": [{\"role\": \"user\", \"content\": \"%s\"}]}"
                        .formatted(ensemble, text)))
            .build();
    long start = System.nanoTime();
    HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
    double millis = (System.nanoTime() - start) / 1e6;
    if (response.statusCode() != 200) {
      throw new IllegalStateException(response.body());
    }
    return millis;
  }
}
