package dev.tutti.registry;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.google.protobuf.ProtocolMessageEnum;
import dev.tutti.job.v1.JobState;
import dev.tutti.learning.v1.ArtifactAction;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.SettingType;
import dev.tutti.registry.v1.CostUnit;
import dev.tutti.registry.v1.KeyScope;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Runtime;
import dev.tutti.registry.v1.Unserved;
import dev.tutti.router.v1.DecisionFailure;
import dev.tutti.router.v1.FeedbackSource;
import dev.tutti.type.v1.Capability;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The contracts' enums in JSON: {@code CAPABILITY_FULL_DISTRIBUTION} is "full_distribution"; the
 * unspecified constant is no value.
 */
public final class ContractEnums extends SimpleModule {

  /** All that appear in the REST. */
  public ContractEnums() {
    add(Capability.class);
    add(Lifecycle.class);
    add(Runtime.class);
    add(Unserved.class);
    add(Family.class);
    add(SettingType.class);
    add(CostUnit.class);
    add(KeyScope.class);
    add(JobState.class);
    add(ArtifactAction.class);
    add(DecisionFailure.class);
    add(FeedbackSource.class);
  }

  /** The constant without its type's prefix, in lower case. */
  public static <E extends Enum<E> & ProtocolMessageEnum> String word(E constant) {
    String prefix = constant.getDeclaringClass().getSimpleName();
    // SettingType -> SETTING_TYPE_
    int length = prefix.replaceAll("([a-z])([A-Z])", "$1_$2").length() + 1;
    return constant.name().substring(length).toLowerCase(Locale.ROOT);
  }

  /** The constants that are values, by word. */
  public static <E extends Enum<E> & ProtocolMessageEnum> Map<String, E> words(Class<E> type) {
    var words = new LinkedHashMap<String, E>();
    Arrays.stream(type.getEnumConstants())
        .filter(c -> !c.name().equals("UNRECOGNIZED") && c.getNumber() != 0)
        .forEach(c -> words.put(word(c), c));
    return words;
  }

  private <E extends Enum<E> & ProtocolMessageEnum> void add(Class<E> type) {
    Map<String, E> words = words(type);
    addSerializer(
        type,
        new StdSerializer<E>(type) {
          @Override
          public void serialize(E value, JsonGenerator json, SerializerProvider provider)
              throws IOException {
            json.writeString(word(value));
          }
        });
    addDeserializer(
        type,
        new StdDeserializer<E>(type) {
          @Override
          public E deserialize(JsonParser json, DeserializationContext context) throws IOException {
            if (json.currentToken() != JsonToken.VALUE_STRING) {
              return type.cast(context.handleUnexpectedToken(type, json));
            }
            E value = words.get(json.getText());
            if (value == null) {
              throw context.weirdStringException(
                  json.getText(), type, "allowed: " + String.join(", ", words.keySet()));
            }
            return value;
          }
        });
  }
}
