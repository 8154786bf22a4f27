package dev.tutti.kit.settings;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.method.v1.SettingDescription;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The settings of a method: a record whose components carry {@link Setting}, with an instance that
 * holds the defaults. Names are the components' in snake_case. The record's compact constructor may
 * throw {@link IllegalArgumentException} on what no single range can say. Immutable.
 *
 * @param <S> the record
 */
public final class SettingsSchema<S extends Record> {

  private final Class<S> type;
  private final Map<String, Field> fields = new LinkedHashMap<>();

  private record Field(
      RecordComponent component, Setting setting, SettingKind kind, Object fallback) {}

  private SettingsSchema(S defaults, Class<S> type) {
    this.type = type;
    for (RecordComponent component : type.getRecordComponents()) {
      Setting setting = component.getAnnotation(Setting.class);
      if (setting == null) {
        throw new IllegalStateException(component + " of " + type.getName() + " lacks @Setting");
      }
      fields.put(
          snakeCase(component.getName()),
          new Field(component, setting, SettingKind.of(component), read(component, defaults)));
    }
  }

  /**
   * The schema of a settings record.
   *
   * @param defaults an instance that holds the defaults
   */
  @SuppressWarnings("unchecked")
  public static <S extends Record> SettingsSchema<S> of(S defaults) {
    return new SettingsSchema<>(defaults, (Class<S>) defaults.getClass());
  }

  /**
   * The record that a struct says; what the struct leaves out takes its default.
   *
   * @throws SettingsException on an unknown name, a wrong type, or a value out of its range
   */
  public S parse(Struct struct) {
    for (String name : struct.getFieldsMap().keySet()) {
      if (!fields.containsKey(name)) {
        throw SettingsException.unknown(name, fields.keySet());
      }
    }
    var values = new ArrayList<Object>();
    for (var entry : fields.entrySet()) {
      Field field = entry.getValue();
      Value value = struct.getFieldsMap().get(entry.getKey());
      values.add(
          value == null
              ? field.fallback()
              : field.kind().parse(entry.getKey(), value, field.component(), field.setting()));
    }
    return construct(values);
  }

  /** The settings as a struct, every name given; the inverse of {@link #parse}. */
  public Struct format(S settings) {
    Struct.Builder struct = Struct.newBuilder();
    fields.forEach(
        (name, field) -> struct.putFields(name, toValue(read(field.component(), settings))));
    return struct.build();
  }

  /**
   * These settings with every name given, for a decision's inputs.
   *
   * @throws SettingsException as {@link #parse} does
   */
  public Struct complete(Struct struct) {
    return format(parse(struct));
  }

  /** What each setting is, in the order of the record. */
  public List<SettingDescription> describe() {
    var descriptions = new ArrayList<SettingDescription>();
    fields.forEach(
        (name, field) -> {
          Setting setting = field.setting();
          SettingDescription.Builder description =
              SettingDescription.newBuilder()
                  .setName(name)
                  .setType(field.kind().type())
                  .setDefaultValue(toValue(field.fallback()))
                  .setUnit(setting.unit())
                  .setHelp(setting.help())
                  .addAllAllowed(SettingKind.choices(field.component()));
          if (Double.isFinite(setting.min())) {
            description.setMinimum(setting.min());
          }
          if (Double.isFinite(setting.max())) {
            description.setMaximum(setting.max());
          }
          descriptions.add(description.build());
        });
    return List.copyOf(descriptions);
  }

  /** Names of the settings, in the order of the record. */
  public List<String> names() {
    return List.copyOf(fields.keySet());
  }

  /**
   * The record that those of a struct's settings say which are of this schema; the others are
   * somebody else's.
   *
   * @throws SettingsException as {@link #parse} does
   */
  public S parseOwn(Struct struct) {
    Struct.Builder own = Struct.newBuilder();
    struct
        .getFieldsMap()
        .forEach(
            (name, value) -> {
              if (fields.containsKey(name)) {
                own.putFields(name, value);
              }
            });
    return parse(own.build());
  }

  private S construct(List<Object> values) {
    Class<?>[] types =
        fields.values().stream().map(f -> f.component().getType()).toArray(Class<?>[]::new);
    try {
      var constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values.toArray());
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException wrong) {
        throw new SettingsException("", wrong.getMessage());
      }
      throw new IllegalStateException(type + " cannot be made", e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " cannot be made", e);
    }
  }

  private static Object read(RecordComponent component, Object record) {
    try {
      var accessor = component.getAccessor();
      accessor.setAccessible(true);
      return accessor.invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(component + " cannot be read", e);
    }
  }

  private static Value toValue(Object value) {
    return switch (value) {
      case Boolean b -> Value.newBuilder().setBoolValue(b).build();
      case OptionalDouble o when o.isEmpty() ->
          Value.newBuilder().setNullValue(NullValue.NULL_VALUE).build();
      case OptionalDouble o -> Value.newBuilder().setNumberValue(o.getAsDouble()).build();
      case Number n -> Value.newBuilder().setNumberValue(n.doubleValue()).build();
      case Enum<?> e -> Value.newBuilder().setStringValue(SettingKind.choice(e)).build();
      case List<?> list -> {
        ListValue.Builder values = ListValue.newBuilder();
        list.forEach(element -> values.addValues(toValue(element)));
        yield Value.newBuilder().setListValue(values).build();
      }
      default -> Value.newBuilder().setStringValue(value.toString()).build();
    };
  }

  static String snakeCase(String name) {
    return name.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
  }
}
