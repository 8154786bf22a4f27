package dev.tutti.decoder.runtime.openai;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.kit.grpc.FailureException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestBodyTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static String rewritten(String body) {
    return new String(
        RequestBody.rewrite(body.getBytes(StandardCharsets.UTF_8), "r").bytes(),
        StandardCharsets.UTF_8);
  }

  @Test
  void onlyTheModelIsReplacedWhereverItStands() {
    assertEquals("{\"model\":\"r\"}", rewritten("{\"model\":\"some\"}"));
    assertEquals(
        "{\"a\":{\"model\":1},\"model\":\"r\" }",
        rewritten("{\"a\":{\"model\":1},\"model\":null }"));
    assertEquals("{\"model\":\"r\"}", rewritten("{}"));
    assertEquals("{\"a\":1.0e5 ,\"model\":\"r\"}", rewritten("{\"a\":1.0e5 }"));
    assertEquals(
        "\n{ \"model\" : \"r\" ,\"é\":\"\\ud83d\\ude00😀\"}\n",
        rewritten("\n{ \"model\" : \"x\\\"y\" ,\"é\":\"\\ud83d\\ude00😀\"}\n"));
  }

  @Test
  void theUsageOfAStreamIsAskedFor() {
    assertEquals(
        "{\"stream\":true,\"model\":\"r\",\"stream_options\":{\"include_usage\":true}}",
        rewritten("{\"stream\":true,\"model\":\"m\"}"));
    assertEquals(
        "{\"stream_options\":{\"include_usage\":true},\"stream\":true,\"model\":\"r\"}",
        rewritten("{\"stream_options\":{},\"stream\":true,\"model\":\"m\"}"));
    assertEquals(
        "{\"stream_options\":{\"include_usage\":true},\"stream\":true,\"model\":\"r\"}",
        rewritten("{\"stream_options\":null,\"stream\":true,\"model\":\"m\"}"));
    assertEquals(
        "{\"stream\":false,\"model\":\"r\"}", rewritten("{\"stream\":false,\"model\":\"m\"}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{",
        "{\"model\":\"a\",\"model\":\"b\"}",
        "{\"stream\":true,\"stream\":false}",
        "{} {}",
        "\u0000{\u0000}"
      })
  void whatIsNoObjectOrSaysTwoThingsIsRefused(String body) {
    assertThrows(FailureException.class, () -> rewritten(body));
  }

  /** Whatever else a body holds stays as it is, in meaning and in bytes. */
  @Test
  void randomBodiesKeepEverythingElse() throws IOException {
    var random = new Random(7);
    for (int i = 0; i < 500; i++) {
      ObjectNode body = JSON.createObjectNode();
      var names = new java.util.ArrayList<>(List.of("a", "b", "model", "stream", "tools", "ü"));
      Collections.shuffle(names, random);
      for (String name : names.subList(0, random.nextInt(names.size() + 1))) {
        switch (name) {
          case "model" -> body.put("model", "x".repeat(random.nextInt(5)));
          case "stream" -> body.put("stream", random.nextBoolean());
          default ->
              body.putArray(name).add(random.nextDouble()).addObject().put("\"\\ü😀", "\u2028\n");
        }
      }
      byte[] before =
          random.nextBoolean()
              ? JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(body)
              : JSON.writeValueAsBytes(body);
      RequestBody rewritten = RequestBody.rewrite(before, "r");
      ObjectNode after = (ObjectNode) JSON.readTree(rewritten.bytes());
      assertEquals("r", after.path("model").asText());
      JsonNode options = after.remove("stream_options");
      assertEquals(body.path("stream").asBoolean(), options != null);
      after.remove("model");
      body.remove("model");
      assertEquals(body, after);
    }
  }

  /** Cut anywhere, the same events come out, and no byte is lost. */
  @Test
  void eventsAreTheSameHoweverTheBytesArrive() {
    byte[] stream =
        "data: a\n\n: c\r\n\r\ndata: üü\rdata: b\r\rdata:x\n\n".getBytes(StandardCharsets.UTF_8);
    var random = new Random(11);
    for (int i = 0; i < 300; i++) {
      var splitter = new EventSplitter(1000);
      var joined = new java.io.ByteArrayOutputStream();
      var said = new java.util.ArrayList<String>();
      int at = 0;
      while (at < stream.length) {
        int to = Math.min(stream.length, at + 1 + random.nextInt(6));
        splitter.add(java.util.Arrays.copyOfRange(stream, at, to));
        at = to;
        for (byte[] event = splitter.next(); event != null; event = splitter.next()) {
          joined.writeBytes(event);
          byte[] data = EventSplitter.data(event);
          if (data != null) {
            said.add(new String(data, StandardCharsets.UTF_8));
          }
        }
      }
      joined.writeBytes(splitter.rest());
      assertArrayEquals(stream, joined.toByteArray());
      assertEquals(List.of("a", "üü\nb", "x"), said);
    }
  }
}
