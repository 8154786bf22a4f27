package dev.tutti.numerics.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ResultRowsTest {

  @Test
  void rowsAreAMultisetUnlessTheirOrderSaysSomething() {
    List<String> one = List.of("[2, \"b\"]", "[1, \"a\"]", "[1, \"a\"]");
    List<String> other = List.of("[1.0,\"a\"]", "[2,\"b\"]", "[1,\"a\"]");
    assertEquals("[[1,\"a\"],[1,\"a\"],[2,\"b\"]]", ResultRows.spelled(one, false));
    assertEquals(ResultRows.spelled(one, false), ResultRows.spelled(other, false));
    assertEquals("[[2,\"b\"],[1,\"a\"],[1,\"a\"]]", ResultRows.spelled(one, true));
    assertNotEquals(ResultRows.spelled(one, true), ResultRows.spelled(other, true));
    assertNotEquals(ResultRows.spelled(one, false), ResultRows.spelled(one.subList(0, 2), false));
  }

  /** A double would make them one. */
  @Test
  void valuesAreExact() {
    assertNotEquals(
        ResultRows.spelled(List.of("[9007199254740993]"), false),
        ResultRows.spelled(List.of("[9007199254740992]"), false));
    assertNotEquals(
        ResultRows.spelled(List.of("[\"1\"]"), false), ResultRows.spelled(List.of("[1]"), false));
    assertNotEquals(
        ResultRows.spelled(List.of("[null]"), false), ResultRows.spelled(List.of("[]"), false));
    assertEquals("[]", ResultRows.spelled(List.of(), true));
  }

  @Test
  void whatIsNoListIsRefusedByItsPlace() {
    for (String row : List.of("5", "", "{}", "[1", "(1, 2)", "[1] [2]")) {
      assertEquals(
          "Row 1 is no list of values.",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> ResultRows.spelled(List.of("[1]", row), false))
              .getMessage());
    }
  }

  @Test
  void aQueryOrdersItsRowsOutsideOfBrackets() {
    assertTrue(ResultRows.isOrdered("SELECT a FROM t Order  By a"));
    assertTrue(ResultRows.isOrdered("```sql\nselect f(a) from t -- why\norder by a limit 3;\n```"));
    assertFalse(ResultRows.isOrdered("select a from t"));
    assertFalse(ResultRows.isOrdered("select rank() over (order by a) from t"));
    assertFalse(ResultRows.isOrdered("select a from (select a from t order by a) u"));
    assertFalse(ResultRows.isOrdered("select 'it''s in order by a' from t"));
    assertFalse(ResultRows.isOrdered("select \"in order by a\" from t"));
    assertFalse(ResultRows.isOrdered("select a from t -- order by a"));
    assertFalse(ResultRows.isOrdered("in order by size"));
  }
}
