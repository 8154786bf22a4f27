package dev.tutti.decoder.search;

import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** How one answer is searched for. Mutable, for one answer. */
interface SearchPolicy {

  /**
   * A step that is to be written.
   *
   * @param node behind which
   * @param writer place of the member that writes it
   * @param greedy whether it takes the most probable tokens, whatever the request says
   */
  record Task(Node node, int writer, boolean greedy) {}

  /**
   * What is to be written next.
   *
   * @param writers places of the members that are left, ascending; not empty
   * @return nothing where the search is over
   */
  List<Task> next(int[] writers, RandomGenerator random);

  /**
   * Learns what was written.
   *
   * @param children one a task: a new node with its own value, or one that was there before; null
   *     where the writer could not
   */
  void written(List<Task> tasks, List<Node> children);

  /** The node up to which the answer stands for good. */
  Node decided();

  /** The node up to which it would stand if there were no further step. */
  Node best();

  /** What it measured, as {@link dev.tutti.decoder.JointSession#measures}. */
  Map<String, Double> measures();
}
