package dev.tutti.numerics.answer;

import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.stream.Collectors;

/** A value of Python or JSON. */
sealed interface Literal {

  /** The value in one spelling, which reads as the same value. */
  String spelling();

  /**
   * A number, true, false or null.
   *
   * @param spelling as JSON writes it; NaN and Infinity as they are
   */
  record Atom(String spelling) implements Literal {}

  /** A string, with its case, spaces and punctuation. */
  record Text(String text) implements Literal {
    @Override
    public String spelling() {
      var written = new StringBuilder("\"");
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        switch (c) {
          case '"', '\\' -> written.append('\\').append(c);
          case '\n' -> written.append("\\n");
          case '\r' -> written.append("\\r");
          case '\t' -> written.append("\\t");
          default -> {
            if (c < ' ') {
              written.append("\\u%04x".formatted((int) c));
            } else {
              written.append(c);
            }
          }
        }
      }
      return written.append('"').toString();
    }
  }

  /**
   * Values in their order.
   *
   * @param tuple whether it is one of Python's tuples, which equals no list
   */
  record Sequence(List<Literal> values, boolean tuple) implements Literal {
    @Override
    public String spelling() {
      String inner = values.stream().map(Literal::spelling).collect(Collectors.joining(","));
      if (!tuple) {
        return "[" + inner + "]";
      }
      return values.size() == 1 ? "(" + inner + ",)" : "(" + inner + ")";
    }
  }

  /**
   * A set of Python's.
   *
   * @param spellings of its members
   */
  record Members(SortedSet<String> spellings) implements Literal {
    @Override
    public String spelling() {
      return "{" + String.join(",", spellings) + "}";
    }
  }

  /**
   * An object, or a dictionary.
   *
   * @param values by the spelling of their keys; of a key that is there twice the last
   */
  record Fields(SortedMap<String, Literal> values) implements Literal {
    @Override
    public String spelling() {
      return values.entrySet().stream()
          .map(field -> field.getKey() + ":" + field.getValue().spelling())
          .collect(Collectors.joining(",", "{", "}"));
    }
  }

  /** Whether it holds other values. */
  default boolean isContainer() {
    return !(this instanceof Atom || this instanceof Text);
  }
}
