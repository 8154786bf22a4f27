package dev.tutti.registry;

import java.util.regex.Pattern;

/** What a model, an ensemble or a dataset may be called. */
public final class Names {

  /** Most characters. */
  public static final int LONGEST = 128;

  /**
   * The whole name, but for its length: parts between slashes, none of them empty, "." or "..".
   * Capitals count.
   */
  public static final String PATTERN =
      "[A-Za-z0-9@][A-Za-z0-9._:@-]*(/[A-Za-z0-9@][A-Za-z0-9._:@-]*)*";

  /** The same for people. */
  public static final String RULE =
      "1 to 128 of A-Z, a-z, 0-9, '.', '_', ':', '@', '-' and '/', each part between slashes starting with a letter or digit, or '@'";

  private static final Pattern COMPILED = Pattern.compile(PATTERN);

  private Names() {}

  /** Whether this is a name. */
  public static boolean isName(String text) {
    return text.length() <= LONGEST && COMPILED.matcher(text).matches();
  }
}
