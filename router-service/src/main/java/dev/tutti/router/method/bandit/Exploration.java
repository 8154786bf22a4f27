package dev.tutti.router.method.bandit;

import dev.tutti.router.Pool;
import dev.tutti.router.Route;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;

/** A ranking by score, of which with some probability anybody is drawn to the top. */
public final class Exploration {

  private Exploration() {}

  private record Scored(Pool.Member member, double score) {}

  /**
   * By falling score, then rising cost, then name. With probability {@code epsilon} the first is
   * drawn from the whole pool.
   */
  public static Route greedy(
      Pool pool,
      ToDoubleFunction<String> score,
      double epsilon,
      RandomGenerator random,
      String why) {
    var ranked = new ArrayList<Scored>();
    for (Pool.Member member : pool.members()) {
      ranked.add(new Scored(member, score.applyAsDouble(member.name())));
    }
    ranked.sort(
        Comparator.comparingDouble(Scored::score)
            .reversed()
            .thenComparingDouble(s -> s.member().usd())
            .thenComparing(s -> s.member().name()));
    int size = ranked.size();
    Scored best = ranked.getFirst();
    boolean explored = epsilon > 0 && random.nextDouble() < epsilon;
    if (explored) {
      ranked.addFirst(ranked.remove(random.nextInt(size)));
    }
    List<Route.Choice> choices =
        ranked.stream()
            .map(
                s ->
                    new Route.Choice(
                        s.member().name(),
                        s.score(),
                        Math.min(1, epsilon / size + (s == best ? 1 - epsilon : 0))))
            .toList();
    return new Route(
        choices,
        "%s: %s %.3f.%s"
            .formatted(
                choices.getFirst().member(),
                why,
                choices.getFirst().score(),
                explored ? " Drawn at random, to learn." : ""));
  }
}
