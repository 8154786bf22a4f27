package dev.tutti.registry.console;

import dev.tutti.registry.api.Problem;
import java.util.List;

/**
 * A form as its page shows it.
 *
 * @param action where it is sent to
 * @param isNew whether it registers something new
 * @param version that it replaces; null where it registers something new
 * @param fields in their order
 * @param problem for which it was refused; null for none
 * @param document the body of the call; null before it was sent
 */
public record EntryForm(
    String action,
    boolean isNew,
    Long version,
    List<Field> fields,
    Problem problem,
    String document) {

  static EntryForm of(Draft draft, String pages, List<Field> fields) {
    return new EntryForm(
        draft.name() == null ? pages : pages + "/" + Curl.encoded(draft.name()),
        draft.name() == null,
        draft.version(),
        fields,
        draft.problem(),
        draft.document());
  }
}
