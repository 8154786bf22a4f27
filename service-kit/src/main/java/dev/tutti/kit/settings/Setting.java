package dev.tutti.kit.settings;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Describes one component of a method's {@code Settings} record; {@link SettingsSchema} reads it.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {

  /** What it does, in a sentence. */
  String help();

  /** Least allowed number, inclusive; of each element of a list. */
  double min() default Double.NEGATIVE_INFINITY;

  /** Greatest allowed number, inclusive; of each element of a list. */
  double max() default Double.POSITIVE_INFINITY;

  /** Unit of the number, e.g. {@code nats}; empty where it has none. */
  String unit() default "";
}
