package dev.tutti.learning;

import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.kit.settings.SettingsSchema;
import dev.tutti.method.v1.FitDescription;
import java.util.random.RandomGenerator;

/**
 * A method that is fitted to recorded outcomes before it answers anybody. Thread-safe.
 *
 * @param <D> what it learns from: recorded outcomes as its service reads them
 * @param <T> what it learns: what its service answers with
 * @param <S> settings of its fit
 */
public interface FittedMethod<D, T, S extends Record> {

  /** The field's own name in kebab-case, the same as in the catalog. */
  String name();

  /** Authors, year, where to find it. */
  String paper();

  /** Settings of its fit. */
  S defaults();

  /** How many members it can learn about. */
  Members members();

  /**
   * Learns.
   *
   * @param random the only source of chance: the same one learns the same
   * @throws IllegalArgumentException when the data are nothing that it can learn from
   * @throws java.util.concurrent.CancellationException when the thread is interrupted
   */
  T fit(D data, S settings, RandomGenerator random);

  /**
   * What was learned, read back; it does bit for bit what was fitted.
   *
   * @throws IllegalArgumentException when the parameters are of another method
   */
  T read(Parameters parameters);

  /** Everything that was learned. */
  Parameters parameters(T learned);

  /**
   * Refuses settings that cannot work together.
   *
   * @param live whether members are asked live, for money
   * @throws dev.tutti.kit.settings.SettingsException with the setting
   */
  default void requireSettings(S settings, boolean live) {}

  /** Whether its fit can ask members live, where it is given money for that. */
  default boolean asksMembers() {
    return false;
  }

  /** As {@code MethodService.List} tells of its fit. */
  default FitDescription describe() {
    return FitDescription.newBuilder()
        .addAllSettings(SettingsSchema.of(defaults()).describe())
        .setMinMembers(members().least())
        .setMaxMembers(members().most())
        .build();
  }
}
