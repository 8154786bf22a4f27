package dev.tutti.fusion.method.ranking;

import dev.tutti.fusion.method.prompt.Roles;
import dev.tutti.fusion.method.prompt.Said;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Stage;
import java.util.List;

/**
 * What the judge has said so far of the candidates by pairs. Comparisons are numbered in the order
 * in which they are asked, from 0.
 *
 * @param said the candidates
 */
record Verdicts(Said said) {

  /** What comparisons are asked for begins so; the candidates' numbers follow, from 1. */
  private static final String COMPARE = "compare ";

  private List<Stage> comparisons() {
    return said.episode().stages().stream()
        .filter(stage -> stage.asked().purpose().startsWith(COMPARE))
        .toList();
  }

  /** How many were asked. */
  int asked() {
    return comparisons().size();
  }

  /** What a comparison gave, as {@link Comparison#read}; NaN where it failed or was not asked. */
  double of(int comparison) {
    List<Stage> all = comparisons();
    return comparison < all.size() && all.get(comparison) instanceof Answered its
        ? Comparison.read(its.text())
        : Double.NaN;
  }

  /** The call that compares two candidates, in this order. */
  Call ask(int i, int j) {
    int judge = Roles.first(said.episode(), Roles.JUDGE).orElseThrow();
    // Who reads the decision sees which pair it was.
    String purpose = COMPARE + "%d with %d".formatted(i + 1, j + 1);
    return Comparison.call(said.episode(), judge, said.text(i), said.text(j), purpose);
  }
}
