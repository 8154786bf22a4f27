package dev.tutti.decoder.span;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.Tokenizer;
import dev.tutti.decoder.fixture.ScriptedModel;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class TextJoinTest {

  private static final List<String> PIECES = List.of("a", "b", "c", "ab", " ", "<0xC3>");

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Tokenizer tokenizer() {
    return ScriptedModel.constant("m", PIECES, 1, 0, 0, 0, 0, 0, 0).tokenizer();
  }

  private static int[] join(int words, int[] tokens, String text, String added) {
    return new TextJoin(tokenizer(), words).join(tokens, bytes(text), bytes(added)).orElseThrow();
  }

  @Test
  void theLastWordsAreCutAgain() {
    // "c a" + "b": one word more is cut again, so that ab is one token.
    assertArrayEquals(new int[] {2, 4, 0, 1}, join(0, new int[] {2, 4, 0}, "c a", "b"));
    assertArrayEquals(new int[] {2, 4, 3}, join(1, new int[] {2, 4, 0}, "c a", "b"));
    // Only as far as a token's edge.
    assertArrayEquals(new int[] {3, 3}, join(1, new int[] {0, 1, 0}, "aba", "b"));
  }

  @Test
  void nothingAddedChangesNothing() {
    assertArrayEquals(new int[] {0, 1}, join(4, new int[] {0, 1}, "ab", ""));
  }

  @Test
  void halfACharacterIsCutByItself() {
    var join = new TextJoin(tokenizer(), 4);
    byte[] half = {(byte) 0xC3};
    assertArrayEquals(new int[] {0, 5}, join.join(new int[] {0}, bytes("a"), half).orElseThrow());
    assertEquals(Optional.empty(), join.join(new int[] {0}, bytes("a"), bytes("z")));
  }

  @Test
  void anEdgeIsWhereNoTokenGoesAcross() {
    var join = new TextJoin(tokenizer(), 4);
    assertFalse(join.edge(bytes("c a"), bytes("b")));
    assertTrue(join.edge(bytes("c b"), bytes("a")));
    assertTrue(join.edge(bytes("c"), bytes(" a")));
    // It cannot be cut, so there is nothing to heed.
    assertTrue(join.edge(bytes("c"), bytes("z")));
  }

  @Property(tries = 300)
  void tokensSpellTheText(
      @ForAll @Size(min = 1, max = 8)
          List<@StringLength(min = 1, max = 5) @CharRange(from = 'a', to = 'c') String> spans,
      @ForAll @IntRange(min = 0, max = 4) int words) {
    var join = new TextJoin(tokenizer(), words);
    var text = new ByteArrayOutputStream();
    int[] tokens = {};
    for (String span : spans) {
      byte[] added = bytes(span.replace('c', ' '));
      tokens = join.join(tokens, text.toByteArray(), added).orElseThrow();
      text.writeBytes(added);
      var spelt = new ByteArrayOutputStream();
      Arrays.stream(tokens).forEach(t -> spelt.writeBytes(tokenizer().bytes(t)));
      assertArrayEquals(text.toByteArray(), spelt.toByteArray());
    }
  }
}
