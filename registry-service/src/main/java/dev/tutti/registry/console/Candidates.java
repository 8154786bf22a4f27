package dev.tutti.registry.console;

import dev.tutti.registry.Entry;
import dev.tutti.registry.Kind;
import dev.tutti.registry.Names;
import dev.tutti.registry.api.EnsembleResource;
import dev.tutti.registry.api.MethodList.Method;
import dev.tutti.registry.api.ModelResource;
import dev.tutti.registry.api.Page;
import dev.tutti.registry.console.MemberRow.Typed;
import dev.tutti.registry.store.RegistryStore;
import dev.tutti.registry.v1.Lifecycle;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What could become a member of an ensemble: what the form lists to choose from. */
@ApplicationScoped
public class Candidates {

  private static final String LIMIT = "20";
  private static final int LONGEST_FIND = 2_000;

  private final ModelResource models;
  private final EnsembleResource ensembles;
  private final RegistryStore store;

  Candidates(ModelResource models, EnsembleResource ensembles, RegistryStore store) {
    this.models = models;
    this.ensembles = ensembles;
    this.store = store;
  }

  /**
   * The members in the form.
   *
   * @param rows those that it has, then those that it could have, then those that it could not
   * @param find that was looked for among them; empty for none
   * @param more whether there are more than are shown
   */
  public record Members(List<MemberRow> rows, String find, boolean more) {}

  Members of(Draft draft, Method method) {
    String find = sought(Asked.shown(draft.typed().apply("find")));
    Page<Entry> some = models.list(LIMIT, null, null, Asked.given(find), null);
    Page<Entry> others = ensembles.list(LIMIT, null, null, Asked.given(find), null, null);
    var found = new ArrayList<>(some.items());
    found.addAll(others.items());
    List<Entry> candidates =
        found.stream()
            .filter(e -> e.lifecycle() != Lifecycle.LIFECYCLE_RETIRED)
            .filter(e -> !e.name().equals(draft.name()))
            .sorted(Comparator.comparing(e -> Serving.obstacle(method, e) != null))
            .toList();
    return new Members(
        MemberRows.rows(
            MemberRows.chosen(draft.typed()), this::find, candidates, method, draft.problem()),
        find,
        some.nextCursor() != null || others.nextCursor() != null);
  }

  /** What no name holds is not looked for: for that a form is not refused. */
  private static String sought(String typed) {
    String text = typed.replaceAll("\\p{Cntrl}", " ").strip();
    return text.substring(0, Math.min(text.length(), LONGEST_FIND));
  }

  private Entry find(Typed typed) {
    return Names.isName(typed.name())
        ? store
            .find(typed.kind().equals("model") ? Kind.MODEL : Kind.ENSEMBLE, typed.name())
            .orElse(null)
        : null;
  }
}
