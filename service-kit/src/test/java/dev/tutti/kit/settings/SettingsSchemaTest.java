package dev.tutti.kit.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.method.v1.SettingType;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class SettingsSchemaTest {

  enum Flavour {
    SWEET,
    VERY_SOUR
  }

  record Settings(
      @Setting(help = "A threshold.", min = 0, max = 1, unit = "nats") double threshold,
      @Setting(help = "A count.", min = 1) int maxSteps,
      @Setting(help = "A seed.") long seed,
      @Setting(help = "A switch.") boolean greedy,
      @Setting(help = "A choice.") Flavour flavour,
      @Setting(help = "A name.") String name,
      @Setting(help = "Weights.", min = 0) List<Double> weights,
      @Setting(help = "Words.") List<String> words,
      @Setting(help = "Maybe.") OptionalDouble maybe) {

    static final Settings DEFAULTS =
        new Settings(
            0.5, 3, 7, true, Flavour.SWEET, "x", List.of(1.0), List.of(), OptionalDouble.empty());

    Settings {
      if (maxSteps == 13) {
        throw new IllegalArgumentException("max_steps is 13, which brings bad luck");
      }
    }
  }

  private final SettingsSchema<Settings> schema = SettingsSchema.of(Settings.DEFAULTS);

  @Test
  void whatIsLeftOutTakesItsDefault() {
    assertEquals(Settings.DEFAULTS, schema.parse(Struct.getDefaultInstance()));
    assertEquals(schema.format(Settings.DEFAULTS), schema.complete(Struct.getDefaultInstance()));
  }

  @Test
  void everyTypeIsReadAndWrittenBack() {
    Settings settings =
        new Settings(
            0.25,
            2,
            1L << 52,
            false,
            Flavour.VERY_SOUR,
            "y",
            List.of(0.5, 2.0),
            List.of("a", "b"),
            OptionalDouble.of(-1));
    assertEquals(settings, schema.parse(schema.format(settings)));
    assertEquals(
        Settings.DEFAULTS,
        schema.parse(
            struct("maybe", Value.newBuilder().setNullValue(NullValue.NULL_VALUE).build())));
  }

  @Test
  void anUnknownNameIsRefusedWithTheKnownOnes() {
    SettingsException e = refused("treshold", number(0.5));
    assertEquals("treshold", e.setting());
    assertTrue(e.getMessage().contains("'treshold'"), e.getMessage());
    assertTrue(e.getMessage().contains("threshold, max_steps"), e.getMessage());
  }

  @Test
  void aWrongValueIsNamedWithWhatIsAllowed() {
    assertEquals(
        "threshold is 1.5; it takes a number from 0 to 1 nats.",
        refused("threshold", number(1.5)).getMessage());
    assertEquals(
        "max_steps is 0; it takes a whole number of at least 1.",
        refused("max_steps", number(0)).getMessage());
    assertEquals(
        "flavour is 'bitter'; allowed: sweet, very_sour.",
        refused("flavour", text("bitter")).getMessage());
    assertEquals(
        "greedy is 'yes'; it takes true or false.", refused("greedy", text("yes")).getMessage());
    refused("threshold", number(Double.NaN));
    refused("threshold", text("0.5"));
    refused("max_steps", number(1.5));
    refused("max_steps", number(1e12));
    refused("seed", number(Double.POSITIVE_INFINITY));
    refused("weights", number(1));
    refused("weights", list(number(-1)));
    refused("words", list(number(1)));
    refused("name", number(1));
  }

  @Test
  void theRecordsOwnCheckIsHeard() {
    assertEquals(
        "max_steps is 13, which brings bad luck", refused("max_steps", number(13)).getMessage());
  }

  @Test
  void theDescriptionTellsTypeDefaultAndRange() {
    var threshold = schema.describe().getFirst();
    assertEquals("threshold", threshold.getName());
    assertEquals(SettingType.SETTING_TYPE_NUMBER, threshold.getType());
    assertEquals(0.5, threshold.getDefaultValue().getNumberValue());
    assertEquals(0, threshold.getMinimum());
    assertEquals(1, threshold.getMaximum());
    assertEquals("nats", threshold.getUnit());
    var flavour = schema.describe().get(4);
    assertEquals(List.of("sweet", "very_sour"), flavour.getAllowedList());
    assertEquals("sweet", flavour.getDefaultValue().getStringValue());
    assertTrue(schema.describe().getLast().getDefaultValue().hasNullValue());
  }

  @Test
  void aRecordWithoutDescriptionsIsAProgrammersFault() {
    record Bare(int x) {}
    assertThrows(IllegalStateException.class, () -> SettingsSchema.of(new Bare(1)));
  }

  private SettingsException refused(String name, Value value) {
    return assertThrows(SettingsException.class, () -> schema.parse(struct(name, value)));
  }

  private static Struct struct(String name, Value value) {
    return Struct.newBuilder().putFields(name, value).build();
  }

  private static Value number(double value) {
    return Value.newBuilder().setNumberValue(value).build();
  }

  private static Value text(String value) {
    return Value.newBuilder().setStringValue(value).build();
  }

  private static Value list(Value... values) {
    ListValue.Builder list = ListValue.newBuilder();
    for (Value value : values) {
      list.addValues(value);
    }
    return Value.newBuilder().setListValue(list).build();
  }
}
