package dev.tutti.router.api.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.router.testing.Http;
import dev.tutti.router.testing.Neighbourhood;
import io.airlift.compress.zstd.ZstdOutputStream;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How long bodies may be, and how they may be compressed. */
@QuarkusTest
@WithTestResource(Neighbourhood.class)
class BodiesTest {

  private static final List<String> ENCODINGS = List.of("gzip", "zstd");

  @BeforeEach
  void calm() {
    Neighbourhood.calm();
  }

  @Test
  void whatGoesToAnEndpointMayHoldImages() {
    String body = ofLength("wire", 25 << 20);
    assertEquals(200, Http.post("/v1/chat/completions", body).status());
    assertEquals(
        body.length(), Neighbourhood.decoder.requests().getFirst().getWire().getBody().size());
    tooLong(Http.post("/v1/chat/completions", "1".repeat(33 << 20)));
  }

  /** The room that they take is given back. */
  @Test
  void longBodiesFindRoomOneAfterTheOther() {
    String body = ofLength("wire", 30 << 20);
    long room = Runtime.getRuntime().maxMemory() / 8;
    for (long sent = 0; sent <= room + body.length(); sent += body.length()) {
      Neighbourhood.decoder.forget();
      assertEquals(200, Http.post("/v1/chat/completions", body).status());
    }
  }

  @Test
  void whatGoesToNobodyElseIsBoundedMore() {
    for (String name : List.of("anna", "vote", "blend")) {
      tooLong(Http.post("/v1/chat/completions", ofLength(name, 10 << 20)));
    }
    tooLong(Http.post("/v1/embeddings", ofLength("embedder", 10 << 20)));
    tooLong(Http.post("/v1/feedback", "1".repeat(10 << 20)));
    Http.Answer elsewhere = Http.post("/elsewhere", "1".repeat(10 << 20));
    assertEquals(413, elsewhere.status());
    assertEquals("application/problem+json", elsewhere.header("content-type"));
    assertTrue(Neighbourhood.decoder.requests().isEmpty());
  }

  @Test
  void aLengthThatNobodyTellsIsBoundedToo() {
    byte[] body = "1".repeat(33 << 20).getBytes(StandardCharsets.US_ASCII);
    // A publisher of a stream sends chunks and no length.
    tooLong(
        Http.send(
            Http.request("/v1/chat/completions")
                .header("Content-Type", "application/json")
                .POST(
                    HttpRequest.BodyPublishers.ofInputStream(
                        () -> new ByteArrayInputStream(body)))));
  }

  @Test
  void compressedBodiesAreExpanded() throws IOException {
    for (String encoding : ENCODINGS) {
      byte[] body = compressed(encoding, Http.body("anna").getBytes(StandardCharsets.UTF_8));
      Http.Answer answer = post(body, encoding);
      assertEquals(200, answer.status(), answer.body());
      assertTrue(answer.body().contains("I am anna"), answer.body());
      String spelt = encoding.equals("gzip") ? "X-GZIP" : " ZSTD ";
      assertEquals(200, post(body, spelt).status());
    }
    assertEquals(
        200, post(Http.body("anna").getBytes(StandardCharsets.UTF_8), "identity").status());
  }

  /** A few kB that expand to 64 MiB. */
  @Test
  void whatTheyExpandToIsBounded() throws IOException {
    byte[] spaces = new byte[64 << 20];
    Arrays.fill(spaces, (byte) ' ');
    for (String encoding : ENCODINGS) {
      byte[] bomb = compressed(encoding, spaces);
      assertTrue(bomb.length < 1 << 20, encoding + ": " + bomb.length);
      tooLong(post(bomb, encoding));
    }
  }

  @Test
  void whatIsNotWhatItSaysIsToldSo() throws IOException {
    byte[] plain = Http.body("anna").getBytes(StandardCharsets.UTF_8);
    for (String encoding : ENCODINGS) {
      byte[] whole = compressed(encoding, plain);
      for (byte[] body :
          List.of(plain, Arrays.copyOf(whole, whole.length - 9), Arrays.copyOf(whole, 3))) {
        Http.Answer answer = post(body, encoding);
        assertEquals(400, answer.status(), encoding + " " + answer.body());
        assertEquals("invalid_encoding", answer.error().path("code").asText());
      }
    }
    for (String other : List.of("br", "deflate", "gzip, zstd")) {
      Http.Answer answer = post(plain, other);
      assertEquals(415, answer.status(), answer.body());
      assertEquals("unsupported_content_encoding", answer.error().path("code").asText());
    }
  }

  private static void tooLong(Http.Answer answer) {
    assertEquals(413, answer.status(), answer.body());
    if (!answer.header("content-type").contains("problem")) {
      assertEquals("request_too_large", answer.error().path("code").asText());
    }
  }

  private static String ofLength(String model, int bytes) {
    return Http.body(model).replace("Who are you?", "x".repeat(bytes));
  }

  private static byte[] compressed(String encoding, byte[] plain) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (OutputStream out =
        encoding.equals("gzip") ? new GZIPOutputStream(bytes) : new ZstdOutputStream(bytes)) {
      out.write(plain);
    }
    return bytes.toByteArray();
  }

  private static Http.Answer post(byte[] body, String encoding) {
    return Http.send(
        Http.request("/v1/chat/completions")
            .header("Content-Type", "application/json")
            .header("Content-Encoding", encoding)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
  }
}
