package dev.tutti.decoder.search;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Monte Carlo tree search over steps: selection by UCT, expansion by a step of one member,
 * evaluation by a reward, optimistic back-propagation. See {@link
 * dev.tutti.decoder.search.SearchPlan.Tree} for its settings.
 */
final class TreeSearch implements SearchPolicy {

  private final SearchPlan.Tree settings;
  private final StepLimits limits;
  // By place; the greatest finishes what no search could.
  private final double[] weights;
  private final Node root = Node.root();
  private int iterations;
  private int nodes;
  // Of the finished answers the best, and of those from which nothing goes on; null for none.
  private Node ended;
  private Node stranded;
  // What is being finished, once the search is over.
  private Node finishing;
  private Node finished;
  // Who could not go on from there.
  private final BitSet stuck = new BitSet();

  TreeSearch(SearchPlan.Tree settings, StepLimits limits, double[] weights) {
    this.settings = settings;
    this.limits = limits;
    this.weights = weights;
  }

  @Override
  public List<Task> next(int[] writers, RandomGenerator random) {
    if (finished != null) {
      return List.of();
    }
    if (finishing == null && !over()) {
      List<Task> tasks = expansions(writers, random);
      if (!tasks.isEmpty()) {
        return tasks;
      }
    }
    if (finishing == null) {
      finishing = best();
    }
    int[] able = IntStream.of(writers).filter(writer -> !stuck.get(writer)).toArray();
    if (able.length == 0 || !limits.goesOn(finishing)) {
      finished = finishing;
      return List.of();
    }
    int strongest = able[0];
    for (int writer : able) {
      strongest = weights[writer] > weights[strongest] ? writer : strongest;
    }
    return List.of(new Task(finishing, strongest, true));
  }

  private boolean over() {
    return iterations >= settings.iterations()
        || root.closed
        || (ended != null && ended.own >= settings.enough());
  }

  private List<Task> expansions(int[] writers, RandomGenerator random) {
    int[] order = writers.clone();
    int count = Math.min(settings.parallel(), settings.iterations() - iterations);
    var tasks = new ArrayList<Task>();
    for (int i = 0; i < Math.min(count, order.length); i++) {
      int other = random.nextInt(i, order.length);
      int writer = order[other];
      order[other] = order[i];
      order[i] = writer;
      Node leaf = select();
      if (leaf == null) {
        break;
      }
      leaf.flying++;
      for (Node node = leaf; node != null; node = node.parent()) {
        node.pending++;
      }
      tasks.add(new Task(leaf, writer, false));
    }
    return tasks;
  }

  /** Goes down by UCT to a node that is not fully expanded; null where all wait for others. */
  private Node select() {
    Node node = root;
    while (node != null && !open(node)) {
      Node at = node;
      node =
          node.children().stream()
              .filter(child -> !child.closed)
              .max(Comparator.comparingDouble(child -> uct(child, at)))
              .orElse(null);
    }
    return node;
  }

  /**
   * {@code V(s) + c sqrt(ln N(parent) / N(s))}; who is coming by at the moment counts as a visit
   * that found nothing, which keeps the leaves of one iteration apart.
   */
  double uct(Node node, Node parent) {
    int visits = node.visits + node.pending;
    return node.value * node.visits / visits
        + settings.exploration()
            * Math.sqrt(Math.log((double) parent.visits + parent.pending) / visits);
  }

  /** Whether a node gets a further child now. */
  private boolean open(Node node) {
    if (!limits.goesOn(node) || node.closed) {
      return false;
    }
    int children = node.attempts + node.flying;
    return children < settings.width()
        || (children < settings.mostChildren() && node.value < node.own - settings.widen());
  }

  @Override
  public void written(List<Task> tasks, List<Node> children) {
    for (int t = 0; t < tasks.size(); t++) {
      Node leaf = tasks.get(t).node();
      Node child = children.get(t);
      if (tasks.get(t).greedy()) {
        if (child == null) {
          stuck.set(tasks.get(t).writer());
        } else {
          stuck.clear();
          finishing = child;
        }
        continue;
      }
      iterations++;
      leaf.attempts++;
      leaf.flying--;
      for (Node node = leaf; node != null; node = node.parent()) {
        node.pending--;
      }
      backPropagate(leaf, child);
    }
  }

  private void backPropagate(Node leaf, Node child) {
    if (child != null) {
      if (child.visits == 0) {
        nodes++;
        child.closed = !limits.goesOn(child);
        child.value = child.closed && !child.ended() ? 0 : child.own;
        if (child.ended()) {
          ended = ended == null || child.own > ended.own ? child : ended;
        } else if (child.closed) {
          stranded = better(stranded, child);
        }
      }
      child.visits++;
    }
    for (Node node = leaf; node != null; node = node.parent()) {
      node.visits++;
      double best = node.children().stream().mapToDouble(c -> c.value).max().orElse(node.own);
      node.value = best;
      node.closed =
          node.flying == 0 && !open(node) && node.children().stream().allMatch(c -> c.closed);
      if (node.closed && node.drew().isEmpty()) {
        node.value = 0;
        stranded = better(stranded, node);
      }
      if (node.closed) {
        // Nobody goes down there again; the path of the best hangs on to its parents.
        node.children().clear();
      }
    }
  }

  @Override
  public Node decided() {
    return finished == null ? root : finished;
  }

  /** The finished answer of the greatest value; where there is none, the leaf. */
  @Override
  public Node best() {
    if (finishing != null) {
      return finishing;
    }
    if (ended != null) {
      return ended;
    }
    var leaves = new ArrayList<Node>();
    collect(root, leaves);
    Node best = stranded;
    for (Node leaf : leaves) {
      best = better(best, leaf);
    }
    return best == null ? root : best;
  }

  /** The one of the greater value, or else the deeper one, or else the first. */
  private static Node better(Node one, Node two) {
    boolean second =
        one == null || two.own > one.own || (two.own == one.own && two.depth() > one.depth());
    return second ? two : one;
  }

  /** The leaves below a node that are not closed. */
  private static void collect(Node node, List<Node> leaves) {
    for (Node child : node.children()) {
      if (child.drew().isEmpty() && !child.closed) {
        leaves.add(child);
      }
      collect(child, leaves);
    }
  }

  @Override
  public Map<String, Double> measures() {
    return Map.of("iterations", (double) iterations, "nodes", (double) nodes, "value", best().own);
  }
}
