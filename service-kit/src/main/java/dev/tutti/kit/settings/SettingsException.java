package dev.tutti.kit.settings;

import java.util.Collection;

/** A setting that is not as its description says. */
public final class SettingsException extends IllegalArgumentException {

  private final String setting;

  /**
   * A wrong setting.
   *
   * @param setting its name; empty where the settings are wrong together
   * @param message what is wrong and what is allowed
   */
  public SettingsException(String setting, String message) {
    super(message);
    this.setting = setting;
  }

  /** A setting that there is not. */
  static SettingsException unknown(String setting, Collection<String> known) {
    return new SettingsException(
        setting,
        "Unknown setting '%s'; known: %s."
            .formatted(setting, known.isEmpty() ? "none" : String.join(", ", known)));
  }

  /** Its name; empty where the settings are wrong together. */
  public String setting() {
    return setting;
  }
}
