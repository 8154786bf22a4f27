package dev.tutti.registry.dataset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineChunksTest {

  /** Gives a few bytes at a time, as a network does. */
  private static InputStream trickling(byte[] data, Random random) {
    return new ByteArrayInputStream(data) {
      @Override
      public synchronized int read(byte[] buffer, int offset, int length) {
        return super.read(buffer, offset, Math.min(length, 1 + random.nextInt(100_000)));
      }
    };
  }

  @Test
  void chunksAreTheStreamInWholeLines() throws IOException {
    var random = new Random(3);
    var text = new StringBuilder();
    for (int i = 0; i < 3_000; i++) {
      text.append("x".repeat(random.nextInt(600))).append('\n');
    }
    text.append("the last one lacks its end");
    byte[] data = text.toString().getBytes(StandardCharsets.UTF_8);
    var chunks = new LineChunks(trickling(data, random), data.length);
    var together = new ByteArrayOutputStream();
    long line = 1;
    int count = 0;
    LineChunks.Chunk chunk;
    while ((chunk = chunks.next()) != null) {
      assertEquals(line, chunk.firstLine());
      line +=
          new String(chunk.data(), StandardCharsets.UTF_8).chars().filter(c -> c == '\n').count();
      together.write(chunk.data());
      count++;
    }
    assertArrayEquals(data, together.toByteArray());
    assertTrue(count > 2 && count < 8, count + " chunks");
    assertEquals(data.length, chunks.read());
  }

  @Test
  void aLineThatIsTooLongIsLeftOutAndCounted() throws IOException {
    String longest = "a".repeat(LineChunks.LONGEST_LINE);
    String data = "first\n" + longest + "\n" + longest + "bc\nthird\n" + longest + "d";
    var chunks =
        new LineChunks(
            trickling(data.getBytes(StandardCharsets.UTF_8), new Random(5)), Long.MAX_VALUE);
    assertEquals("first\n", new String(chunks.next().data(), StandardCharsets.UTF_8));
    LineChunks.Chunk second = chunks.next();
    assertEquals(2, second.firstLine());
    assertEquals(LineChunks.LONGEST_LINE + 1, second.data().length);
    LineChunks.Chunk tooLong = chunks.next();
    assertEquals(3, tooLong.firstLine());
    assertNull(tooLong.data());
    LineChunks.Chunk third = chunks.next();
    assertEquals(4, third.firstLine());
    assertEquals("third\n", new String(third.data(), StandardCharsets.UTF_8));
    LineChunks.Chunk last = chunks.next();
    assertEquals(5, last.firstLine());
    assertNull(last.data());
    assertNull(chunks.next());
  }

  @Test
  void moreBytesThanAllowedAreRefused() {
    var chunks = new LineChunks(new ByteArrayInputStream(new byte[101]), 100);
    assertThrows(LineChunks.TooManyBytesException.class, chunks::next);
  }
}
