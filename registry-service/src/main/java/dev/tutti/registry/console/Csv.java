package dev.tutti.registry.console;

import dev.tutti.registry.Refusal;
import dev.tutti.registry.api.GatheredPage;
import dev.tutti.registry.api.MethodList.MissingService;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A table as CSV (RFC 4180): all of it, page after page. */
final class Csv {

  /** What it is called on the wire. */
  static final String MEDIA_TYPE = "text/csv";

  private Csv() {}

  /**
   * A part of a table.
   *
   * @param next gives the next part; null at the end
   */
  record Part<T>(List<T> rows, String next) {

    /**
     * A part of what all services have.
     *
     * @throws dev.tutti.registry.RefusedException {@link Refusal.Unavailable} where one could not
     *     be asked: in a file nobody would see that its rows are missing
     */
    static <T> Part<T> of(GatheredPage<T> page) {
      requireAll(page.unavailable());
      return new Part<>(page.items(), page.nextCursor());
    }
  }

  /**
   * Refuses a table that would lack something.
   *
   * @throws dev.tutti.registry.RefusedException {@link Refusal.Unavailable}
   */
  static void requireAll(List<MissingService> unavailable) {
    if (!unavailable.isEmpty()) {
      throw new Refusal.Unavailable(
              "%s cannot be asked now."
                  .formatted(
                      unavailable.stream()
                          .map(MissingService::service)
                          .collect(Collectors.joining(", "))))
          .exception();
    }
  }

  /**
   * A table.
   *
   * @param name of the file, without its ending
   * @param parts gives by a cursor, null for the first, a part; asked for the first one before
   *     anything is answered, so that what it refuses is told
   * @param cells of a row; null for an empty cell
   */
  static <T> Response of(
      String name,
      List<String> columns,
      Function<String, Part<T>> parts,
      Function<T, List<Object>> cells) {
    Part<T> first = parts.apply(null);
    StreamingOutput body =
        out -> {
          var writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
          line(writer, columns);
          Part<T> part = first;
          while (true) {
            for (T row : part.rows()) {
              line(writer, cells.apply(row));
            }
            if (part.next() == null) {
              break;
            }
            part = parts.apply(part.next());
          }
          writer.flush();
        };
    return Response.ok(body, MEDIA_TYPE + "; charset=UTF-8")
        .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"%s.csv\"".formatted(name))
        .build();
  }

  private static void line(Writer writer, List<?> cells) throws IOException {
    for (int i = 0; i < cells.size(); i++) {
      writer.append(i == 0 ? "" : ",").append(cell(cells.get(i)));
    }
    writer.append("\r\n");
  }

  /** Text that a spreadsheet would take for a formula is kept from it by an apostrophe. */
  static String cell(Object value) {
    if (value == null) {
      return "";
    }
    String text = value.toString();
    if (!(value instanceof Number) && !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0) {
      text = "'" + text;
    }
    return text.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r')
        ? "\"" + text.replace("\"", "\"\"") + "\""
        : text;
  }
}
