package dev.tutti.kit.settings;

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

  /** Its name; empty where the settings are wrong together. */
  public String setting() {
    return setting;
  }
}
