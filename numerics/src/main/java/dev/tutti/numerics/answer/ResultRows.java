package dev.tutti.numerics.answer;

import dev.tutti.numerics.answer.Literal.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What running a query gave: its rows, each the list of its values. */
public final class ResultRows {

  private static final Pattern QUOTED = Pattern.compile("'(?:[^']|'')*+'|\"[^\"]*+\"|`[^`]*+`");

  private ResultRows() {}

  /**
   * The rows in one spelling: numbers by their value, texts as they are.
   *
   * @param rows each a list as JSON writes it
   * @param ordered whether their order says something; else equal rows in any order are equal, each
   *     as often as it is there
   * @throws IllegalArgumentException where a row is no list; its place is told
   */
  public static String spelled(List<String> rows, boolean ordered) {
    var spelled = new ArrayList<String>();
    for (int i = 0; i < rows.size(); i++) {
      Optional<String> row =
          LiteralReader.whole(rows.get(i))
              .filter(value -> value instanceof Sequence list && !list.tuple())
              .map(Literal::spelling);
      if (row.isEmpty()) {
        throw new IllegalArgumentException("Row %d is no list of values.".formatted(i));
      }
      spelled.add(row.get());
    }
    if (!ordered) {
      spelled.sort(null);
    }
    return "[" + String.join(",", spelled) + "]";
  }

  /** Whether the query that a text gives says itself in which order its rows come. */
  public static boolean isOrdered(String text) {
    return CodeAnswer.sql(text).map(ResultRows::ordersItsRows).orElse(false);
  }

  /** An order within brackets is that of a part, or of a window. */
  private static boolean ordersItsRows(String query) {
    int depth = 0;
    String before = "";
    for (String token : QUOTED.matcher(query).replaceAll("?").split(" ")) {
      depth += token.equals("(") ? 1 : token.equals(")") ? -1 : 0;
      if (depth == 0 && before.equals("order") && token.equals("by")) {
        return true;
      }
      before = token;
    }
    return false;
  }
}
