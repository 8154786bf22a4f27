package dev.tutti.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.registry.v1.Lifecycle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class NestingTest {

  private static Ensemble ensemble(int number, List<Integer> nested) {
    var members = new ArrayList<Ensemble.Member>();
    members.add(new Ensemble.Member("model", null, null, null, null, null));
    nested.forEach(n -> members.add(new Ensemble.Member(null, "e" + n, null, null, null, null)));
    return new Ensemble(
        "e" + number,
        null,
        "coin",
        null,
        members,
        null,
        null,
        null,
        Lifecycle.LIFECYCLE_ACTIVE,
        null,
        1L,
        null,
        null,
        null,
        null);
  }

  /** Ensembles of which each has only later ones as members: no cycle. */
  private static RegistryState acyclic(int size, Random random) {
    var entries = new TreeMap<String, Entry>();
    for (int i = 0; i < size; i++) {
      var nested = new ArrayList<Integer>();
      for (int j = i + 1; j < size; j++) {
        if (random.nextInt(3) == 0) {
          nested.add(j);
        }
      }
      entries.put("e" + i, ensemble(i, nested));
    }
    return new RegistryState(1, entries);
  }

  private static boolean has(RegistryState state, String outer, String inner) {
    return ((Ensemble) state.find(outer).orElseThrow()).nested().contains(inner);
  }

  @Property(tries = 200)
  void whatHasOnlyLaterOnesHasNoCycle(
      @ForAll @IntRange(min = 1, max = 12) int size, @ForAll long seed) {
    RegistryState state = acyclic(size, new Random(seed));
    for (int i = 0; i < size; i++) {
      assertEquals(Optional.empty(), Nesting.cycle(state, "e" + i));
    }
  }

  @Property(tries = 500)
  void anEdgeBackIsACycleExactlyWhereThereWasAWayThere(
      @ForAll @IntRange(min = 2, max = 12) int size, @ForAll long seed) {
    var random = new Random(seed);
    RegistryState before = acyclic(size, random);
    int from = random.nextInt(size);
    int to = random.nextInt(size);
    var nested =
        new ArrayList<>(
            ((Ensemble) before.find("e" + from).orElseThrow())
                .nested().stream().map(n -> Integer.valueOf(n.substring(1))).toList());
    nested.add(to);
    RegistryState after = before.with(ensemble(from, nested));
    Optional<List<String>> cycle = Nesting.cycle(after, "e" + from);
    assertEquals(reaches(before, to, from), cycle.isPresent());
    cycle.ifPresent(
        path -> {
          assertEquals("e" + from, path.getFirst());
          assertEquals("e" + from, path.getLast());
          assertEquals(path.size() - 1, path.stream().distinct().count());
          for (int i = 1; i < path.size(); i++) {
            assertTrue(has(after, path.get(i - 1), path.get(i)), path.toString());
          }
        });
  }

  private static boolean reaches(RegistryState state, int from, int to) {
    return from == to
        || ((Ensemble) state.find("e" + from).orElseThrow())
            .nested().stream().anyMatch(n -> reaches(state, Integer.parseInt(n.substring(1)), to));
  }

  @Property(tries = 200)
  void theLongestChainIsAChainAndNoneIsLonger(
      @ForAll @IntRange(min = 1, max = 9) int size, @ForAll long seed) {
    var random = new Random(seed);
    RegistryState state = acyclic(size, random);
    String through = "e" + random.nextInt(size);
    List<String> chain = Nesting.longestChain(state, through);
    assertTrue(chain.contains(through));
    for (int i = 1; i < chain.size(); i++) {
      assertTrue(has(state, chain.get(i - 1), chain.get(i)), chain.toString());
    }
    int longest = 0;
    for (int start = 0; start < size; start++) {
      longest = Math.max(longest, longestThrough(state, start, through, false));
    }
    assertEquals(longest, chain.size());
  }

  /** Most ensembles on a way from here that passes through one; minus infinity for none. */
  private static int longestThrough(RegistryState state, int from, String through, boolean passed) {
    boolean now = passed || through.equals("e" + from);
    int best = now ? 0 : -1000;
    for (String next : ((Ensemble) state.find("e" + from).orElseThrow()).nested()) {
      best =
          Math.max(best, longestThrough(state, Integer.parseInt(next.substring(1)), through, now));
    }
    return best + 1;
  }

  @Test
  void retiredEnsemblesDoNotCountFromAbove() {
    var entries = new TreeMap<String, Entry>();
    entries.put("e0", ensemble(0, List.of(1)).at(Lifecycle.LIFECYCLE_RETIRED));
    entries.put("e1", ensemble(1, List.of()));
    assertEquals(List.of("e1"), Nesting.longestChain(new RegistryState(1, entries), "e1"));
  }
}
