package dev.tutti.registry;

import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The versions that a change may be based on, as an {@code If-Match} header says them (RFC 9110,
 * 13.1.1): strong entity tags that hold version numbers, or {@code *} for whichever there is.
 *
 * @param any whether every version will do
 * @param versions those that will do
 */
public record IfMatch(boolean any, Set<Long> versions) {

  private static final Pattern TAG = Pattern.compile("(W/)?\"([^\"]*)\"");
  private static final Pattern VERSION = Pattern.compile("[1-9][0-9]{0,17}");

  /**
   * Reads the header.
   *
   * @param header its value; null where it is absent
   * @throws RefusedException {@link Refusal.VersionRequired} where it is absent, {@link
   *     Refusal.Malformed} where it holds no entity tags
   */
  public static IfMatch parse(String header) {
    if (header == null || header.isBlank()) {
      throw new Refusal.VersionRequired(
              "A change needs If-Match with the ETag of the version that it is based on.")
          .exception();
    }
    if (header.strip().equals("*")) {
      return new IfMatch(true, Set.of());
    }
    var versions = new HashSet<Long>();
    for (String tag : header.split(",")) {
      Matcher matcher = TAG.matcher(tag.strip());
      if (!matcher.matches()) {
        throw Refusal.malformed(
            "If-Match",
            "If-Match is %s; it must be an ETag in double quotes, such as \"3\", or *."
                .formatted(FieldChecks.shown(header)));
      }
      // A weak tag, or one that is not ours, is a tag that matches nothing.
      if (matcher.group(1) == null && VERSION.matcher(matcher.group(2)).matches()) {
        versions.add(Long.valueOf(matcher.group(2)));
      }
    }
    return new IfMatch(false, Set.copyOf(versions));
  }

  /**
   * Refuses a change of a version that the caller has not seen.
   *
   * @throws RefusedException {@link Refusal.Stale}
   */
  void require(Entry current) {
    require(current.name(), current.version());
  }

  /**
   * Refuses a change of a version that the caller has not seen.
   *
   * @param version that {@code name} is at
   * @throws RefusedException {@link Refusal.Stale}
   */
  public void require(String name, long version) {
    if (!any && !versions.contains(version)) {
      throw new Refusal.Stale(
              "'%s' is at version %d by now; read it and decide again.".formatted(name, version))
          .exception();
    }
  }
}
