package dev.tutti.registry.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.StreamSupport;

/** Calls the registry under test as a client would. */
public final class Rest {

  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final ObjectMapper JSON = new ObjectMapper();

  private Rest() {}

  /** Waits until every neighbour is found again, 20 s at most. */
  public static void awaitNeighbours() {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!get("methods").expect(200).json().path("unavailable").isEmpty()) {
      assertTrue(System.nanoTime() < end, "a neighbour that is back is not found");
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  /**
   * What came back.
   *
   * @param status HTTP status
   * @param body as it came
   * @param response for its headers
   */
  public record Answer(int status, String body, HttpResponse<String> response) {

    /** The body as JSON. */
    public JsonNode json() {
      try {
        return JSON.readTree(body);
      } catch (IOException e) {
        throw new UncheckedIOException(body, e);
      }
    }

    /** A header. */
    public String header(String name) {
      return response.headers().firstValue(name).orElse(null);
    }

    /** Its ETag. */
    public String etag() {
      return header("ETag");
    }

    /** Holds it against a status. */
    public Answer expect(int expected) {
      assertEquals(expected, status, body);
      return this;
    }

    /** Holds it against a problem: status, type, a field among its errors, a part of its detail. */
    public Answer expectProblem(int expected, String type, String field, String part) {
      expect(expected);
      assertEquals("application/problem+json", header("Content-Type"));
      assertEquals("urn:tutti:problem:" + type, json().path("type").asText(), body);
      assertEquals(expected, json().path("status").asInt(), body);
      assertFalse(json().path("title").asText().isEmpty(), body);
      assertTrue(json().path("trace_id").asText().matches("[0-9a-f]{32}"), body);
      assertTrue(json().path("detail").asText().contains(part), body);
      if (field != null) {
        assertTrue(
            StreamSupport.stream(json().path("errors").spliterator(), false)
                .anyMatch(e -> e.path("field").asText().equals(field)),
            body);
      }
      return this;
    }
  }

  /** Whole address of a path below /api/v1, or of one that starts with a slash. */
  public static URI uri(String path) {
    return URI.create(
        "http://127.0.0.1:%d%s"
            .formatted(
                Surroundings.setting(RegistryTestResource.HTTP_PORT),
                path.startsWith("/") ? path : "/api/v1/" + path));
  }

  /** Sends anything. */
  public static Answer send(String method, String path, String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(path))
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.build());
  }

  /** Posts a body of whatever type the headers say. */
  public static Answer form(String path, String body, String... headers) {
    return send(
        HttpRequest.newBuilder(uri(path))
            .POST(BodyPublishers.ofString(body))
            .headers(headers)
            .build());
  }

  /** Sends something to somebody else. */
  public static Answer absolute(String method, String url, String body) {
    return send(
        HttpRequest.newBuilder(URI.create(url))
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build());
  }

  static Answer send(HttpRequest request) {
    try {
      HttpResponse<String> response = CLIENT.send(request, BodyHandlers.ofString());
      return new Answer(response.statusCode(), response.body(), response);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Reads. */
  public static Answer get(String path, String... headers) {
    return send("GET", path, null, headers);
  }

  /** Reads below {@code /q} of the port of health and metrics. */
  public static Answer operators(String path) {
    int port = Surroundings.setting(RegistryTestResource.MANAGEMENT_PORT);
    return send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/q%s".formatted(port, path)))
            .build());
  }

  /** Posts. */
  public static Answer post(String path, String body, String... headers) {
    return send("POST", path, body, headers);
  }

  /** Replaces the version of this ETag. */
  public static Answer put(String path, String body, String etag) {
    return send("PUT", path, body, "If-Match", etag);
  }

  /** Moves the newest version of an entry to another point of its life. */
  public static Answer move(String path, String lifecycle) {
    return post(
        path + "/lifecycle", "{\"lifecycle\": \"%s\"}".formatted(lifecycle), "If-Match", "*");
  }

  /** Sum of a metric's values over all its labels that hold these parts; 0 where there is none. */
  public static double metric(String name, String... labels) {
    return operators("/metrics")
        .expect(200)
        .body()
        .lines()
        .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
        .filter(line -> Arrays.stream(labels).allMatch(line::contains))
        // name{labels} value # exemplar
        .map(line -> line.replaceFirst("^[^ {]+(\\{[^}]*})? ", "").split(" ")[0])
        .mapToDouble(Double::parseDouble)
        .sum();
  }

  /** An active model; the location says what it can do, see {@link Surroundings}. */
  public static String model(String name, String location) {
    return """
        {"name": "%s", "runtime": "onnx", "location": "%s", "lifecycle": "active",
         "usd_per_million_prompt_tokens": 1.5, "usd_per_million_completion_tokens": 3}"""
        .formatted(name, location);
  }

  /** An active ensemble; members are "m:name" and "e:name". */
  public static String ensemble(String name, String method, String... members) {
    var list = new StringBuilder();
    for (String member : members) {
      list.append(list.isEmpty() ? "" : ", ")
          .append(
              "{\"%s\": \"%s\"}"
                  .formatted(member.startsWith("m:") ? "model" : "ensemble", member.substring(2)));
    }
    return """
        {"name": "%s", "method": "%s", "members": [%s], "lifecycle": "active"}"""
        .formatted(name, method, list);
  }

  /** Registers a model that must be accepted. */
  public static Answer createModel(String name, String location) {
    return post("models", model(name, location)).expect(201);
  }

  /** Registers an ensemble that must be accepted. */
  public static Answer createEnsemble(String name, String method, String... members) {
    return post("ensembles", ensemble(name, method, members)).expect(201);
  }
}
