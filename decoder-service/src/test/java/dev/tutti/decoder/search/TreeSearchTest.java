package dev.tutti.decoder.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.sampling.Sampling;
import dev.tutti.decoder.sampling.TokenPicker;
import dev.tutti.decoder.search.SearchPolicy.Task;
import dev.tutti.decoder.span.Span;
import dev.tutti.decoder.span.SpanMember;
import dev.tutti.decoder.span.TextJoin;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TreeSearchTest {

  private static final StepLimits LIMITS = new StepLimits(3, 100);
  private static final int[] ONE = {0};

  /** A step of one token, and of the end behind it where it ends. */
  private static Span step(String text, boolean ended) {
    ScriptedModel model =
        ScriptedModel.steps(
            "m", List.of(text), new double[] {1, 0}, new double[] {0, 1}, new double[] {0, 1});
    var member = new TokenMember("m", 1, model.tokenizer());
    try (var writer =
        new SpanMember(member, TextJoin.of(List.of(member), 0).getFirst(), model.prompted())) {
      return writer.propose(
          new byte[0],
          () -> ended ? 2 : 1,
          new TokenPicker(Sampling.GREEDY, new Random(0)),
          ended ? 2 : 1);
    }
  }

  private static TreeSearch search(int iterations, double c, int width, int most, int parallel) {
    return new TreeSearch(
        new SearchPlan.Tree(iterations, c, width, most, .1, parallel, 1),
        LIMITS,
        new double[] {.3, .7});
  }

  /** Takes one task and answers it by a step of this value. */
  private static Node grow(TreeSearch search, String text, boolean ended, double own) {
    List<Task> tasks = search.next(ONE, new SplittableRandom(0));
    assertEquals(1, tasks.size());
    Node child = tasks.getFirst().node().child(step(text, ended), 0);
    child.own = own;
    search.written(tasks, List.of(child));
    return child;
  }

  @Test
  void bestOfStepsKeepsNothingOfWhatItDidNotTake() {
    var search = new BestOfSteps(2, LIMITS);
    List<Task> tasks = search.next(new int[] {0, 1}, new SplittableRandom(0));
    Node root = tasks.getFirst().node();
    Node worse = root.child(step("x", false), 0);
    Node better = root.child(step("y", false), 1);
    worse.own = .2;
    better.own = .8;
    search.written(tasks, List.of(worse, better));
    assertSame(better, search.decided());
    assertEquals(List.of(better), root.children());
    assertEquals(2.0, search.measures().get("nodes"));
  }

  /**
   * By hand: .6 + sqrt(ln 10 / 4) = .6 + .758714; while another one comes by, .6 x 4 / 5 + sqrt(ln
   * 11 / 5) = .48 + .692516.
   */
  @Test
  void uctIsValueAndExploration() {
    Node parent = Node.root();
    Node child = parent.child(step("x", false), 0);
    parent.visits = 10;
    child.visits = 4;
    child.value = .6;
    assertEquals(1.358714, search(9, 1, 2, 2, 1).uct(child, parent), 1e-6);
    assertEquals(.6 + 2 * .758714, search(9, 2, 2, 2, 1).uct(child, parent), 1e-6);
    parent.pending = 1;
    child.pending = 1;
    assertEquals(1.172516, search(9, 1, 2, 2, 1).uct(child, parent), 1e-6);
  }

  /**
   * By hand, c 0, two children each: a .9 and b .4 below the root, then a's turn: a1 .3 makes a
   * worth .3 and the root .4, so a (.3) gives way to b (.4).
   */
  @Test
  void valuesGoUpByTheirGreatest() {
    TreeSearch search = search(9, 0, 2, 2, 1);
    Node a = grow(search, "a", false, .9);
    assertEquals(.9, a.parent().value);
    Node b = grow(search, "b", false, .4);
    Node root = a.parent();
    assertSame(root, b.parent());
    assertEquals(.9, root.value);
    Node a1 = grow(search, "c", false, .3);
    assertSame(a, a1.parent());
    assertEquals(.3, a.value);
    assertEquals(.9, a.own);
    assertEquals(.4, root.value);
    assertEquals(3, root.visits);
    assertEquals(2, a.visits);
    assertEquals(1, b.visits);
    assertSame(b, grow(search, "d", false, .35).parent());
  }

  /**
   * Whatever is grown where: the best so far is the one that all nodes tell, and of places from
   * which nothing goes on nothing is kept but that.
   */
  @Test
  void theBestIsKeptAsLeavesClose() {
    List<String> texts = List.of("a", "b", "c", "d");
    var spans = new ArrayList<Span>();
    texts.forEach(text -> spans.add(step(text, false)));
    texts.forEach(text -> spans.add(step(text, true)));
    for (long seed = 0; seed < 60; seed++) {
      var random = new SplittableRandom(seed);
      TreeSearch search = search(60, 1, 2, 3, seed % 2 == 0 ? 1 : 2);
      var all = new ArrayList<Node>();
      while (true) {
        List<Task> tasks = search.next(new int[] {0, 1}, random);
        if (tasks.isEmpty() || tasks.getFirst().greedy()) {
          break;
        }
        var children = new ArrayList<Node>();
        for (Task task : tasks) {
          boolean writes = random.nextInt(6) > 0;
          boolean ends = seed % 3 > 0 && random.nextInt(3) == 0;
          Span span = spans.get(random.nextInt(4) + (ends ? 4 : 0));
          Node child = writes ? task.node().child(span, task.writer()) : null;
          if (child != null && child.visits == 0 && !all.contains(child)) {
            child.own = random.nextInt(1, 10) / 10.0;
            all.add(child);
          }
          children.add(child);
        }
        search.written(tasks, children);
        Node best = best(all);
        if (best != null) {
          assertEquals(best.ended(), search.best().ended());
          assertEquals(best.own, search.best().own);
          assertTrue(best.ended() || best.depth() == search.best().depth());
        }
      }
      for (Node node : all) {
        assertTrue(!node.closed || node.children().isEmpty());
      }
    }
  }

  /** The finished one of the greatest value, or else the leaf of it, the deepest of equal ones. */
  private static Node best(List<Node> all) {
    return all.stream()
        .filter(node -> node.ended() || node.drew().isEmpty())
        .max(
            Comparator.comparing(Node::ended)
                .thenComparing(node -> node.own)
                .thenComparing(Node::depth))
        .orElse(null);
  }

  /** One child each, up to three where the best is worth less by more than .1. */
  @Test
  void aPlaceWhoseBestChildIsWorseGetsAnother() {
    TreeSearch search = search(9, 0, 1, 3, 1);
    Node a = grow(search, "a", false, .85);
    Node b = grow(search, "b", false, .5);
    // The root is worth 1 by itself.
    assertSame(a.parent(), b.parent());
    Node c = grow(search, "c", false, .95);
    assertSame(a.parent(), c.parent());
    Node d = grow(search, "d", false, .9);
    assertSame(c, d.parent());
    // .9 is within a tenth of .95.
    assertSame(d, grow(search, "e", false, .1).parent());
  }

  @Test
  void equalStepsAreOneChild() {
    TreeSearch search = search(9, 0, 2, 2, 1);
    Node a = grow(search, "a", false, .5);
    assertSame(a, grow(search, "a", false, .5));
    assertEquals(2, a.visits);
    assertEquals(2, a.parent().attempts);
    assertNotSame(a, grow(search, "a", true, .5));
  }

  @Test
  void theSearchEndsWhereNothingNewCanCome() {
    TreeSearch search = search(99, 1, 2, 2, 1);
    Node a = grow(search, "a", true, .5);
    Node b = grow(search, "b", true, .7);
    assertTrue(a.closed && b.closed);
    assertEquals(List.of(), search.next(ONE, new SplittableRandom(0)));
    assertSame(b, search.decided());
    assertEquals(2.0, search.measures().get("iterations"));
    assertEquals(.7, search.measures().get("value"));
  }

  @Test
  void oneThatIsGoodEnoughEndsIt() {
    var search =
        new TreeSearch(new SearchPlan.Tree(99, 1, 4, 4, .1, 1, .8), LIMITS, new double[] {1});
    grow(search, "a", true, .79);
    Node b = grow(search, "b", true, .8);
    assertEquals(List.of(), search.next(ONE, new SplittableRandom(0)));
    assertSame(b, search.decided());
  }

  @Test
  void whatComesToNoEndIsWorthNothing() {
    TreeSearch search = search(99, 0, 1, 1, 1);
    Node a = grow(search, "a", false, .9);
    grow(search, "b", false, .9);
    Node c = grow(search, "c", false, .9);
    assertEquals(3, c.depth());
    assertEquals(0, c.value);
    assertEquals(0, a.value);
    // There is nothing else, so it is told all the same.
    assertEquals(List.of(), search.next(ONE, new SplittableRandom(0)));
    assertSame(c, search.decided());
  }

  /** After two iterations; the member of weight .7 writes on, by its most probable tokens. */
  @Test
  void theStrongestMemberFinishesTheBestChain() {
    TreeSearch search = search(2, 0, 2, 2, 1);
    Node a = grow(search, "a", false, .5);
    grow(search, "b", false, .2);
    List<Task> tasks = search.next(new int[] {0, 1}, new SplittableRandom(0));
    assertEquals(List.of(new Task(a, 1, true)), tasks);
    assertSame(a.parent(), search.decided());
    assertSame(a, search.best());
    Node end = a.child(step("c", true), 1);
    search.written(tasks, List.of(end));
    assertEquals(List.of(), search.next(new int[] {0, 1}, new SplittableRandom(0)));
    assertSame(end, search.decided());
  }

  @Test
  void leavesThatGrowAtOnceAreApart() {
    TreeSearch search = search(99, .1, 1, 1, 2);
    int[] both = {0, 1};
    // At first there is the root only, which gets one child.
    List<Task> first = search.next(both, new SplittableRandom(0));
    assertEquals(1, first.size());
    Node a = first.getFirst().node().child(step("a", false), 0);
    a.own = .9;
    search.written(first, List.of(a));
    // Two children each from here on.
    TreeSearch wide = search(99, .1, 2, 2, 2);
    List<Task> two = wide.next(both, new SplittableRandom(0));
    assertEquals(2, two.size());
    assertEquals(1, two.get(0).writer() + two.get(1).writer());
    var children = new ArrayList<Node>();
    for (Task task : two) {
      Node child = task.node().child(step(task.writer() == 0 ? "x" : "y", false), task.writer());
      child.own = task.writer() == 0 ? .9 : .8;
      children.add(child);
    }
    wide.written(two, children);
    // The first goes to the better one; while that is on its way, .9 x 1/2, the other is next.
    List<Task> next = wide.next(both, new SplittableRandom(0));
    assertEquals(2, next.size());
    assertNotSame(next.get(0).node(), next.get(1).node());
    assertEquals(.9, next.get(0).node().own);
  }

  @Test
  void aWriterThatCouldNotIsAnAttempt() {
    TreeSearch search = search(99, 0, 1, 1, 1);
    List<Task> tasks = search.next(ONE, new SplittableRandom(0));
    var none = new ArrayList<Node>();
    none.add(null);
    search.written(tasks, none);
    // The root is done; finishing it fails too.
    tasks = search.next(ONE, new SplittableRandom(0));
    assertTrue(tasks.getFirst().greedy());
    search.written(tasks, none);
    assertEquals(List.of(), search.next(ONE, new SplittableRandom(0)));
  }
}
