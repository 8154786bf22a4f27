package dev.tutti.registry.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tutti.registry.RefusedException;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.NumericChars;
import org.junit.jupiter.api.Test;

class CursorTest {

  @Property(tries = 200)
  void aCursorLeadsBackToItsPlace(
      @ForAll @AlphaChars @NumericChars @Chars({'.', '_', '-'}) @NotEmpty String name,
      @ForAll long number) {
    assertEquals(Optional.of(name), Cursor.read("models", Cursor.after("models", name)));
    assertEquals(number, Cursor.readNumber("audit", Cursor.after("audit", number)));
    assertThrows(
        RefusedException.class, () -> Cursor.read("ensembles", Cursor.after("models", name)));
  }

  @Property(tries = 500)
  void nothingElseIsACursor(@ForAll String text) {
    try {
      Cursor.read("models", text);
    } catch (RefusedException e) {
      assertEquals(
          "cursor is not one that this list gave; leave it out to start over.", e.getMessage());
    }
  }

  @Test
  void withoutOneTheListStarts() {
    assertEquals(Optional.empty(), Cursor.read("models", null));
    assertEquals(Long.MAX_VALUE, Cursor.readNumber("audit", null));
  }
}
