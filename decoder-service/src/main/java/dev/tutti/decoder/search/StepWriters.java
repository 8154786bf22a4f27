package dev.tutti.decoder.search;

import dev.tutti.decoder.AnswerSource.Picker;
import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.search.SearchPolicy.Task;
import dev.tutti.decoder.span.Segmenter;
import dev.tutti.decoder.span.Span;
import dev.tutti.decoder.span.SpanMember;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  // By member: what the nodes that it has been to change in its tokens.
  private final List<Map<Node, Cut>> cuts = new ArrayList<>();

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
    members.forEach(_ -> cuts.add(new HashMap<>()));
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
      children.add(spans[t] == null ? null : task.node().child(spans[t], task.writer()));
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
          var its = new double[nodes.size()];
          for (int n = 0; n < its.length; n++) {
            Node node = nodes.get(n);
            its[n] =
                node.writer() == m
                    ? Math.exp(node.step().leastLogprob())
                    : goTo(m, node.parent())
                        ? members
                            .get(m)
                            .score(node.parent().text(), node.step())
                            .map(l -> Math.exp(l.least()))
                            .orElse(0.0)
                        : 0;
          }
          all[m] = its;
        });
    var mean = new double[nodes.size()];
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
    Cut known = cuts.get(member).get(node);
    if (known != null) {
      return Optional.of(known.behind(before));
    }
    Optional<int[]> tokens = members.get(member).tokens(before, node.parent().text(), node.step());
    tokens.ifPresent(its -> cuts.get(member).put(node, Cut.of(before, its)));
    return tokens;
  }

  List<SpanMember> members() {
    return members;
  }
}
