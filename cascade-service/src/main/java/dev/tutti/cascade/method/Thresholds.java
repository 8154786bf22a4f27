package dev.tutti.cascade.method;

import dev.tutti.kit.settings.SettingsException;
import java.util.List;

/**
 * At which confidence members' answers are taken, as the setting {@code thresholds} says it.
 *
 * @param values one for each member but the last, or one for all of them
 */
public record Thresholds(List<Double> values) {

  /**
   * Checks that there are as many as an ensemble takes.
   *
   * @throws SettingsException of {@code thresholds} when there are not
   */
  public void requireFit(int members) {
    if (values.size() != 1 && values.size() != members - 1) {
      throw new SettingsException(
          "thresholds",
          ("thresholds has %d entries; %d members take one for each but the last (%d), or one for"
                  + " all.")
              .formatted(values.size(), members, members - 1));
    }
  }

  /** That of a member. */
  public double of(int member) {
    return values.get(values.size() == 1 ? 0 : member);
  }
}
