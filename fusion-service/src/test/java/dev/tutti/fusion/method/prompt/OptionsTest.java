package dev.tutti.fusion.method.prompt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class OptionsTest {

  @Test
  void optionsAreLetteredLinesInOrder() {
    assertEquals(3, Options.of("Q\n(A) x\n(B) y\n(C) z").orElseThrow().size());
    assertEquals(2, Options.of("A. x\nB. y").orElseThrow().size());
    assertEquals(2, Options.of("Q\r\n A: x\r\n B: y\r\n").orElseThrow().size());
    assertTrue(Options.of("A) x").isEmpty());
    assertTrue(Options.of("A) x\nC) y").isEmpty());
    assertTrue(Options.of("B) x\nA) y").isEmpty());
    assertTrue(Options.of("Adam and B. Smith\nB) y").isEmpty());
    assertTrue(Options.of("").isEmpty());
    assertTrue(Options.of("A)\nB)\n").isEmpty());
  }

  @Test
  void aWholeTurnIsTheQuestionItself() {
    String question = "Q\nA) one\nB) t$wo\\\n\nC) three \nD) 4\nend";
    Options options = Options.of(question).orElseThrow();
    assertEquals(question, options.rotated(0));
    assertEquals(question, options.rotated(4));
    assertEquals("Q\nA) t$wo\\\nB) three \n\nC) 4\nD) one\nend", options.rotated(1));
  }

  @Test
  void whatIsChosenIsTheSameWords() {
    Options options = Options.of("A) one\nB) two\nC) three").orElseThrow();
    // Rotated by 2: A three, B one, C two.
    assertEquals(Optional.of("C"), options.original("A", 2));
    assertEquals(Optional.of("A"), options.original("B", 2));
    assertEquals(Optional.of("B"), options.original("C", 2));
    assertEquals(Optional.empty(), options.original("D", 2));
    assertEquals(Optional.empty(), options.original("", 2));
    assertEquals(Optional.empty(), options.original("AB", 2));
  }
}
