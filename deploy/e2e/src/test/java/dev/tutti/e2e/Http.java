package dev.tutti.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Calls as a person with curl would make them. */
final class Http {

  static final ObjectMapper JSON = new ObjectMapper();

  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private Http() {}

  /** Status, body and headers of an answer. */
  record Answer(int status, String body, java.net.http.HttpHeaders headers) {
    JsonNode json() {
      try {
        return JSON.readTree(body);
      } catch (IOException e) {
        throw new AssertionError("not JSON: " + body, e);
      }
    }
  }

  static Answer get(String url) {
    return send(request(url).GET());
  }

  static Answer post(String url, String body, String... headers) {
    HttpRequest.Builder request =
        request(url)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request);
  }

  /** Posts, and hands the body over while it comes. */
  static HttpResponse<InputStream> open(String url, String body) {
    HttpRequest request =
        request(url)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    try {
      return CLIENT.send(request, BodyHandlers.ofInputStream());
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  static Answer put(String url, String body, String etag) {
    return send(
        request(url)
            .header("Content-Type", "application/json")
            .header("If-Match", etag)
            .PUT(HttpRequest.BodyPublishers.ofString(body)));
  }

  private static HttpRequest.Builder request(String url) {
    return HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(60));
  }

  private static Answer send(HttpRequest.Builder request) {
    try {
      HttpResponse<String> response = CLIENT.send(request.build(), BodyHandlers.ofString());
      return new Answer(response.statusCode(), response.body(), response.headers());
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** The body of a chat completion request with one user message. */
  static ObjectNode chat(String model, String content) {
    ObjectNode body = JSON.createObjectNode().put("model", model).put("temperature", 0);
    body.putArray("messages").addObject().put("role", "user").put("content", content);
    return body;
  }

  static Answer complete(String model, String content) {
    return post(Platform.rest("router") + "/v1/chat/completions", chat(model, content).toString());
  }

  /** The data of every event of a streamed answer, in order. */
  static List<String> events(Answer answer) {
    List<String> events = new ArrayList<>();
    for (String line : answer.body().split("\n")) {
      if (line.startsWith("data: ")) {
        events.add(line.substring("data: ".length()).strip());
      }
    }
    return events;
  }
}
