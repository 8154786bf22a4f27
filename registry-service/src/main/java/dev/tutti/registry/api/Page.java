package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
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
}
