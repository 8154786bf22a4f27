package dev.tutti.registry.console;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.registry.Refusal;
import dev.tutti.registry.RefusedException;
import jakarta.ws.rs.core.MediaType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileFormTest {

  private static final String BOUNDARY = "--x-Y1";
  private static final MediaType TYPE =
      new MediaType("multipart", "form-data", Map.of("boundary", BOUNDARY));

  /** A visit whose token is "good". */
  private static final Visit VISIT =
      new Visit(null) {
        @Override
        void require(String sent) {
          if (!"good".equals(sent)) {
            throw new Refusal.Forged("No token.").exception();
          }
        }
      };

  private static byte[] form(String token, byte[] file) {
    var body = new ByteArrayOutputStream();
    body.writeBytes(part("csrf", token));
    body.writeBytes(part("name", "a&b=c \u00fc\r\nsecond"));
    body.writeBytes(
        "--%s\r\nContent-Type: text/plain\r\nContent-Disposition: form-data; filename=\"name=x\"; name=\"body\"\r\n\r\n"
            .formatted(BOUNDARY)
            .getBytes(StandardCharsets.UTF_8));
    body.writeBytes(file);
    body.writeBytes("\r\n--%s--\r\n".formatted(BOUNDARY).getBytes(StandardCharsets.UTF_8));
    return body.toByteArray();
  }

  private static byte[] part(String name, String value) {
    return "--%s\r\ncontent-disposition: FORM-DATA; name=\"%s\"\r\n\r\n%s\r\n"
        .formatted(BOUNDARY, name, value)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static FileForm read(InputStream body) {
    return FileForm.read(VISIT, TYPE, body, "body");
  }

  /** What looks like a delimiter and is none is the file's, however the bytes come. */
  @Property(tries = 60)
  void theFileIsWhatItWas(@ForAll long seed, @ForAll @IntRange(max = 200_000) int size)
      throws IOException {
    var random = new Random(seed);
    var file = new ByteArrayOutputStream();
    while (file.size() < size) {
      String piece =
          switch (random.nextInt(6)) {
            case 0 -> "\r\n--" + BOUNDARY.substring(0, random.nextInt(BOUNDARY.length()));
            case 1 -> "--" + BOUNDARY;
            case 2 -> "\n--" + BOUNDARY;
            case 3 -> "\r\r\n-";
            default -> "a".repeat(random.nextInt(3_000));
          };
      file.writeBytes(piece.getBytes(StandardCharsets.ISO_8859_1));
    }
    // Else the last piece and what follows may be the delimiter.
    file.write('.');
    var source =
        new ByteArrayInputStream(form("good", file.toByteArray())) {
          @Override
          public synchronized int read(byte[] bytes, int offset, int length) {
            return super.read(bytes, offset, Math.min(length, 1 + random.nextInt(5_000)));
          }
        };
    FileForm read = read(source);
    assertEquals("a&b=c \u00fc\nsecond", read.fields().typed("name"));
    assertArrayEquals(file.toByteArray(), read.file().readAllBytes());
    assertEquals(-1, read.file().read());
  }

  @Test
  void nothingOfTheFileIsReadBeforeTheTokenIsSeen() {
    byte[] whole = form("bad", new byte[1 << 20]);
    var source = new ByteArrayInputStream(whole);
    var refused = assertThrows(RefusedException.class, () -> read(source));
    assertTrue(refused.refusal() instanceof Refusal.Forged, refused.toString());
    assertTrue(source.available() > whole.length - (128 << 10), "read on");
  }

  @Test
  void aFileThatBreaksOffIsNotTakenForAWholeOne() {
    byte[] whole = form("good", "line\n".getBytes(StandardCharsets.UTF_8));
    for (int cut = 1; cut <= "\r\n--%s--\r\n".formatted(BOUNDARY).length(); cut++) {
      int size = whole.length - cut;
      FileForm read = read(new ByteArrayInputStream(whole, 0, size));
      if (size < whole.length - "--\r\n".length()) {
        assertThrows(IOException.class, () -> read.file().readAllBytes());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "nonsense", "--other\r\n\r\n", "--" + BOUNDARY + "--\r\n"})
  void whatIsNoSuchFormIsRefused(String body) {
    assertThrows(
        RefusedException.class,
        () -> read(new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8))));
    assertThrows(
        RefusedException.class,
        () ->
            FileForm.read(
                VISIT,
                MediaType.MULTIPART_FORM_DATA_TYPE,
                new ByteArrayInputStream(form("good", new byte[0])),
                "body"));
  }

  @Test
  void aFieldWithoutAnEndIsNotKept() {
    byte[] body = part("name", "a".repeat(1 << 20));
    var refused = assertThrows(RefusedException.class, () -> read(new ByteArrayInputStream(body)));
    assertTrue(refused.refusal().detail().contains("too long"), refused.toString());
  }
}
