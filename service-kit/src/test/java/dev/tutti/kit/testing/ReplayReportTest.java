package dev.tutti.kit.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class ReplayReportTest {

  @Test
  void onlyTheMeasuredPartIsReplaced() {
    String page = "a\n" + ReplayReport.BEGIN + "\nold\n" + ReplayReport.END + "\nb\n";
    assertEquals(
        "a\n" + ReplayReport.BEGIN + "\nnew\n" + ReplayReport.END + "\nb\n",
        ReplayReport.replaced(page, "new\n"));
    assertThrows(IllegalStateException.class, () -> ReplayReport.replaced("a", "new"));
  }
}
