package dev.tutti.registry;

import java.util.regex.Pattern;

/** What a model or an ensemble may be called. */
public final class Names {

  /** The whole name. */
  public static final String PATTERN = "[a-z0-9][a-z0-9._-]{0,63}";

  private static final Pattern COMPILED = Pattern.compile(PATTERN);

  private Names() {}

  /** Whether this is a name. */
  public static boolean isName(String text) {
    return COMPILED.matcher(text).matches();
  }
}
