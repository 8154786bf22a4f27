package dev.tutti.registry.testing;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.registry.testing.Rest.Answer;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;

/** Imports to the registry under test as a client would. */
public final class Datasets {

  private static final Set<String> ENDED = Set.of("succeeded", "failed", "cancelled");

  private Datasets() {}

  /** A line of one query that two members answered, "good" with this score and "bad" with 0. */
  public static String line(String id, String split, double score) {
    return """
        {"id":"%s","dataset":"sums","split":"%s","query":"What is %s?","models":{"good":{"score":%s,"cost":0.002,"response":"x"},"bad":{"score":0,"cost":0.001}}}
        """
        .formatted(id, split, id, score);
  }

  /** Sends lines; {@code path} is below datasets/. */
  public static Answer post(String path, byte[] body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(Rest.uri("datasets/" + path)).POST(BodyPublishers.ofByteArray(body));
    if (!java.util.List.of(headers).contains("Content-Type")) {
      request.header("Content-Type", "application/x-ndjson");
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    return Rest.send(request.build());
  }

  /** Sends bytes of whatever type the headers say. */
  public static Answer send(String path, byte[] body, String... headers) {
    return Rest.send(
        HttpRequest.newBuilder(Rest.uri(path))
            .POST(BodyPublishers.ofByteArray(body))
            .headers(headers)
            .build());
  }

  /** Starts an import; returns its job's id. */
  public static String start(String name, String query, String lines) {
    Answer answer =
        post(name + "/imports" + query, lines.getBytes(StandardCharsets.UTF_8)).expect(202);
    String id = answer.json().path("id").asText();
    assertEquals(
        "/api/v1/jobs/" + id,
        answer
            .response()
            .headers()
            .firstValue("Location")
            .map(location -> location.replaceFirst("^http://[^/]+", ""))
            .orElse(""));
    return id;
  }

  /** Waits for the end of a job. */
  public static JsonNode end(String job) {
    return await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> Rest.get("jobs/" + job).expect(200).json(),
            json -> ENDED.contains(json.path("state").asText()));
  }

  /** Imports lines; returns the report. */
  public static JsonNode take(String name, String query, String lines) {
    JsonNode job = end(start(name, query, lines));
    assertEquals("succeeded", job.path("state").asText(), job.toString());
    return job.path("result");
  }
}
