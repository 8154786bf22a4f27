package dev.tutti.numerics.answer;

import dev.tutti.numerics.answer.Literal.Atom;
import dev.tutti.numerics.answer.Literal.Fields;
import dev.tutti.numerics.answer.Literal.Members;
import dev.tutti.numerics.answer.Literal.Sequence;
import dev.tutti.numerics.answer.Literal.Text;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads values of Python and of JSON as they stand in a text. Bounded: values are nested {@value
 * #DEEPEST} deep at most, numbers have {@value #LONGEST_NUMBER} characters; what goes beyond is no
 * value. Nothing that a text holds makes it throw.
 */
final class LiteralReader {

  /** Deeper ones are no answers; and the reader goes as deep. */
  static final int DEEPEST = 64;

  private static final int LONGEST_NUMBER = 400;

  /** Beyond it a number stays in scientific notation: written out it would be all zeros. */
  private static final int MOST_ZEROS = 400;

  private static final Pattern NUMBER =
      Pattern.compile("[-+]?+(?:\\d++(?:\\.\\d*+)?+|\\.\\d++)(?:[eE][-+]?+\\d++)?+");

  private static final Pattern WORD = Pattern.compile("-?+[A-Za-z]++");

  private static final Map<String, String> ATOMS =
      Map.of(
          "None", "null",
          "null", "null",
          "True", "true",
          "true", "true",
          "False", "false",
          "false", "false",
          "NaN", "NaN",
          "Infinity", "Infinity",
          "-Infinity", "-Infinity");

  private final String text;
  private int at;

  private LiteralReader(String text, int at) {
    this.text = text;
    this.at = at;
  }

  /**
   * A value and where it ends.
   *
   * @param end place behind it
   */
  record Found(Literal value, int end) {}

  /** The value that begins at a place, spaces aside; empty where none does. */
  static Optional<Found> at(String text, int start) {
    var reader = new LiteralReader(text, start);
    Literal value = reader.value(0);
    return value == null ? Optional.empty() : Optional.of(new Found(value, reader.at));
  }

  /** The value that the whole text is, spaces aside; empty where it is none. */
  static Optional<Literal> whole(String text) {
    return at(text, 0).filter(found -> text.substring(found.end()).isBlank()).map(Found::value);
  }

  /** The value here; null where there is none. */
  private Literal value(int depth) {
    skip();
    if (depth > DEEPEST || at >= text.length()) {
      return null;
    }
    return switch (text.charAt(at)) {
      case '[' -> sequence(']', false, depth);
      case '(' -> sequence(')', true, depth);
      case '{' -> braces(depth);
      case '"', '\'' -> string();
      default -> atom();
    };
  }

  private Literal sequence(char close, boolean tuple, int depth) {
    at++;
    var values = new ArrayList<Literal>();
    boolean comma = false;
    while (true) {
      if (takes(close)) {
        // Python's brackets around one value are just brackets.
        return tuple && values.size() == 1 && !comma
            ? values.getFirst()
            : new Sequence(List.copyOf(values), tuple);
      }
      if (!values.isEmpty() && !comma) {
        return null;
      }
      Literal value = value(depth + 1);
      if (value == null) {
        return null;
      }
      values.add(value);
      comma = takes(',');
    }
  }

  /** An object or, where no colon follows its first value, a set. */
  private Literal braces(int depth) {
    at++;
    var fields = new TreeMap<String, Literal>();
    var members = new TreeSet<String>();
    boolean comma = true;
    while (true) {
      if (takes('}')) {
        return members.isEmpty() ? new Fields(fields) : new Members(members);
      }
      if (!comma) {
        return null;
      }
      Literal key = value(depth + 1);
      if (key == null) {
        return null;
      }
      if (takes(':')) {
        Literal value = value(depth + 1);
        if (value == null || !members.isEmpty()) {
          return null;
        }
        fields.put(key.spelling(), value);
      } else {
        if (!fields.isEmpty()) {
          return null;
        }
        members.add(key.spelling());
      }
      comma = takes(',');
    }
  }

  private Literal string() {
    char quote = text.charAt(at++);
    var read = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == quote) {
        return new Text(read.toString());
      }
      if (c == '\\' && at < text.length()) {
        escaped(text.charAt(at++), read);
      } else {
        read.append(c);
      }
    }
    return null;
  }

  private void escaped(char c, StringBuilder read) {
    switch (c) {
      case 'n' -> read.append('\n');
      case 't' -> read.append('\t');
      case 'r' -> read.append('\r');
      case 'b' -> read.append('\b');
      case 'f' -> read.append('\f');
      case '\\', '\'', '"', '/' -> read.append(c);
      case 'x' -> coded(2, c, read);
      case 'u' -> coded(4, c, read);
      // As Python does with what it does not know.
      default -> read.append('\\').append(c);
    }
  }

  private void coded(int digits, char c, StringBuilder read) {
    int end = at + digits;
    int code = 0;
    for (int i = at; i < end; i++) {
      int digit = i < text.length() ? Character.digit(text.charAt(i), 16) : -1;
      if (digit < 0) {
        read.append('\\').append(c);
        return;
      }
      code = code * 16 + digit;
    }
    read.append((char) code);
    at = end;
  }

  private Literal atom() {
    Matcher word = WORD.matcher(text).region(at, text.length());
    if (word.lookingAt()) {
      String spelling = ATOMS.get(word.group());
      if (spelling != null) {
        at = word.end();
      }
      return spelling == null ? null : new Atom(spelling);
    }
    Matcher number = NUMBER.matcher(text).region(at, text.length());
    if (!number.lookingAt() || number.end() - number.start() > LONGEST_NUMBER) {
      return null;
    }
    String spelling = number(number.group());
    if (spelling == null) {
      return null;
    }
    at = number.end();
    return new Atom(spelling);
  }

  /** A number in one spelling; null where its exponent is beyond all numbers. */
  static String number(String written) {
    BigDecimal value;
    try {
      value = new BigDecimal(written).stripTrailingZeros();
    } catch (ArithmeticException | NumberFormatException e) {
      return null;
    }
    if (value.signum() == 0) {
      return "0";
    }
    return Math.abs((long) value.scale()) > MOST_ZEROS ? value.toString() : value.toPlainString();
  }

  private void skip() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private boolean takes(char wanted) {
    skip();
    if (at < text.length() && text.charAt(at) == wanted) {
      at++;
      return true;
    }
    return false;
  }
}
