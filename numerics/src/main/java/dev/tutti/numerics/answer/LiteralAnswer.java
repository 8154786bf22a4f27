package dev.tutti.numerics.answer;

import dev.tutti.numerics.answer.Literal.Fields;
import dev.tutti.numerics.answer.Literal.Sequence;
import dev.tutti.numerics.answer.Literal.Text;
import dev.tutti.numerics.answer.LiteralReader.Found;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The value of Python or JSON that a text gives: lists, tuples, sets, dictionaries and objects,
 * strings with their case and punctuation, numbers by their value, True and true, None and null.
 */
final class LiteralAnswer {

  /** Longer texts are no such answers; it also bounds the work. */
  static final int LONGEST = 65_536;

  private static final int MOST_TRIES = 16;

  private LiteralAnswer() {}

  /**
   * The value that the whole text is, else the marked one ({@link AnswerMark}), else that of its
   * last block of code, else the last list, tuple, set or object in it, else, of one line, the line
   * as a string that somebody wrote without quotes. A text of more than {@value #LONGEST}
   * characters gives none.
   */
  static Optional<String> canonical(String text) {
    return container(text, false)
        .map(Literal::spelling)
        .or(() -> line(text).map(line -> new Text(line).spelling()));
  }

  /** The same, of lists and objects alone; no line is a string. */
  static Optional<Literal> json(String text) {
    return container(text, true).filter(Literal::isContainer);
  }

  /** Whether the text says on purpose that such a value, one that holds others, is the answer. */
  static boolean isPlain(String text) {
    return onPurpose(text).filter(Literal::isContainer).isPresent();
  }

  /**
   * A call of a tool, or a list of such: an object with {@code name} and {@code arguments} (or
   * {@code parameters}; an object, or a text that is one), alone or as {@code function}; spelled as
   * objects with these two fields alone, several as a list in any order.
   */
  static Optional<String> toolCalls(String text) {
    return json(text)
        .flatMap(
            value -> {
              List<Literal> each = value instanceof Sequence all ? all.values() : List.of(value);
              var calls = new ArrayList<String>();
              for (Literal one : each) {
                Optional<String> call = call(one);
                if (call.isEmpty()) {
                  return Optional.empty();
                }
                calls.add(call.get());
              }
              calls.sort(null);
              return switch (calls.size()) {
                case 0 -> Optional.empty();
                case 1 -> Optional.of(calls.getFirst());
                default -> Optional.of("[" + String.join(",", calls) + "]");
              };
            });
  }

  private static Optional<String> call(Literal value) {
    if (!(value instanceof Fields object)) {
      return Optional.empty();
    }
    if (object.values().get("\"function\"") instanceof Fields function) {
      return call(function);
    }
    Literal arguments =
        object.values().getOrDefault("\"arguments\"", object.values().get("\"parameters\""));
    if (arguments instanceof Text written) {
      arguments = LiteralReader.whole(written.text()).orElse(written);
    }
    if (!(object.values().get("\"name\"") instanceof Text name)) {
      return Optional.empty();
    }
    var call = new TreeMap<String, Literal>();
    call.put("\"name\"", name);
    call.put("\"arguments\"", arguments == null ? new Fields(new TreeMap<>()) : arguments);
    return Optional.of(new Fields(call).spelling());
  }

  private static Optional<Literal> container(String text, boolean holding) {
    if (text.length() > LONGEST) {
      return Optional.empty();
    }
    return onPurpose(text).filter(value -> !holding || value.isContainer()).or(() -> last(text));
  }

  private static Optional<Literal> onPurpose(String text) {
    if (text.length() > LONGEST) {
      return Optional.empty();
    }
    Optional<Literal> whole = LiteralReader.whole(bare(text));
    if (whole.isPresent()) {
      return whole;
    }
    for (String part : AnswerMark.marked(text)) {
      Optional<Literal> marked = LiteralReader.whole(bare(part));
      if (marked.isPresent()) {
        return marked;
      }
    }
    return CodeBlock.last(text).flatMap(block -> LiteralReader.whole(block.content()));
  }

  /** Without what stands around a value: back quotes, stars, a full stop behind it. */
  private static String bare(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && isAround(text.charAt(start)) && text.charAt(start) != '.') {
      start++;
    }
    while (end > start && isAround(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  private static boolean isAround(char c) {
    return Character.isWhitespace(c) || c == '`' || c == '*' || c == '.';
  }

  /** The last list or object; the search ends where too many brackets begin none. */
  private static Optional<Literal> last(String text) {
    Optional<Literal> last = Optional.empty();
    int tries = 0;
    int at = 0;
    while (at < text.length() && tries < MOST_TRIES) {
      char c = text.charAt(at);
      boolean index = at > 0 && isName(text.charAt(at - 1));
      if (index || c != '[' && c != '{') {
        at++;
        continue;
      }
      tries++;
      Optional<Found> found = LiteralReader.at(text, at);
      if (found.isPresent()) {
        last = Optional.of(found.get().value());
        at = found.get().end();
        tries = 0;
      } else {
        at++;
      }
    }
    return last;
  }

  /** Of what comes before an index: {@code x[0]} is no list. */
  private static boolean isName(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == ')' || c == ']';
  }

  private static Optional<String> line(String text) {
    String part = AnswerMark.marked(text).stream().findFirst().orElse(text).strip();
    return part.isEmpty() || part.indexOf('\n') >= 0 || text.length() > LONGEST
        ? Optional.empty()
        : Optional.of(part);
  }
}
