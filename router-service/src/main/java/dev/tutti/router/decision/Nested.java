package dev.tutti.router.decision;

import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Decision;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Decisions within decisions. They are kept as a part of the outermost one; the id of each is that
 * of the one around it, a dot and its place, from 1, so that it can be found and rated by itself.
 */
public final class Nested {

  private static final Pattern ID = Pattern.compile("(.+)\\.([1-9][0-9]{0,3})");

  private Nested() {}

  /** Where a decision lies. */
  record Place(String outer, int number) {}

  /** The decision, with ids for all within it; a candidate tells those of its own. */
  public static Decision identified(Decision decision) {
    if (decision.getNestedCount() == 0) {
      return decision;
    }
    Decision.Builder whole = decision.toBuilder();
    whole.getCandidatesBuilderList().forEach(Candidate.Builder::clearDecisions);
    for (int i = 0; i < decision.getNestedCount(); i++) {
      String id = "%s.%d".formatted(decision.getId(), i + 1);
      Decision nested = identified(decision.getNested(i).toBuilder().setId(id).build());
      whole.setNested(i, nested);
      whole.getCandidatesBuilderList().stream()
          .filter(c -> c.getMember().equals(nested.getEnsemble()))
          .findFirst()
          .ifPresent(c -> c.addDecisions(id));
    }
    return whole.build();
  }

  /** Where the decision of this id lies, if it is one within another. */
  static Optional<Place> place(String id) {
    Matcher matcher = ID.matcher(id);
    return matcher.matches()
        ? Optional.of(new Place(matcher.group(1), Integer.parseInt(matcher.group(2))))
        : Optional.empty();
  }

  /** The decision of this number within another. */
  static Optional<Decision> within(Decision outer, int number) {
    return number <= outer.getNestedCount()
        ? Optional.of(outer.getNested(number - 1))
        : Optional.empty();
  }
}
