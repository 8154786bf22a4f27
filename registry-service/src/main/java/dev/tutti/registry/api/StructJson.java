package dev.tutti.registry.api;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.LinkedHashMap;
import java.util.Map;

/** A struct of the contracts as what Jackson writes; whole numbers without a fraction. */
public final class StructJson {

  private static final double LARGEST_WHOLE = 1L << 53;

  private StructJson() {}

  /** Its fields, in their order. */
  public static Map<String, Object> of(Struct struct) {
    var map = new LinkedHashMap<String, Object>();
    struct.getFieldsMap().forEach((name, value) -> map.put(name, of(value)));
    return map;
  }

  /** Its value; null for null. */
  public static Object of(Value value) {
    return switch (value.getKindCase()) {
      case NULL_VALUE, KIND_NOT_SET -> null;
      case NUMBER_VALUE -> number(value.getNumberValue());
      case STRING_VALUE -> value.getStringValue();
      case BOOL_VALUE -> value.getBoolValue();
      case STRUCT_VALUE -> of(value.getStructValue());
      case LIST_VALUE -> list(value.getListValue());
    };
  }

  private static Object list(ListValue list) {
    return list.getValuesList().stream().map(StructJson::of).toList();
  }

  private static Object number(double number) {
    if (number == Math.rint(number) && Math.abs(number) <= LARGEST_WHOLE) {
      return (long) number;
    }
    return number;
  }
}
