package dev.tutti.registry.console;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.registry.Entry;
import dev.tutti.registry.v1.Lifecycle;
import java.util.List;

/**
 * One model or ensemble as its page shows it.
 *
 * @param entry its newest version
 * @param steps where its life may go from here
 * @param versions newest first, a part of them
 * @param more address of the next part; null at the end
 */
public record EntryView(Entry entry, List<Lifecycle> steps, List<Version> versions, String more) {

  /**
   * A version in the list.
   *
   * @param entry as it was
   * @param changed which fields differ from the version before; empty for the first
   */
  public record Version(Entry entry, List<String> changed) {

    static Version of(Entry entry, JsonNode before, JsonNode its) {
      List<Difference> differences = before == null ? List.of() : Difference.between(before, its);
      return new Version(entry, differences.stream().map(Difference::field).toList());
    }
  }

  /** Whether it may still be changed. */
  public boolean isOpen() {
    return entry.lifecycle() != Lifecycle.LIFECYCLE_RETIRED;
  }

  /** Whether it may be thrown away. */
  public boolean isDraft() {
    return entry.lifecycle() == Lifecycle.LIFECYCLE_DRAFT;
  }
}
