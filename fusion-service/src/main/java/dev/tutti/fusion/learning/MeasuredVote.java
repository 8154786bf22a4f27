package dev.tutti.fusion.learning;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.fusion.method.vote.Ballots;
import dev.tutti.fusion.method.vote.Ballots.Ballot;
import dev.tutti.fusion.method.vote.VoteWeights;
import dev.tutti.learning.Fitting;
import dev.tutti.learning.Fitting.SetResult;
import dev.tutti.numerics.measure.HeldOut;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What a vote's choices are worth on questions that it did not learn from.
 *
 * @param heldOut score of the answer that was given, question by question
 * @param comparison the same by set, and how often each member spoke for all
 * @param bestMember the single member with the best mean, chosen in hindsight
 * @param best its mean score
 * @param oracle mean score of the best answer of each question
 */
record MeasuredVote(
    HeldOut heldOut, Fitting.Comparison comparison, String bestMember, double best, double oracle) {

  static MeasuredVote of(VoteWeights weights, Ballots held) {
    int size = held.rows().size();
    var quality = new float[size];
    var shares = new TreeMap<String, Double>();
    held.members().forEach(member -> shares.put(member, 0.0));
    double oracle = 0;
    for (int i = 0; i < size; i++) {
      Ballot row = held.rows().get(i);
      int voice = weights.voice(row);
      quality[i] = row.scores()[voice];
      shares.merge(held.members().get(voice), 1.0 / size, Double::sum);
      oracle +=
          IntStream.range(0, row.scores().length)
              .mapToDouble(m -> row.scores()[m])
              .filter(score -> !Double.isNaN(score))
              .max()
              .orElseThrow();
    }
    Map<String, Double> means = means(held);
    String best =
        means.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
    long[] queries = held.rows().stream().mapToLong(Ballot::query).toArray();
    return new MeasuredVote(
        new HeldOut(queries, quality),
        new Fitting.Comparison(shares, sets(held, quality), List.of()),
        best,
        means.get(best),
        oracle / size);
  }

  private static Map<String, Double> means(Ballots held) {
    var means = new TreeMap<String, Double>();
    for (int m = 0; m < held.members().size(); m++) {
      int column = m;
      held.rows().stream()
          .mapToDouble(row -> row.scores()[column])
          .filter(score -> !Double.isNaN(score))
          .average()
          .ifPresent(mean -> means.put(held.members().get(column), mean));
    }
    return means;
  }

  private static List<SetResult> sets(Ballots held, float[] quality) {
    var sets = new ArrayList<SetResult>();
    IntStream.range(0, quality.length)
        .boxed()
        .collect(
            Collectors.groupingBy(
                i -> held.rows().get(i).set(),
                TreeMap::new,
                Collectors.summarizingDouble(i -> quality[i])))
        .forEach((set, its) -> sets.add(new SetResult(set, its.getCount(), its.getAverage())));
    return sets;
  }

  /** As it is told. */
  ObjectNode json() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("queries", heldOut.quality().length)
        .put(
            "quality",
            IntStream.range(0, heldOut.quality().length)
                .mapToDouble(i -> heldOut.quality()[i])
                .average()
                .orElseThrow())
        .put("best_member", bestMember)
        .put("best_member_quality", best)
        .put("oracle_quality", oracle);
  }
}
