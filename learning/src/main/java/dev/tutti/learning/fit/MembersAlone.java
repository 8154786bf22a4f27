package dev.tutti.learning.fit;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.learning.FitRequest;
import dev.tutti.registry.v1.CostUnit;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.DatasetMember;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * What each member alone, and who knows the best answer of each query, is worth on the held-out
 * queries that all answered who answered any: beside it a comparison shows what a fit adds. Keeps
 * sums only. For one thread.
 */
final class MembersAlone {

  private final FitRequest request;
  private final CostUnit unit;
  private final List<String> members;
  private final Map<String, Integer> places = new HashMap<>();
  private final double[] quality;

  /** NaN from the first cost on that was not recorded. */
  private final double[] cost;

  private final BitSet seen = new BitSet();
  private double bestQuality;
  private double bestCost;
  private long queries;

  /** Nothing yet of the members that are learned about. */
  MembersAlone(FitRequest request, Dataset dataset) {
    this.request = request;
    this.unit = dataset.getCostUnit();
    this.members =
        request.parameters().members().isEmpty()
            ? dataset.getMembersList().stream().map(DatasetMember::getMember).toList()
            : request.parameters().members();
    members.forEach(member -> places.put(member, places.size()));
    this.quality = new double[members.size()];
    this.cost = new double[members.size()];
  }

  /** The next row. */
  void take(RecordedQuery row) {
    if (!request.holdsOut(FitRequest.number(row.getQuery()))) {
      return;
    }
    List<Outcome> outcomes =
        row.getOutcomesList().stream().filter(o -> places.containsKey(o.getMember())).toList();
    var answered = new BitSet();
    outcomes.forEach(outcome -> answered.set(places.get(outcome.getMember())));
    int before = seen.cardinality();
    seen.or(answered);
    if (seen.cardinality() > before) {
      // No row of before was answered by all.
      forget();
    }
    if (!answered.isEmpty() && answered.equals(seen)) {
      add(outcomes);
    }
  }

  private void forget() {
    Arrays.fill(quality, 0);
    Arrays.fill(cost, 0);
    bestQuality = 0;
    bestCost = 0;
    queries = 0;
  }

  private void add(List<Outcome> outcomes) {
    double best = Double.NEGATIVE_INFINITY;
    double cheapest = Double.NaN;
    for (Outcome outcome : outcomes) {
      int place = places.get(outcome.getMember());
      double its = outcome.hasCost() ? outcome.getCost() : Double.NaN;
      quality[place] += outcome.getScore();
      cost[place] += its;
      if (outcome.getScore() > best) {
        best = outcome.getScore();
        cheapest = its;
      } else if (outcome.getScore() == best) {
        cheapest = Math.min(cheapest, its);
      }
    }
    bestQuality += best;
    bestCost += cheapest;
    queries++;
  }

  /** Tells it, under the names of {@code tutti.learning.v1.ComparedVersion}. */
  void tell(ObjectNode comparison) {
    comparison.put(
        "cost_unit", unit.name().substring("COST_UNIT_".length()).toLowerCase(Locale.ROOT));
    if (queries == 0) {
      return;
    }
    ArrayNode points = comparison.putArray("members");
    for (int m = 0; m < members.size(); m++) {
      if (seen.get(m)) {
        put(points.addObject().put("member", members.get(m)), cost[m], quality[m]);
      }
    }
    put(comparison.putObject("oracle").put("queries", queries), bestCost, bestQuality);
  }

  /** Mean cost of asking every member; empty where one was not recorded. */
  OptionalDouble costOfAll() {
    double all = IntStream.range(0, cost.length).filter(seen::get).mapToDouble(m -> cost[m]).sum();
    return queries == 0 || Double.isNaN(all)
        ? OptionalDouble.empty()
        : OptionalDouble.of(all / queries);
  }

  private void put(ObjectNode point, double costs, double qualities) {
    point.put("quality", qualities / queries);
    if (!Double.isNaN(costs)) {
      point.put("usd", costs / queries);
    }
  }
}
