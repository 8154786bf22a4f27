package dev.tutti.kit.testing;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.method.v1.SettingDescription;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Settings by chance, for contract tests: what holds for the defaults must hold for every other
 * setting that is allowed too.
 */
public final class DrawnSettings {

  /** A number is drawn up to so many doublings and halvings away from its default. */
  private static final double DOUBLINGS = 3;

  private static final double BOUND_SHARE = 0.1;

  private DrawnSettings() {}

  /**
   * Every number, whole number, choice and boolean within its bounds, now and then the least that
   * is allowed; texts and lists stay at their default. Numbers lie around their default, so that no
   * draw asks for a million rounds because a million is allowed.
   *
   * @return may still be refused, where one setting bounds another
   */
  public static Struct draw(List<SettingDescription> settings, RandomGenerator random) {
    Struct.Builder drawn = Struct.newBuilder();
    for (SettingDescription setting : settings) {
      value(setting, random).ifPresent(value -> drawn.putFields(setting.getName(), value));
    }
    return drawn.build();
  }

  private static Optional<Value> value(SettingDescription setting, RandomGenerator random) {
    return switch (setting.getType()) {
      case SETTING_TYPE_BOOLEAN ->
          Optional.of(Value.newBuilder().setBoolValue(random.nextBoolean()).build());
      case SETTING_TYPE_CHOICE ->
          Optional.of(
              Value.newBuilder()
                  .setStringValue(setting.getAllowed(random.nextInt(setting.getAllowedCount())))
                  .build());
      case SETTING_TYPE_INTEGER, SETTING_TYPE_NUMBER ->
          setting.getDefaultValue().hasNumberValue()
              ? Optional.of(Value.newBuilder().setNumberValue(number(setting, random)).build())
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static double number(SettingDescription setting, RandomGenerator random) {
    double least = setting.hasMinimum() ? setting.getMinimum() : Double.NEGATIVE_INFINITY;
    double most = setting.hasMaximum() ? setting.getMaximum() : Double.POSITIVE_INFINITY;
    boolean whole = setting.getType() == dev.tutti.method.v1.SettingType.SETTING_TYPE_INTEGER;
    if (setting.hasMinimum() && random.nextDouble() < BOUND_SHARE) {
      return whole ? Math.ceil(least) : least;
    }
    double usual = setting.getDefaultValue().getNumberValue();
    double factor = Math.pow(2, DOUBLINGS * (2 * random.nextDouble() - 1));
    double drawn =
        most <= 1 && least >= 0
            ? least + (most - least) * random.nextDouble()
            : usual == 0 ? (whole ? random.nextInt(4) : random.nextDouble()) : usual * factor;
    drawn = Math.clamp(drawn, least, most);
    return whole ? Math.clamp(Math.rint(drawn), Math.ceil(least), Math.floor(most)) : drawn;
  }
}
