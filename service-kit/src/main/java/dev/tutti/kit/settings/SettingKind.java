package dev.tutti.kit.settings;

import com.google.protobuf.TextFormat;
import com.google.protobuf.Value;
import dev.tutti.method.v1.SettingType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** The Java types that a setting can have, and how each is read from a protobuf value. */
enum SettingKind {
  BOOLEAN(SettingType.SETTING_TYPE_BOOLEAN, "true or false") {
    @Override
    Object parse(String name, Value value, RecordComponent component, Setting setting) {
      require(value.hasBoolValue(), name, value, setting);
      return value.getBoolValue();
    }
  },
  INTEGER(SettingType.SETTING_TYPE_INTEGER, "a whole number") {
    @Override
    Object parse(String name, Value value, RecordComponent component, Setting setting) {
      require(value.hasNumberValue(), name, value, setting);
      double number = inRange(name, value, setting);
      boolean wide = component.getType() == long.class;
      // Doubles hold whole numbers exactly up to 2^53.
      double limit = wide ? 0x1p53 : Integer.MAX_VALUE;
      require(number == Math.rint(number) && Math.abs(number) <= limit, name, value, setting);
      return wide ? (Object) (long) number : (Object) (int) number;
    }
  },
  NUMBER(SettingType.SETTING_TYPE_NUMBER, "a number") {
    @Override
    Object parse(String name, Value value, RecordComponent component, Setting setting) {
      require(value.hasNumberValue(), name, value, setting);
      return inRange(name, value, setting);
    }
  },
  OPTIONAL_NUMBER(SettingType.SETTING_TYPE_NUMBER, "a number or null") {
    @Override
    Object parse(String name, Value value, RecordComponent component, Setting setting) {
      if (value.hasNullValue()) {
        return OptionalDouble.empty();
      }
      require(value.hasNumberValue(), name, value, setting);
      return OptionalDouble.of(inRange(name, value, setting));
    }
  },
  TEXT(SettingType.SETTING_TYPE_TEXT, "text") {
    @Override
    Object parse(String name, Value value, RecordComponent component, Setting setting) {
      require(value.hasStringValue(), name, value, setting);
      return value.getStringValue();
    }
  },
  CHOICE(SettingType.SETTING_TYPE_CHOICE, "one of its choices") {
    @Override
    Object parse(String name, Value value, RecordComponent component, Setting setting) {
      for (Object constant : component.getType().getEnumConstants()) {
        if (value.hasStringValue() && choice((Enum<?>) constant).equals(value.getStringValue())) {
          return constant;
        }
      }
      throw new SettingsException(
          name,
          "%s is %s; allowed: %s."
              .formatted(name, show(value), String.join(", ", choices(component))));
    }
  },
  NUMBER_LIST(SettingType.SETTING_TYPE_NUMBER_LIST, "a list of numbers") {
    @Override
    Object parse(String name, Value value, RecordComponent component, Setting setting) {
      require(value.hasListValue(), name, value, setting);
      var numbers = new ArrayList<Double>();
      for (Value element : value.getListValue().getValuesList()) {
        require(element.hasNumberValue(), name, element, setting);
        numbers.add(inRange(name, element, setting));
      }
      return List.copyOf(numbers);
    }
  },
  TEXT_LIST(SettingType.SETTING_TYPE_TEXT_LIST, "a list of texts") {
    @Override
    Object parse(String name, Value value, RecordComponent component, Setting setting) {
      require(value.hasListValue(), name, value, setting);
      var texts = new ArrayList<String>();
      for (Value element : value.getListValue().getValuesList()) {
        require(element.hasStringValue(), name, element, setting);
        texts.add(element.getStringValue());
      }
      return List.copyOf(texts);
    }
  };

  private final SettingType type;
  private final String expected;

  SettingKind(SettingType type, String expected) {
    this.type = type;
    this.expected = expected;
  }

  SettingType type() {
    return type;
  }

  /** The Java value, boxed; throws {@link SettingsException} on another type or out of range. */
  abstract Object parse(String name, Value value, RecordComponent component, Setting setting);

  static SettingKind of(RecordComponent component) {
    Class<?> type = component.getType();
    if (type == boolean.class) {
      return BOOLEAN;
    }
    if (type == int.class || type == long.class) {
      return INTEGER;
    }
    if (type == double.class) {
      return NUMBER;
    }
    if (type == OptionalDouble.class) {
      return OPTIONAL_NUMBER;
    }
    if (type == String.class) {
      return TEXT;
    }
    if (type.isEnum()) {
      return CHOICE;
    }
    if (type == List.class && component.getGenericType() instanceof ParameterizedType list) {
      if (list.getActualTypeArguments()[0] == Double.class) {
        return NUMBER_LIST;
      }
      if (list.getActualTypeArguments()[0] == String.class) {
        return TEXT_LIST;
      }
    }
    throw new IllegalStateException("No setting can have the type of " + component);
  }

  static List<String> choices(RecordComponent component) {
    return component.getType().isEnum()
        ? Arrays.stream(component.getType().getEnumConstants())
            .map(constant -> choice((Enum<?>) constant))
            .toList()
        : List.of();
  }

  static String choice(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  void require(boolean condition, String name, Value value, Setting setting) {
    if (!condition) {
      throw new SettingsException(
          name, "%s is %s; it takes %s%s.".formatted(name, show(value), expected, range(setting)));
    }
  }

  double inRange(String name, Value value, Setting setting) {
    double number = value.getNumberValue();
    // Written so that NaN fails too.
    require(number >= setting.min() && number <= setting.max(), name, value, setting);
    return number;
  }

  private static String range(Setting setting) {
    boolean below = Double.isFinite(setting.min());
    boolean above = Double.isFinite(setting.max());
    String unit = setting.unit().isEmpty() ? "" : " " + setting.unit();
    if (below && above) {
      return " from %s to %s%s".formatted(number(setting.min()), number(setting.max()), unit);
    }
    if (below) {
      return " of at least %s%s".formatted(number(setting.min()), unit);
    }
    return above ? " of at most %s%s".formatted(number(setting.max()), unit) : unit;
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  private static String show(Value value) {
    String shown =
        switch (value.getKindCase()) {
          case NUMBER_VALUE -> number(value.getNumberValue());
          case STRING_VALUE -> "'" + value.getStringValue() + "'";
          case BOOL_VALUE -> Boolean.toString(value.getBoolValue());
          case NULL_VALUE, KIND_NOT_SET -> "null";
          case LIST_VALUE, STRUCT_VALUE ->
              TextFormat.printer().emittingSingleLine(true).printToString(value);
        };
    return shown.length() > 100 ? shown.substring(0, 100) + "…" : shown;
  }
}
