package dev.tutti.fusion.method.vote;

import dev.tutti.fusion.method.vote.Ballots.Ballot;
import java.util.Arrays;
import java.util.List;

/**
 * Members that say the same: groups of members, each linked to another of its group by an agreement
 * above a bound (single linkage; the connected components are also what DBSCAN with one point a
 * cluster finds, Ester et al. 1996).
 *
 * @param groups of each member, numbered from 0 in the order of their first members
 * @param size how many groups there are
 */
public record Clones(int[] groups, int size) {

  /** Groups of those that agree on more than this share of the questions that both answered. */
  static Clones above(double bound, List<Ballot> rows, int members) {
    return linked(members, (i, j) -> agreement(rows, i, j) > bound);
  }

  /** Whether two members belong together. */
  public interface Link {
    /** Whether they do; {@code first < second}. */
    boolean holds(int first, int second);
  }

  /** Groups of those that are linked, directly or by others. */
  public static Clones linked(int members, Link link) {
    var groups = new int[members];
    Arrays.setAll(groups, m -> m);
    for (int i = 0; i < members; i++) {
      for (int j = i + 1; j < members; j++) {
        if (groups[i] != groups[j] && link.holds(i, j)) {
          int kept = Math.min(groups[i], groups[j]);
          int gone = Math.max(groups[i], groups[j]);
          Arrays.setAll(groups, m -> groups[m] == gone ? kept : groups[m]);
        }
      }
    }
    int[] first = Arrays.stream(groups).distinct().toArray();
    return new Clones(
        Arrays.stream(groups).map(group -> Arrays.binarySearch(first, group)).toArray(),
        first.length);
  }

  /** Share of the questions that both answered to which they gave one answer; 0 without any. */
  static double agreement(List<Ballot> rows, int first, int second) {
    long both = 0;
    long alike = 0;
    for (Ballot row : rows) {
      int one = row.answers()[first];
      int other = row.answers()[second];
      if (one >= 0 && other >= 0) {
        both++;
        alike += one == other ? 1 : 0;
      }
    }
    return both == 0 ? 0 : (double) alike / both;
  }

  /** How many members each group has. */
  int[] sizes() {
    var sizes = new int[size];
    for (int group : groups) {
      sizes[group]++;
    }
    return sizes;
  }

  /** What each group says: what the first of its members says that says something. */
  int[] merged(int[] answers) {
    var merged = new int[size];
    Arrays.fill(merged, -1);
    for (int m = 0; m < answers.length; m++) {
      if (merged[groups[m]] < 0) {
        merged[groups[m]] = answers[m];
      }
    }
    return merged;
  }
}
