package dev.tutti.registry.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.regex.Pattern;

/** Puts what was typed into a document as the REST takes it; what is blank is left out. */
final class Documents {

  /** A number as JSON writes it; of an exponent beyond this the REST would say the same. */
  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?");

  private static final Pattern WHOLE = Pattern.compile("-?(0|[1-9][0-9]{0,40})");

  private Documents() {}

  static void text(ObjectNode document, String field, String typed) {
    if (typed != null) {
      document.put(field, typed);
    }
  }

  /** What is no number goes as the text that it is, for the REST to refuse. */
  static void number(ObjectNode document, String field, String typed) {
    if (typed != null) {
      document.set(field, number(typed));
    }
  }

  /** The number that was typed, or the text. */
  static JsonNode number(String typed) {
    if (WHOLE.matcher(typed).matches()) {
      return JsonNodeFactory.instance.numberNode(new BigInteger(typed));
    }
    return NUMBER.matcher(typed).matches()
        ? JsonNodeFactory.instance.numberNode(new BigDecimal(typed))
        : JsonNodeFactory.instance.textNode(typed);
  }

  static void list(ObjectNode document, String field, List<String> typed) {
    if (!typed.isEmpty()) {
      var list = document.putArray(field);
      typed.forEach(list::add);
    }
  }
}
