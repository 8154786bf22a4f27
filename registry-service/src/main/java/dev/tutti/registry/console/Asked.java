package dev.tutti.registry.console;

import java.util.LinkedHashMap;
import java.util.Map;

/** What a page was asked for: a filter that is left blank is none. */
final class Asked {

  private Asked() {}

  /** For the REST: null where it is blank or absent. */
  static String given(String parameter) {
    return parameter == null || parameter.isBlank() ? null : parameter;
  }

  /** For the page: empty where it is absent. */
  static String shown(String parameter) {
    return parameter == null ? "" : parameter;
  }

  /** The same with one more, unless it is blank or absent. */
  static Map<String, String> with(Map<String, String> asked, String name, String value) {
    var more = new LinkedHashMap<>(asked);
    more.put(name, given(value));
    return more;
  }
}
