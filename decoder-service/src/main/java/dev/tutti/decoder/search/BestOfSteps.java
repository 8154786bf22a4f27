package dev.tutti.decoder.search;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Of several next steps the one of the greatest value, and so on to the end. */
final class BestOfSteps implements SearchPolicy {

  private final int samples;
  private final StepLimits limits;
  // Who could not go on from here.
  private final BitSet stuck = new BitSet();
  private Node now = Node.root();
  private int nodes;

  /**
   * A search.
   *
   * @param samples steps that are written at each place, by the members in turn
   */
  BestOfSteps(int samples, StepLimits limits) {
    this.samples = samples;
    this.limits = limits;
  }

  @Override
  public List<Task> next(int[] writers, RandomGenerator random) {
    var tasks = new ArrayList<Task>();
    int[] able = IntStream.of(writers).filter(writer -> !stuck.get(writer)).toArray();
    if (able.length > 0 && limits.goesOn(now)) {
      int first = random.nextInt(able.length);
      for (int s = 0; s < samples; s++) {
        tasks.add(new Task(now, able[(first + s) % able.length], false));
      }
    }
    return tasks;
  }

  @Override
  public void written(List<Task> tasks, List<Node> children) {
    nodes += now.children().size();
    Node best = null;
    for (Node child : now.children()) {
      best = best == null || child.own > best.own ? child : best;
    }
    if (best == null) {
      tasks.forEach(task -> stuck.set(task.writer()));
    } else {
      stuck.clear();
      now = best;
    }
  }

  @Override
  public Node decided() {
    return now;
  }

  @Override
  public Node best() {
    return now;
  }

  @Override
  public Map<String, Double> measures() {
    return Map.of("nodes", (double) nodes, "value", now.own);
  }
}
