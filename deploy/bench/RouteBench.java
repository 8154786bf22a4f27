import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Latency of {@code POST /v1/route}, one call after the other, each with another query of so many
 * words: {@code RouteBench PORT CALLS ENSEMBLE...}.
 */
public final class RouteBench {

  private static final String[] WORDS =
      ("the of and to in is that for it as was with be by on not he his but at are this have from or had an they which "
              + "one you were all her she there would their we him been has when who will no more if out so up said what its "
              + "about than into them can only other time new some could these two may first then do any like my now over")
          .split(" ");
  private static final int[] LENGTHS = {8, 16, 32, 64, 128};

  public static void main(String[] arguments) throws Exception {
    int port = Integer.parseInt(arguments[0]);
    int calls = Integer.parseInt(arguments[1]);
    var random = new SplittableRandom(1);
    try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      for (int i = 0; i < 1_000; i++) {
        for (int a = 2; a < arguments.length; a++) {
          call(client, port, arguments[a], 16, random);
        }
      }
      for (int a = 2; a < arguments.length; a++) {
        for (int length : LENGTHS) {
          var millis = new double[calls];
          for (int i = 0; i < calls; i++) {
            millis[i] = call(client, port, arguments[a], length, random);
          }
          Arrays.sort(millis);
          System.out.printf(
              Locale.ROOT,
              "| %s | %d | %.2f | %.2f |%n",
              arguments[a],
              length,
              millis[calls / 2],
              millis[calls * 9 / 10]);
        }
      }
    }
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
