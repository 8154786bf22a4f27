package dev.tutti.registry.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.registry.Entry;
import dev.tutti.registry.v1.Lifecycle;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.IntStream;

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
   * @param isFirst whether there is none before it
   */
  public record Version(Entry entry, List<String> changed, boolean isFirst) {

    /**
     * Versions, each with what changed in it.
     *
     * @param found newest first, without a gap
     * @param earlier tells the version of a number; null where it was none of this kind: numbers
     *     count for a name, so a thrown away draft of the other kind may have had it
     */
    static List<Version> all(List<Entry> found, LongFunction<Entry> earlier, ObjectMapper json) {
      var documents = new ArrayList<JsonNode>();
      found.forEach(entry -> documents.add(json.valueToTree(entry)));
      long oldest = found.isEmpty() ? 1 : found.getLast().version();
      Entry before = oldest == 1 ? null : earlier.apply(oldest - 1);
      documents.add(before == null ? null : json.valueToTree(before));
      return IntStream.range(0, found.size())
          .mapToObj(i -> of(found.get(i), documents.get(i + 1), documents.get(i)))
          .toList();
    }

    private static Version of(Entry entry, JsonNode before, JsonNode its) {
      List<Difference> differences = before == null ? List.of() : Difference.between(before, its);
      return new Version(
          entry, differences.stream().map(Difference::field).toList(), before == null);
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
