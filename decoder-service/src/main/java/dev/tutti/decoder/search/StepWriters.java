package dev.tutti.decoder.search;

import dev.tutti.decoder.AnswerSource.Opinion;
import dev.tutti.decoder.AnswerSource.Picker;
import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.search.SearchPolicy.Task;
import dev.tutti.decoder.span.Segmenter;
import dev.tutti.decoder.span.Span;
import dev.tutti.decoder.span.SpanMember;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * The members that write steps, by name, each with one session that goes to wherever in the tree it
 * is needed: what it has in common with where it stood is not read again. Who fails is left out.
 */
final class StepWriters {

  private final List<SpanMember> members;
  private final int[] places;
  private final double[] weights;
  private final Segmenter segmenter;
  private final StepRunner runner;
  private final String[] failures;

  /**
   * Writers of an answer.
   *
   * @param members by name
   * @param places where each member of the recipe stands among them; -1 for who does not write
   * @param runner knows members by their index in the recipe
   */
  StepWriters(
      List<SpanMember> members,
      int[] places,
      double[] weights,
      Segmenter segmenter,
      StepRunner runner) {
    this.members = members;
    this.places = places;
    this.weights = weights;
    this.segmenter = segmenter;
    this.runner = runner;
    this.failures = new String[members.size()];
  }

  /**
   * Places of those who are left.
   *
   * @throws DecodeException where nobody is
   */
  int[] left() {
    int[] left = IntStream.range(0, members.size()).filter(m -> failures[m] == null).toArray();
    if (left.length == 0) {
      var why = new ArrayList<String>();
      for (int m = 0; m < failures.length; m++) {
        why.add(members.get(m).name() + ": " + failures[m]);
      }
      throw new DecodeException("No member of the ensemble is left: " + String.join("; ", why));
    }
    return left;
  }

  /** Why a member is not left. */
  Optional<String> failure(int place) {
    return Optional.ofNullable(failures[place]);
  }

  /**
   * Has steps written, those of different members at once.
   *
   * @param most tokens of an answer
   * @return one a task: the child that it led to; null where its writer could not
   */
  List<Node> write(List<Task> tasks, Picker picker, int most) {
    long[] seeds = tasks.stream().mapToLong(_ -> picker.random().nextLong()).toArray();
    var spans = new Span[tasks.size()];
    each(
        m -> {
          for (int t = 0; t < tasks.size(); t++) {
            Task task = tasks.get(t);
            if (task.writer() == m && goTo(m, task.node()) && members.get(m).remaining() > 0) {
              Picker its = task.greedy() ? picker.greedily() : picker;
              spans[t] =
                  members
                      .get(m)
                      .propose(
                          task.node().text(),
                          segmenter,
                          its.with(1, new SplittableRandom(seeds[t]))
                              .behind(task.node().prefix(), members.get(m).vocabulary()),
                          most - task.node().tokens());
            }
          }
        });
    var children = new ArrayList<Node>();
    for (int t = 0; t < spans.length; t++) {
      Task task = tasks.get(t);
      Node child = spans[t] == null ? null : task.node().child(spans[t], task.writer());
      if (child != null && child.cuts.length == 0) {
        child.cuts = new Cut[members.size()];
      }
      children.add(child);
    }
    return children;
  }

