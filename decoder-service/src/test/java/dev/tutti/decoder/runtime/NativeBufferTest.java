package dev.tutti.decoder.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.fixture.ModelFiles;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class NativeBufferTest {

  private static final OnnxRuntime RUNTIME = new OnnxRuntime(OnnxRuntime.Device.CPU);

  private static LanguageModel strong() {
    Path starter = ModelFiles.starter();
    return OnnxLanguageModel.load(
        "adder-strong", RUNTIME, ModelFolder.below(starter, "adder-strong"));
  }

  @Test
  void partsAreOfOneMemoryInTheMachinesOrder() {
    long before = NativeBuffer.held();
    var buffer = new NativeBuffer(80);
    assertEquals(before + 80, NativeBuffer.held());
    ByteBuffer all = buffer.part(0, 80);
    ByteBuffer end = buffer.part(64, 16);
    assertTrue(end.isDirect());
    assertEquals(ByteOrder.nativeOrder(), end.order());
    assertEquals(16, end.capacity());
    end.putLong(8, 0x0102030405060708L);
    assertEquals(0x0102030405060708L, all.getLong(72));
    assertThrows(IndexOutOfBoundsException.class, () -> buffer.part(72, 9));
    buffer.close();
    buffer.close();
    assertEquals(before, NativeBuffer.held());
  }

  @Test
  void memoryOfNoBytesIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new NativeBuffer(0));
    assertThrows(IllegalArgumentException.class, () -> new NativeBuffer(-1));
  }

  /** Whatever sessions do and in whatever order they close, nothing is held at the end. */
  @Test
  void closedSessionsHoldNothing() {
    long before = NativeBuffer.held();
    var random = new SplittableRandom(11);
    try (LanguageModel model = strong()) {
      List<DecodeSession> open = new ArrayList<>(List.of(model.open()));
      open.getFirst().append(model.tokenizer().encode("618+467="));
      for (int i = 0; i < 300; i++) {
        DecodeSession session = open.get(random.nextInt(open.size()));
        switch (random.nextInt(6)) {
          case 0 -> session.next();
          case 1 -> session.next(3, 4);
          case 2 -> session.score(List.of(new int[] {3, 4}, new int[] {3, 5}, new int[] {6}));
          case 3 -> session.rewind(1 + random.nextInt(session.length()));
          case 4 -> session.append(5, 6);
          default -> open.add(session.fork());
        }
        if (session.remaining() < 8) {
          session.rewind(2);
        }
        if (open.size() > 6) {
          open.remove(random.nextInt(open.size())).close();
        }
      }
      assertTrue(NativeBuffer.held() > before);
      open.forEach(DecodeSession::close);
      open.forEach(DecodeSession::close);
    }
    assertEquals(before, NativeBuffer.held());
  }

  /** Each would wait for a collection, and what they hold together is many caches. */
  @Test
  void rewindsMakeNoDirectBuffers() {
    try (LanguageModel model = strong();
        DecodeSession session = model.open()) {
      session.append(model.tokenizer().encode("618+467="));
      session.next();
      long before = directBuffers();
      int length = session.length();
      for (int i = 0; i < 100; i++) {
        session.append(3, 4);
        session.next();
        session.rewind(length);
        session.score(List.of(new int[] {3, 4}, new int[] {5, 4}));
        session.fork().close();
      }
      // Others of this process may make one meanwhile.
      assertTrue(directBuffers() < before + 50, () -> before + " -> " + directBuffers());
    }
  }

  private static long directBuffers() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getCount)
        .sum();
  }
}
