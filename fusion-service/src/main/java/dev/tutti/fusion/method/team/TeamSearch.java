package dev.tutti.fusion.method.team;

import dev.tutti.numerics.Interruption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongToDoubleFunction;
import java.util.random.RandomGenerator;

/**
 * The fittest team of at least two members: among all of them up to {@value #MOST_EXACT} members,
 * beyond that by a genetic search over sets of members (tournaments of {@value #TOURNAMENT},
 * uniform crossover, mutation of one member in the mean, the best {@value #ELITE} live on). For one
 * thread.
 */
final class TeamSearch {

  static final int MOST_EXACT = 16;
  private static final int POPULATION = 64;
  private static final int GENERATIONS = 40;
  private static final int TOURNAMENT = 3;
  private static final int ELITE = 2;

  private final int members;
  private final LongToDoubleFunction fitness;
  private final Map<Long, Double> known = new HashMap<>();

  /**
   * A search.
   *
   * @param members 2 to 63
   * @param fitness of a team, as a set of bits
   */
  TeamSearch(int members, LongToDoubleFunction fitness) {
    this.members = members;
    this.fitness = fitness;
  }

  /** The best team; of equals the smaller one, then the one of earlier members. */
  long best(RandomGenerator random) {
    return members <= MOST_EXACT ? exact() : genetic(random);
  }

  /** Of all teams. */
  long exact() {
    long best = 0;
    for (long team = 0; team < 1L << members; team++) {
      if (Long.bitCount(team) >= 2 && (best == 0 || isBetter(team, best))) {
        best = team;
      }
    }
    return best;
  }

  /** Of those that the search comes across. */
  long genetic(RandomGenerator random) {
    var population = new ArrayList<Long>();
    population.add((1L << members) - 1);
    while (population.size() < POPULATION) {
      population.add(viable(random.nextLong() & (1L << members) - 1, random));
    }
    for (int generation = 0; generation < GENERATIONS; generation++) {
      sort(population);
      var next = new ArrayList<>(population.subList(0, ELITE));
      while (next.size() < POPULATION) {
        long from = random.nextLong();
        long child = tournament(population, random) & from | tournament(population, random) & ~from;
        for (int m = 0; m < members; m++) {
          child ^= random.nextInt(members) == 0 ? 1L << m : 0;
        }
        next.add(viable(child, random));
      }
      population = next;
    }
    sort(population);
    return population.getFirst();
  }

  private long viable(long team, RandomGenerator random) {
    long grown = team;
    while (Long.bitCount(grown) < 2) {
      grown |= 1L << random.nextInt(members);
    }
    return grown;
  }

  private void sort(List<Long> population) {
    population.sort((a, b) -> a.equals(b) ? 0 : isBetter(a, b) ? -1 : 1);
  }

  /** Of a population that is sorted. */
  private static long tournament(List<Long> population, RandomGenerator random) {
    int best = population.size();
    for (int i = 0; i < TOURNAMENT; i++) {
      best = Math.min(best, random.nextInt(population.size()));
    }
    return population.get(best);
  }

  private boolean isBetter(long team, long other) {
    double here = value(team);
    double there = value(other);
    if (here != there) {
      return here > there;
    }
    int fewer = Long.compare(Long.bitCount(team), Long.bitCount(other));
    return fewer < 0
        || fewer == 0 && Long.compareUnsigned(Long.reverse(team), Long.reverse(other)) > 0;
  }

  private double value(long team) {
    Double before = known.get(team);
    if (before == null) {
      Interruption.check();
      before = fitness.applyAsDouble(team);
      known.put(team, before);
    }
    return before;
  }
}
