package dev.tutti.decoder.method.token;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.FusedSession;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointEnsembleContract;
import dev.tutti.decoder.StepCombiner.Vote;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.method.token.DeepenEnsemble.Settings;
import dev.tutti.numerics.Adam;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DeepenEnsembleTest extends JointEnsembleContract {

  private static final List<String> LETTERS = List.of("x", "y");

  @Override
  protected JointEnsemble method() {
    return new DeepenEnsemble(Settings.DEFAULTS);
  }

  @Override
  protected JointEnsemble method(SplittableRandom random, List<Integer> order) {
    return new DeepenEnsemble(
        new Settings(
            order.indexOf(random.nextInt(order.size())),
            random.nextDouble(),
            random.nextInt(8),
            .01 + 100 * random.nextDouble(),
            1 + random.nextInt(8)));
  }

  /** Pieces at right angles, of different lengths. */
  private static float[] rightAngles(String piece) {
    return switch (piece) {
      case "x" -> new float[] {1, 0, 0, 0};
      case "y" -> new float[] {0, 2, 0, 0};
      case "" -> new float[] {0, 0, .5f, 0};
      default -> new float[] {0, 0, 0, 1};
    };
  }

  private static ScriptedModel model(String name, List<String> pieces, double... p) {
    ScriptedModel model = ScriptedModel.constant(name, pieces, p);
    model.embedding = DeepenEnsembleTest::rightAngles;
    return model;
  }

  private static FusedSession open(Settings settings, ScriptedModel... models) {
    return new DeepenEnsemble(settings)
        .plan(Stream.of(models).map(model -> member(model, 1)).toList())
        .open(Stream.of(models).map(ScriptedModel::asked).toList(), StepRunner.SEQUENTIAL);
  }

  /** By hand: with T = ln 3 a piece's own anchor has e^T = 3, the others 1: 3/5, 1/5, 1/5. */
  @Test
  void rowsAreSoftmaxesOfCosines() {
    var embeddings =
        new Embeddings(new float[][] {{1, 0, 0, 0}, {0, 2, 0, 0}, {0, 0, .5f, 0}, {3, 3, 0, 0}});
    RelativeRows rows = RelativeRows.of(embeddings, new int[] {0, 1, 2}, Math.log(3));
    assertArrayEquals(new double[] {.6, .2, .2}, row(rows, 0), 1e-6);
    assertArrayEquals(new double[] {.2, .6, .2}, row(rows, 1), 1e-6);
    // No anchor itself: its cosines are .7071, .7071, 0.
    double near = Math.pow(3, Math.sqrt(.5));
    assertArrayEquals(
        new double[] {near / (2 * near + 1), near / (2 * near + 1), 1 / (2 * near + 1)},
        row(rows, 3),
        1e-6);
    assertEquals(.6 * 1 + .2 * 10 + .2 * 100, rows.dot(0, new double[] {1, 10, 100}), 1e-5);
  }

  private static double[] row(RelativeRows rows, int piece) {
    var row = new double[3];
    rows.add(piece, 1, row);
    return row;
  }

  /** The other member moves the main one, whatever it gives to tokens that have no row. */
  @Test
  void whatGoesToSpecialTokensDoesNotEndTheSearch() {
    List<TokenMember> members =
        Stream.of("a", "b").map(name -> member(model(name, LETTERS, .6, .3, .1), 1)).toList();
    var mean = new RelativeMean(Settings.DEFAULTS, members, new UnionVocabulary(members));
    double[] own = {.6, .3, .1};
    double[] whole = new double[3];
    mean.combine(
        List.of(new Vote(0, .5, own, null), new Vote(1, .5, new double[] {.59, .31, .1}, null)),
        whole);
    assertTrue(Math.abs(whole[1] - .3) > 1e-3);
    double[] combined = new double[3];
    mean.combine(
        List.of(new Vote(0, .5, own, null), new Vote(1, .5, new double[] {.531, .279, .09}, null)),
        combined);
    assertArrayEquals(whole, combined, 1e-6);
  }

  /** Of 40 anchors the 16 nearest are kept, and sum to 1. */
  @Test
  void theLargestOfARowAreKept() {
    var random = new SplittableRandom(3);
    var e = new float[40][5];
    for (float[] row : e) {
      for (int d = 0; d < row.length; d++) {
        row[d] = (float) random.nextGaussian();
      }
    }
    RelativeRows rows = RelativeRows.of(new Embeddings(e), IntStream.range(0, 40).toArray(), 10);
    assertEquals(16, rows.width());
    for (int piece = 0; piece < 40; piece++) {
      var row = new double[40];
      rows.add(piece, 1, row);
      assertEquals(1, Arrays.stream(row).sum(), 1e-6);
      assertEquals(16, Arrays.stream(row).filter(p -> p > 0).count());
      int most = IntStream.range(0, 40).boxed().max((a, b) -> Double.compare(row[a], row[b])).get();
      assertEquals(piece, most, "itself");
    }
  }

  /**
   * By hand, T = ln 3, one step: rows are .4 I + .2. main (.6, .3, .1) has g = (.44, .32, .24);
   * with (.2, .3, .5), equal weights, r = (.36, .32, .32). r/g = (9/11, 1, 4/3); dq = -(.4 r/g + .2
   * sum) = -(.9576, 1.0303, 1.1636), <q, dq> = -1; q (dq + 1) = (.0255, -.0091, -.0164). Adam's
   * first step is the rate against the sign.
   */
  @Test
  void aStepGoesTowardsTheOthers() {
    ScriptedModel main = model("main", LETTERS, .6, .3, .1);
    ScriptedModel other = model("other", LETTERS, .2, .3, .5);
    var settings = new Settings(0, .15, 1, Math.log(3), 200);
    try (FusedSession session = open(settings, main, other)) {
      double[] l = {Math.log(.6), Math.log(.3), Math.log(.1)};
      double[] e = {
        Math.exp(l[0] - .15), Math.exp(l[1] + .15), Math.exp(l[2] + .15),
      };
      double sum = e[0] + e[1] + e[2];
      assertArrayEquals(
          new double[] {e[0] / sum, e[1] / sum, e[2] / sum}, session.next().probabilities(), 1e-5);
    }
  }

  /** Enough steps bring main's pieces to the mean, as rows at right angles tell all apart. */
  @Test
  void theSearchEndsAtTheMean() {
    ScriptedModel main = model("main", LETTERS, .6, .3, .1);
    ScriptedModel other = model("other", LETTERS, .2, .5, .3);
    var settings = new Settings(0, .02, 100, 100, 200);
    try (FusedSession session = open(settings, main, other)) {
      assertArrayEquals(new double[] {.4, .4, .2}, session.next().probabilities(), .02);
    }
  }

  /** Three pieces, of which the two best move: the third keeps its .1. */
  @Test
  void onlyCandidatesMove() {
    ScriptedModel main = model("main", LETTERS, .6, .3, .1);
    ScriptedModel other = model("other", LETTERS, .1, .2, .7);
    var settings = new Settings(0, .15, 5, 100, 2);
    try (FusedSession session = open(settings, main, other)) {
      double[] p = session.next().probabilities();
      assertEquals(.1, p[2], 1e-12);
      assertEquals(.9, p[0] + p[1], 1e-12);
      assertTrue(p[0] < .6, p[0] + " should have moved");
    }
  }

  @Test
  void mainWritesAloneWhereItEndsOrNothingIsSearched() {
    ScriptedModel ends = model("ends", LETTERS, .3, .2, .5);
    ScriptedModel main = model("main", LETTERS, .6, .3, .1);
    ScriptedModel other = model("other", LETTERS, .1, .9, 0);
    try (FusedSession session = open(Settings.DEFAULTS, ends, other)) {
      assertArrayEquals(new double[] {.3, .2, .5}, session.next().probabilities(), 1e-15);
    }
    for (Settings none :
        List.of(new Settings(0, 0, 5, 100, 200), new Settings(0, .15, 0, 100, 200))) {
      try (FusedSession session = open(none, main, other)) {
        assertArrayEquals(new double[] {.6, .3, .1}, session.next().probabilities(), 1e-15);
      }
    }
  }

  /** Pieces of the main member are written; what the other one has more counts by its anchors. */
  @Test
  void vocabulariesMeetAtTheirAnchors() {
    ScriptedModel main = model("main", LETTERS, .55, .45, 0);
    ScriptedModel other = ScriptedModel.constant("other", List.of("x", "y", "yes"), .1, .1, .8, 0);
    other.embedding = piece -> rightAngles(piece.equals("yes") ? "y" : piece);
    try (FusedSession session = open(Settings.DEFAULTS, main, other)) {
      double[] p = session.next().probabilities();
      // x, y, yes, end.
      assertEquals(0, p[2]);
      assertTrue(p[1] > p[0], Arrays.toString(p));
    }
  }

  @Test
  void theNextIsMainWhereMainFails() {
    ScriptedModel broken = model("broken", LETTERS, Double.NaN, 0, 0);
    ScriptedModel a = model("a", LETTERS, .6, .3, .1);
    try (FusedSession session = open(Settings.DEFAULTS, broken, a)) {
      assertArrayEquals(new double[] {.6, .3, .1}, session.next().probabilities(), 1e-15);
    }
  }

  @Test
  void theGradientIsThatOfFiniteDifferences() {
    var random = new SplittableRandom(5);
    for (int trial = 0; trial < 50; trial++) {
      var e = new float[9][4];
      for (float[] row : e) {
        for (int d = 0; d < row.length; d++) {
          row[d] = (float) random.nextGaussian();
        }
      }
      RelativeRows rows = RelativeRows.of(new Embeddings(e), new int[] {0, 2, 4, 6, 7}, 3);
      var wanted = random.doubles(5, .01, 1).toArray();
      var rest = random.doubles(5, 0, .1).toArray();
      var search = new RelativeSearch(rows, new int[] {1, 2, 5, 8}, .8, rest, wanted);
      double[] l = random.doubles(4, -2, 2).toArray();
      var gradient = new double[4];
      search.loss(l, gradient);
      for (int i = 0; i < l.length; i++) {
        double[] more = l.clone();
        double[] less = l.clone();
        more[i] += 1e-5;
        less[i] -= 1e-5;
        double slope = (search.loss(more, new double[4]) - search.loss(less, new double[4])) / 2e-5;
        assertEquals(slope, gradient[i], 1e-7 * Math.max(1, Math.abs(slope)));
      }
    }
  }

  /** By hand: half a cosine from .15 to .0375 over ten steps, .09375 + .05625 cos(k pi/10). */
  @Test
  void stepsGetShorter() {
    var embeddings = new Embeddings(new float[][] {{1, 0}, {0, 1}});
    RelativeRows rows = RelativeRows.of(embeddings, new int[] {0, 1}, 100);
    var search =
        new RelativeSearch(rows, new int[] {0, 1}, 1, new double[2], new double[] {.2, .8});
    double[] found = {0, 0};
    search.search(found, .15, 6);
    double[] expected = {0, 0};
    var adam = new Adam(expected, 1, 0);
    for (double rate : new double[] {.15, .14724693, .13925721, .12681292, .11113221, .09375}) {
      search.loss(expected, adam.gradient());
      adam.step(rate);
    }
    assertArrayEquals(expected, found, 1e-7);
  }

  @Test
  void membersWithoutEmbeddingsAreRefused() {
    ScriptedModel model = model("mute", LETTERS, .6, .3, .1);
    var refused =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new DeepenEnsemble(Settings.DEFAULTS)
                    .plan(List.of(new TokenMember("mute", 1, model.tokenizer()))));
    assertEquals("'mute' tells no output embeddings, which deepen needs.", refused.getMessage());
  }

  @Test
  void theMainMemberMustBeOne() {
    var settings = new Settings(2, .15, 5, 100, 200);
    assertEquals(
        "main is 2; with 2 members it must be within 0..1.",
        assertThrows(IllegalArgumentException.class, () -> settings.requireFit(2)).getMessage());
  }

  @Test
  void theDefaultsAreThePapers() {
    assertEquals(new Settings(0, .15, 5, 100, 200), Settings.DEFAULTS);
  }
}
