package dev.tutti.decoder.runtime.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class EventSplitterTest {

  private static final String EVENTS =
      "data: one\n\nevent: error\r\ndata: zwei\r\ndata:ü\r\n\r\n: c\r\rdata:"
          + "x".repeat(1000)
          + "\n\nid: 3\n\n";

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static List<String> split(byte[] stream, int piece) {
    var splitter = new EventSplitter(10_000);
    var events = new ArrayList<String>();
    for (int i = 0; i < stream.length; i += piece) {
      splitter.add(Arrays.copyOfRange(stream, i, Math.min(stream.length, i + piece)));
      for (byte[] event = splitter.next(); event != null; event = splitter.next()) {
        events.add(new String(event, StandardCharsets.UTF_8));
      }
    }
    events.add(new String(splitter.rest(), StandardCharsets.UTF_8));
    return events;
  }

  private static List<String> data(List<String> events) {
    return events.stream()
        .map(event -> EventSplitter.data(bytes(event)))
        .filter(Objects::nonNull)
        .map(data -> new String(data, StandardCharsets.UTF_8))
        .toList();
  }

  @Test
  void eventsAreTheSameHoweverTheyArrive() {
    byte[] marked = bytes("\uFEFF" + EVENTS);
    List<String> all = List.of("one", "zwei\nü", "x".repeat(1000));
    for (int piece : new int[] {1, 2, 3, 4, 5, 7, 11, 100, 10_000}) {
      for (byte[] stream : List.of(bytes(EVENTS), marked)) {
        List<String> events = split(stream, piece);
        assertEquals(EVENTS, String.join("", events), "pieces of " + piece);
        assertEquals(all, data(events), "pieces of " + piece);
      }
    }
    assertEquals(List.of("\uFEFF"), split(bytes("\uFEFF\uFEFF"), 2), "only the first is a mark");
  }

  @Test
  void anEventHasDataAndAType() {
    byte[] event = bytes("event: error\r\ndata: zwei\r\ndata:ü\r\n\r\n");
    assertEquals("error", EventSplitter.type(event));
    assertEquals("zwei\nü", new String(EventSplitter.data(event), StandardCharsets.UTF_8));
    assertEquals("", EventSplitter.type(bytes("data: event: x\n\n")));
    assertNull(EventSplitter.data(bytes(": data: x\n\n")));
  }
}
