package dev.tutti.numerics.answer;

import dev.tutti.numerics.answer.Literal.Fields;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The fields of the object that a text gives. */
public final class ObjectFields {

  private ObjectFields() {}

  /**
   * The fields, those of objects within it too; empty where the text gives no object.
   *
   * @return each field's value as {@link AnswerForm#LITERAL} spells it, by its path, {@code
   *     "a"."b"}; a list is one value, and so is an object without fields
   */
  public static Optional<SortedMap<String, String>> of(String text) {
    return LiteralAnswer.json(text)
        .filter(Fields.class::isInstance)
        .map(
            object -> {
              var fields = new TreeMap<String, String>();
              add("", (Fields) object, fields);
              return fields;
            });
  }

  private static void add(String path, Fields object, SortedMap<String, String> fields) {
    object
        .values()
        .forEach(
            (name, value) -> {
              if (value instanceof Fields inner && !inner.values().isEmpty()) {
                add(path + name + ".", inner, fields);
              } else {
                fields.put(path + name, value.spelling());
              }
            });
  }
}
