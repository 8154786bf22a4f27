package dev.tutti.decoder.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

/** Characters out of bytes, and stop strings across pieces. */
class TextPiecesTest {

  @Property
  void bytesInAnyPiecesGiveTheText(
      @ForAll @StringLength(max = 30) String any,
      @ForAll @Size(max = 40) List<@IntRange(min = 1, max = 5) Integer> sizes) {
    // Lone surrogates are no text.
    byte[] bytes = any.getBytes(StandardCharsets.UTF_8);
    String text = new String(bytes, StandardCharsets.UTF_8);
    var assembler = new CharacterAssembler();
    var out = new StringBuilder();
    int at = 0;
    for (int i = 0; at < bytes.length; i++) {
      int size = Math.min(i < sizes.size() ? sizes.get(i) : 1, bytes.length - at);
      String piece = assembler.add(Arrays.copyOfRange(bytes, at, at + size));
      assertTrue(text.startsWith(piece, out.length()), "whole characters only");
      out.append(piece);
      at += size;
    }
    out.append(assembler.finish());
    assertEquals(text, out.toString());
  }

  @Test
  void brokenBytesBecomeReplacementCharacters() {
    var assembler = new CharacterAssembler();
    assertEquals("\uFFFDa", assembler.add(new byte[] {(byte) 0xFF, 'a'}));
    assertEquals("", assembler.add(new byte[] {(byte) 0xE2, (byte) 0x82}));
    assertEquals("\uFFFDb", assembler.add(new byte[] {'b'}));
    assertEquals("", assembler.add(new byte[] {(byte) 0xF0}));
    assertEquals("\uFFFD", assembler.finish());
  }

  @Property
  void stopStringsAreFoundHoweverTheTextIsCut(
      @ForAll @CharRange(from = 'a', to = 'c') @StringLength(max = 25) String text,
      @ForAll @Size(min = 1, max = 4)
          List<@CharRange(from = 'a', to = 'c') @StringLength(min = 1, max = 4) String> stops,
      @ForAll @Size(max = 30) List<@IntRange(min = 1, max = 4) Integer> sizes) {
    var scanner = new StopScanner(stops);
    var out = new StringBuilder();
    int at = 0;
    for (int i = 0; at < text.length() && !scanner.stopped(); i++) {
      int size = Math.min(i < sizes.size() ? sizes.get(i) : 1, text.length() - at);
      out.append(scanner.add(text.substring(at, at + size)));
      String soFar = out.toString();
      assertFalse(stops.stream().anyMatch(soFar::contains), "a stop string was let out");
      at += size;
    }
    out.append(scanner.finish());
    int first =
        stops.stream().mapToInt(text::indexOf).filter(i -> i >= 0).min().orElse(text.length());
    String whole = text.substring(0, first);
    // With several stop strings a shorter cut may end one that begins later first.
    assertTrue(
        scanner.stopped() == (first < text.length() || stops.stream().anyMatch(text::contains)));
    if (stops.size() == 1) {
      assertEquals(whole, out.toString());
    } else {
      assertTrue(text.startsWith(out.toString()));
    }
  }

  @Test
  void onlyWhatCouldBecomeAStopIsHeldBack() {
    var scanner = new StopScanner(List.of("END", "\n\n"));
    assertEquals("ab", scanner.add("ab"));
    assertEquals("c", scanner.add("cE"));
    assertEquals("", scanner.add("N"));
    assertEquals("ENx", scanner.add("x"));
    assertEquals("", scanner.add("\n"));
    assertEquals("", scanner.add("\nrest"));
    assertTrue(scanner.stopped());
    assertEquals("", scanner.finish());
  }
}