  /**
   * How likely the members find the last steps of nodes: the mean, by their weights, of the
   * probability of the least probable token that each cuts it into.
   *
   * @return one a node, in [0, 1]
   */
  double[] likelihoods(List<Node> nodes) {
    var all = new double[members.size()][];
    each(
        m -> {
          List<Node> others = nodes.stream().filter(node -> node.writer() != m).toList();
          double[] read =
              Siblings.each(
                  others,
                  (parent, steps) ->
                      goTo(m, parent)
                          ? Optional.of(members.get(m).score(parent.text(), steps))
                          : Optional.empty());
          var its = new double[nodes.size()];
          for (int n = 0, o = 0; n < its.length; n++) {
            Node node = nodes.get(n);
            its[n] = node.writer() == m ? Math.exp(node.step().leastLogprob()) : read[o++];
          }
          all[m] = its;
        });
    var mean = new double[nodes.size()];
    for (int n = 0; n < mean.length; n++) {
      int node = n;
      nodes.get(n).likelihoods =
          Arrays.stream(all).mapToDouble(its -> its == null ? Double.NaN : its[node]).toArray();
    }
    double total = 0;
    for (int m = 0; m < all.length; m++) {
      if (all[m] != null) {
        total += weights[m];
        for (int n = 0; n < mean.length; n++) {
          mean[n] += weights[m] * all[m][n];
        }
      }
    }
    double sum = total;
    return Arrays.stream(mean).map(p -> sum > 0 ? p / sum : 0).toArray();
  }

  /** The same where the others do not read them: what each step's writer finds of it. */
  double[] ownLikelihoods(List<Node> nodes) {
    var own = new double[nodes.size()];
    for (int n = 0; n < own.length; n++) {
      Node node = nodes.get(n);
      own[n] = Math.exp(node.step().leastLogprob());
      node.likelihoods = new double[members.size()];
      Arrays.fill(node.likelihoods, Double.NaN);
      node.likelihoods[node.writer()] = own[n];
    }
    return own;
  }

  /** Weight of those who wrote a node's step among all that wrote one in its place, in (0, 1]. */
  double share(Node node) {
    return weight(node.wrote()) / weight(node.parent().drew());
  }

  private double weight(BitSet these) {
    return these.stream().mapToDouble(m -> weights[m]).sum();
  }

  /**
   * What those who wrote a step in a node's place, or read it, think of its own.
   *
   * @param recipe by place: index in the recipe
   */
  List<Opinion> opinions(Node node, List<Integer> recipe) {
    BitSet drew = node.parent().drew();
    var all = new ArrayList<Opinion>();
    for (int m = 0; m < members.size(); m++) {
      boolean read = m < node.likelihoods.length && !Double.isNaN(node.likelihoods[m]);
      if (drew.get(m) || read) {
        all.add(
            new Opinion(
                recipe.get(m),
                drew.get(m) ? weights[m] / weight(drew) : 0,
                // Of another's wording of the same step, or a step that it valued, it is not kept.
                node.writer() == m
                    ? node.step().logprob() / node.step().size()
                    : Double.NEGATIVE_INFINITY,
                node.wrote().get(m),
                read ? OptionalDouble.of(node.likelihoods[m]) : OptionalDouble.empty()));
      }
    }
    return all;
  }

  private interface Part {
    void play(int member);
  }

  private void each(Part part) {
    runner.run(
        places.length,
        index -> {
          int m = places[index];
          if (m >= 0 && failures[m] == null) {
            try {
              part.play(m);
            } catch (DecodeException e) {
              failures[m] = e.getMessage();
            }
          }
        });
  }

  /** Whether a member can write all that a node has, and has room for it. */
  private boolean goTo(int member, Node node) {
    Optional<int[]> tokens = tokens(member, node);
    return tokens.isPresent() && members.get(member).goTo(tokens.get());
  }

  private Optional<int[]> tokens(int member, Node node) {
    if (node.parent() == null) {
      return Optional.of(new int[0]);
    }
    return tokens(member, node.parent()).flatMap(before -> tokens(member, before, node));
  }

  private Optional<int[]> tokens(int member, int[] before, Node node) {
    Cut known = node.cuts[member];
    if (known != null) {
      return Optional.of(known.behind(before));
    }
    Optional<int[]> tokens = members.get(member).tokens(before, node.parent().text(), node.step());
    tokens.ifPresent(its -> node.cuts[member] = Cut.of(before, its));
    return tokens;
  }

  List<SpanMember> members() {
    return members;
  }
}
