package dev.tutti.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IfMatchTest {

  @Test
  void tagsAreVersions() {
    assertEquals(new IfMatch(false, Set.of(3L)), IfMatch.parse("\"3\""));
    assertEquals(new IfMatch(false, Set.of(3L, 12L)), IfMatch.parse(" \"3\" ,\"12\""));
    assertEquals(new IfMatch(true, Set.of()), IfMatch.parse("*"));
  }

  @Test
  void aTagThatIsNotOursMatchesNothing() {
    assertEquals(
        new IfMatch(false, Set.of()),
        IfMatch.parse("W/\"3\", \"abc\", \"\", \"03\", \"0\", \"99999999999999999999\""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"3", "\"3", "\"3\" \"4\"", "\"3\",,\"4\"", "*, \"3\"", "w/\"3\""})
  void whatHoldsNoTagsIsMalformed(String header) {
    var refused = assertThrows(RefusedException.class, () -> IfMatch.parse(header));
    assertInstanceOf(Refusal.Malformed.class, refused.refusal());
  }

  @Test
  void withoutItTheVersionIsRequired() {
    for (String header : new String[] {null, "", "  "}) {
      var refused = assertThrows(RefusedException.class, () -> IfMatch.parse(header));
      assertInstanceOf(Refusal.VersionRequired.class, refused.refusal());
    }
  }
}
