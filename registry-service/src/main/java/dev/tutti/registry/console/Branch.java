package dev.tutti.registry.console;

import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Decision;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A decision and those within it.
 *
 * @param current whether it is the one that the page is about
 * @param chosen whose answers are in its answer; empty for nobody's
 * @param nested decisions of members that are ensembles
 */
public record Branch(
    String id,
    String ensemble,
    String method,
    boolean current,
    String chosen,
    List<Branch> nested) {

  /** The tree below a decision. */
  static Branch of(Decision decision, String current) {
    return new Branch(
        decision.getId(),
        decision.getEnsemble(),
        decision.getMethod(),
        decision.getId().equals(current),
        decision.getCandidatesList().stream()
            .filter(Candidate::getChosen)
            .map(Candidate::getMember)
            .collect(Collectors.joining(", ")),
        decision.getNestedList().stream().map(its -> of(its, current)).toList());
  }

  /** Its page. */
  public String href() {
    return DecisionPages.href(id);
  }
}
