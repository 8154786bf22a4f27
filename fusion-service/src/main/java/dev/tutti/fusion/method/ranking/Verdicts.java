package dev.tutti.fusion.method.ranking;

import dev.tutti.fusion.method.prompt.Roles;
import dev.tutti.fusion.method.prompt.Said;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Stage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;

/**
 * What the judge has said so far of the candidates by pairs, in both orders.
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

  /** Whether the texts differ, and the judge was not asked for this pair and can be. */
  boolean isOpen(int i, int j) {
    return !said.episode().exhausted()
        && !said.text(i).equals(said.text(j))
        && comparisons().stream().noneMatch(its -> its.asked().purpose().equals(purpose(i, j)));
  }

  /** The calls that compare each pair in both orders. */
  List<Call> open() {
    var calls = new ArrayList<Call>();
    for (int i = 0; i < said.size(); i++) {
      for (int j = 0; j < said.size(); j++) {
        if (isOpen(i, j)) {
          calls.add(ask(i, j));
        }
      }
    }
    return calls;
  }

  /** What each gave, as {@link Comparison#read}; NaN where it failed or was not asked. */
  PairwiseMatrix matrix() {
    var given = new HashMap<String, Double>();
    for (Stage stage : comparisons()) {
      if (stage instanceof Answered its) {
        given.put(its.asked().purpose(), Comparison.read(its.text()));
      }
    }
    var matrix = new PairwiseMatrix(said.size());
    for (int i = 0; i < said.size(); i++) {
      for (int j = 0; j < said.size(); j++) {
        matrix.put(i, j, given.getOrDefault(purpose(i, j), Double.NaN));
      }
    }
    return matrix;
  }

  /** Who reads the decision sees which pair it was. */
  private static String purpose(int i, int j) {
    return COMPARE + "%d with %d".formatted(i + 1, j + 1);
  }

  /** The call that compares two candidates, in this order. */
  Call ask(int i, int j) {
    int judge = Roles.first(said.episode(), Roles.JUDGE).orElseThrow();
    return Comparison.call(said.episode(), judge, said.text(i), said.text(j), purpose(i, j));
  }
}
