package dev.tutti.router.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.config.ConfigProvider;

/** Calls the router as a client would. */
public final class Http {

  public static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private Http() {}

  public record Answer(int status, String body, java.net.http.HttpHeaders headers) {

    public JsonNode json() {
      return Http.json(body);
    }

    public JsonNode error() {
      return json().path("error");
    }

    public String header(String name) {
      return headers.firstValue(name).orElse("");
    }

    /** What stands after {@code data: }, event by event. */
    public List<String> events() {
      return body.lines()
          .filter(line -> !line.isEmpty())
          .map(
              line -> {
                if (!line.startsWith("data: ")) {
                  throw new AssertionError(line);
                }
                return line.substring("data: ".length());
              })
          .toList();
    }
  }

  public static String url(String path) {
    return "http://127.0.0.1:%d%s".formatted(port(), path);
  }

  public static int port() {
    return ConfigProvider.getConfig().getValue("quarkus.http.test-port", Integer.class);
  }

  /** The text at a path below {@code /q} of the port of health and metrics. */
  public static Answer operators(String path) {
    int port = ConfigProvider.getConfig().getValue("quarkus.management.test-port", Integer.class);
    return send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/q%s".formatted(port, path))));
  }

  public static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError(text, e);
    }
  }

  public static Answer get(String path) {
    return send(request(path).GET());
  }

  public static Answer post(String path, String body, String... headers) {
    var request = request(path).POST(HttpRequest.BodyPublishers.ofString(body));
    request.header("Content-Type", "application/json");
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request);
  }

  /** A chat completion; {@code more} is further fields, e.g. {@code "seed": 1}. */
  public static Answer chat(String model, String... more) {
    return post("/v1/chat/completions", body(model, more));
  }

  public static String body(String model, String... more) {
    return """
        {"model": "%s", "messages": [{"role": "user", "content": "Who are you?"}]%s}"""
        .formatted(model, more.length == 0 ? "" : ", " + String.join(", ", more));
  }

  public static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(url(path))).timeout(Duration.ofSeconds(20));
  }

  public static Answer send(HttpRequest.Builder request) {
    try {
      var response = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
      return new Answer(response.statusCode(), response.body(), response.headers());
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
