package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A part of a list.
 *
 * @param items as many as were asked for, or what is left
 * @param nextCursor gives the next part; absent at the end
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(description = "A part of a list.")
public record Page<T>(
    @Schema(description = "In the order of the list.") List<T> items,
    @Schema(description = "Hand it back as `cursor` for the next part; absent at the end.")
        String nextCursor) {

  /**
   * A page.
   *
   * @param found up to one item more than the page holds
   * @param list name of the list, for its cursor
   * @param key of an item, by which the list is sorted
   */
  static <T> Page<T> of(List<T> found, int limit, String list, Function<T, Object> key) {
    if (found.size() <= limit) {
      return new Page<>(found, null);
    }
    List<T> items = found.subList(0, limit);
    return new Page<>(items, Cursor.after(list, key.apply(items.getLast())));
  }

  /**
   * A page of a list that is there whole, in whatever order.
   *
   * @param list name of the list, for its cursor
   * @param key of an item, by which the pages are sorted
   * @param cursor as the caller gave it; null for the first page
   */
  static <T> Page<T> part(
      List<T> whole, String list, Function<T, String> key, int limit, String cursor) {
    String after = Cursor.read(list, cursor).orElse("");
    List<T> found =
        whole.stream()
            .sorted(Comparator.comparing(key))
            .filter(item -> key.apply(item).compareTo(after) > 0)
            .limit(limit + 1L)
            .toList();
    return of(found, limit, list, key::apply);
  }
}
