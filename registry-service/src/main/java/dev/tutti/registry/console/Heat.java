package dev.tutti.registry.console;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * Numbers in rows and columns, the greater the darker.
 *
 * @param columns what is above each
 * @param rows in their order
 */
public record Heat(List<String> columns, List<Row> rows) {

  private static final int SHADES = 5;

  /** Columns that a page has room for. */
  private static final int MOST = 64;

  /** A row and what is beside it. */
  public record Row(String title, List<Cell> cells) {}

  /**
   * A number.
   *
   * @param text it, or a dash
   * @param shade 0 (least) to 5
   */
  public record Cell(String text, int shade) {}

  /** How alike the answers of a fusion are, each with each; null where nobody told. */
  static Heat similarity(Struct inputs) {
    Struct told =
        inputs.getFieldsOrDefault("similarity", Value.getDefaultInstance()).getStructValue();
    List<String> members =
        list(told, "members").getValuesList().stream().map(Value::getStringValue).toList();
    List<Value> rows = list(told, "rows").getValuesList();
    if (members.isEmpty() || members.size() != rows.size() || members.size() > MOST) {
      return null;
    }
    var all = new ArrayList<Row>();
    for (int i = 0; i < rows.size(); i++) {
      all.add(
          new Row(
              members.get(i),
              rows.get(i).getListValue().getValuesList().stream()
                  .map(value -> cell(value, value.getNumberValue()))
                  .toList()));
    }
    return new Heat(members, all);
  }

  /**
   * What members that write together thought of the first tokens, spans or steps: the probability
   * that each gave it; null where nobody told.
   */
  static Heat opinions(Struct inputs) {
    return told(inputs, "members", true);
  }

  /** The rewards that members gave to the same; null where nobody told. */
  static Heat rewards(Struct inputs) {
    return told(inputs, "rewards", false);
  }

  private static Heat told(Struct inputs, String field, boolean logarithms) {
    List<Value> opinions = list(inputs, "opinions").getValuesList();
    var members = new LinkedHashSet<String>();
    opinions.forEach(its -> members.addAll(struct(its, field).getFieldsMap().keySet()));
    if (members.isEmpty() || members.size() > MOST) {
      return null;
    }
    var rows = new ArrayList<Row>();
    for (Value its : opinions) {
      var cells = new ArrayList<Cell>();
      for (String member : members) {
        Value value = struct(its, field).getFieldsOrDefault(member, Value.getDefaultInstance());
        cells.add(
            cell(value, logarithms ? Math.exp(value.getNumberValue()) : value.getNumberValue()));
      }
      rows.add(new Row(text(its), cells));
    }
    return new Heat(List.copyOf(members), rows);
  }

  /** Line ends and tabs can be seen. */
  private static String text(Value opinion) {
    return opinion
        .getStructValue()
        .getFieldsOrDefault("token", Value.getDefaultInstance())
        .getStringValue()
        .replace("\n", "\\n")
        .replace("\t", "\\t");
  }

  private static Cell cell(Value told, double number) {
    return told.hasNumberValue() && Double.isFinite(number)
        ? new Cell(Axis.shown(number), (int) Math.round(Math.clamp(number, 0, 1) * SHADES))
        : new Cell("-", 0);
  }

  private static ListValue list(Struct struct, String field) {
    return struct.getFieldsOrDefault(field, Value.getDefaultInstance()).getListValue();
  }

  private static Struct struct(Value value, String field) {
    return value
        .getStructValue()
        .getFieldsOrDefault(field, Value.getDefaultInstance())
        .getStructValue();
  }
}
