package dev.tutti.decoder.search;

import dev.tutti.decoder.Prefix;
import dev.tutti.decoder.span.Span;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;

/**
 * A partial answer in the tree: a step behind what its parent has. Whoever searches keeps its
 * numbers here.
 */
final class Node {

  private final Node parent;
  private final Span step;
  private final int writer;
  private final byte[] text;
  private final Prefix prefix;
  private final int tokens;
  private final int depth;
  private final List<Node> children = new ArrayList<>();
  private final BitSet wrote = new BitSet();
  private final BitSet drew = new BitSet();

  /** Whether its own value is known. */
  boolean valued;

  /** What the judge finds of the step, in [0, 1]; NaN where nobody asked it. */
  double verdict = Double.NaN;

  /** By writer, what it finds of the step, in [0, 1]; NaN where nobody asked it. */
  double[] likelihoods = {};

  /**
   * By writer, what the step changes in its tokens of the answer; null where that is not known yet.
   * Each writer has its own place in it.
   */
  Cut[] cuts = {};

  /** Value of the partial answer by itself, in [0, 1]. */
  double own = 1;

  /** Value of the best that is known to come of it, in [0, 1]. */
  double value = 1;

  /** How often the search came by. */
  int visits;

  /** How often it is coming by at the moment. */
  int pending;

  /** Steps that were asked for behind it. */
  int attempts;

  /** Of these, those that are being written at the moment. */
  int flying;

  /** Whether nothing new can come of it. */
  boolean closed;

  private Node(Node parent, Span step, int writer) {
    this.parent = parent;
    this.step = step;
    this.writer = writer;
    if (parent == null) {
      this.text = new byte[0];
      this.prefix = Prefix.EMPTY;
      this.tokens = 0;
      this.depth = 0;
    } else {
      this.text = Arrays.copyOf(parent.text, parent.text.length + step.text().length);
      System.arraycopy(step.text(), 0, text, parent.text.length, step.text().length);
      this.prefix = step.behind(parent.prefix);
      this.tokens = parent.tokens + step.size();
      this.depth = parent.depth + 1;
    }
  }

  /** The empty answer. */
  static Node root() {
    return new Node(null, null, -1);
  }

  /**
   * The child with this step: the one that says the same, or else a new one.
   *
   * @param by place of the member that wrote it
   */
  Node child(Span its, int by) {
    drew.set(by);
    Node found = null;
    for (Node child : children) {
      found = child.step.says(its) ? child : found;
    }
    if (found == null) {
      found = new Node(this, its, by);
      children.add(found);
    }
    found.wrote.set(by);
    return found;
  }

  /** Places of all members that wrote the step; shared, leave it as it is. */
  BitSet wrote() {
    return wrote;
  }

  /** Places of all members that wrote a step behind it; shared, leave it as it is. */
  BitSet drew() {
    return drew;
  }

  /** Forgets all children but this one. */
  void decide(Node child) {
    children.retainAll(List.of(child));
  }

  /** Null at the root. */
  Node parent() {
    return parent;
  }

  /** Its last step; null at the root. */
  Span step() {
    return step;
  }

  /** Place of the member that wrote the step; -1 at the root. */
  int writer() {
    return writer;
  }

  /** All text; shared, leave it as it is. */
  byte[] text() {
    return text;
  }

  /** All text, in its writers' pieces. */
  Prefix prefix() {
    return prefix;
  }

  /** Number of tokens of all steps, each in its writer's vocabulary. */
  int tokens() {
    return tokens;
  }

  /** Number of steps. */
  int depth() {
    return depth;
  }

  List<Node> children() {
    return children;
  }

  /** Whether the answer is finished. */
  boolean ended() {
    return step != null && step.ended();
  }

  /** From the root's child down to this node. */
  List<Node> path() {
    Deque<Node> path = new ArrayDeque<>();
    for (Node node = this; node.parent != null; node = node.parent) {
      path.push(node);
    }
    return List.copyOf(path);
  }
}
