package dev.tutti.decoder.method.token;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.FusedSession;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointEnsembleContract;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.method.token.EmbeddingMap.Candidate;
import dev.tutti.decoder.method.token.EvaEnsemble.Settings;
import dev.tutti.numerics.SingularValues;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EvaEnsembleTest extends JointEnsembleContract {

  private static final List<String> LETTERS = List.of("x", "y", "z");

  @Override
  protected JointEnsemble method() {
    return new EvaEnsemble(Settings.DEFAULTS);
  }

  @Override
  protected JointEnsemble method(SplittableRandom random, List<Integer> order) {
    return new EvaEnsemble(
        new Settings(
            order.indexOf(random.nextInt(order.size())),
            1 + random.nextInt(8),
            1 + random.nextInt(8)));
  }

  private static FusedSession open(Settings settings, ScriptedModel... models) {
    return new EvaEnsemble(settings)
        .plan(Stream.of(models).map(model -> member(model, 1)).toList())
        .open(Stream.of(models).map(ScriptedModel::asked).toList(), StepRunner.SEQUENTIAL);
  }

  /**
   * By hand: a and b begin by x, c by z, which is second to b (.2) and third to a (.04 below .1).
   * Among the first, c is unfaithful; among the first two, z is b's second.
   */
  @Test
  void whoseFavouriteNobodyElseFindsLikelyIsLeftOut() {
    ScriptedModel a = ScriptedModel.constant("a", LETTERS, .8, .1, .04, .06);
    ScriptedModel b = ScriptedModel.constant("b", LETTERS, .6, .1, .2, .1);
    ScriptedModel c = ScriptedModel.constant("c", LETTERS, .1, .1, .8, 0);
    try (FusedSession session = open(new Settings(0, 320, 1), a, b, c)) {
      assertArrayEquals(new double[] {.7, .1, .12, .08}, session.next().probabilities(), 1e-12);
    }
    try (FusedSession session = open(new Settings(0, 320, 2), a, b, c)) {
      assertArrayEquals(
          new double[] {.5, .1, 1.04 / 3, .16 / 3}, session.next().probabilities(), 1e-12);
    }
  }

  @Test
  void whereNobodyAgreesAllStay() {
    ScriptedModel a = ScriptedModel.constant("a", LETTERS, .8, .1, .1, 0);
    ScriptedModel b = ScriptedModel.constant("b", LETTERS, .1, .8, .1, 0);
    try (FusedSession session = open(new Settings(0, 320, 1), a, b)) {
      assertArrayEquals(new double[] {.45, .45, .1, 0}, session.next().probabilities(), 1e-12);
    }
  }

  /** The two most probable, scaled: .8/.9 and .1/.9 of a, of b .6/.8 and .2/.8. */
  @Test
  void onlyTheMostProbableTokensCount() {
    ScriptedModel a = ScriptedModel.constant("a", LETTERS, .8, .1, .04, .06);
    ScriptedModel b = ScriptedModel.constant("b", LETTERS, .6, .1, .2, .1);
    try (FusedSession session = open(new Settings(0, 2, 5), a, b)) {
      assertArrayEquals(
          new double[] {(8 / 9. + 6 / 8.) / 2, 1 / 18., 1 / 8., 0},
          session.next().probabilities(),
          1e-12);
    }
  }

  private static final int WIDTH = 6;

  private static float[][] random(SplittableRandom random, int rows) {
    var e = new float[rows][WIDTH];
    for (float[] row : e) {
      for (int d = 0; d < WIDTH; d++) {
        row[d] = (float) random.nextGaussian();
      }
    }
    return e;
  }

  /** Each row turned by an orthogonal matrix, and made longer. */
  private static float[][] turned(SplittableRandom random, float[][] rows) {
    var drawn = new double[WIDTH][WIDTH];
    for (double[] row : drawn) {
      Arrays.setAll(row, _ -> random.nextGaussian());
    }
    var parts = SingularValues.of(drawn);
    var turned = new float[rows.length][WIDTH];
    for (int i = 0; i < rows.length; i++) {
      for (int d = 0; d < WIDTH; d++) {
        double sum = 0;
        for (int k = 0; k < WIDTH; k++) {
          sum += rows[i][k] * parts.u()[k][d];
        }
        turned[i][d] = (float) (3 * sum);
      }
    }
    return turned;
  }

  /**
   * The pivot's space is the source's, turned, its rows in another order. From 25 known pairs the
   * 15 others are found; each is the other's nearest, so its similarity is 2 - 1.
   */
  @Test
  void aTurnedSpaceIsTurnedBack() {
    for (long seed = 0; seed < 5; seed++) {
      var random = new SplittableRandom(seed);
      float[][] x = random(random, 40);
      float[][] twins = turned(random, x);
      var order = new ArrayList<>(IntStream.range(0, 40).boxed().toList());
      Collections.shuffle(order, new java.util.Random(seed));
      var z = new float[40][];
      for (int i = 0; i < 40; i++) {
        z[order.get(i)] = twins[i];
      }
      var map =
          new EmbeddingMap(
              new Embeddings(x),
              new Embeddings(z),
              IntStream.range(0, 25).toArray(),
              IntStream.range(0, 25).map(order::get).toArray());
      List<List<Candidate>> candidates = map.candidates(10, .1);
      for (int i = 0; i < 40; i++) {
        assertEquals(order.get(i), candidates.get(i).getFirst().piece(), "piece " + i);
        assertEquals(1, candidates.get(i).getFirst().similarity(), 1e-4);
        assertTrue(candidates.get(i).size() <= 10);
        for (Candidate candidate : candidates.get(i)) {
          assertTrue(candidate.similarity() > .1 && candidate.similarity() <= 1 + 1e-6);
        }
      }
    }
  }

  /** Spaces of different widths, and fewer known pairs than dimensions, still give a map. */
  @Test
  void widthsMayDifferAndKnownPairsBeFew() {
    var random = new SplittableRandom(4);
    float[][] x = random(random, 12);
    var z = new float[12][4];
    for (int i = 0; i < 12; i++) {
      z[i] = Arrays.copyOf(x[i], 4);
    }
    int[] known = {0, 1, 2};
    var map = new EmbeddingMap(new Embeddings(x), new Embeddings(z), known, known);
    for (int i : known) {
      assertEquals(i, map.candidates(10, .1).get(i).getFirst().piece());
    }
  }

  private static List<Candidate> row(double... similarities) {
    return IntStream.range(0, similarities.length)
        .mapToObj(i -> new Candidate(i, similarities[i]))
        .toList();
  }

  /** Six of .2 tell nothing, five do; .8 and .6 are scaled to sum 1, .5 and .2 stay. */
  @Test
  void flatRowsAreLeftOutAndLargeOnesScaled() {
    PivotRows rows =
        PivotRows.of(
            List.of(
                row(.2, .2, .2, .2, .2, .2),
                row(.2, .2, .2, .2, .2),
                row(.8, .6),
                row(.5, .2),
                row(.23, .2, .2, .2, .2, .2)));
    assertEquals(0, rows.pieces()[0].length);
    assertEquals(5, rows.pieces()[1].length);
    assertArrayEquals(new float[] {.8f / 1.4f, .6f / 1.4f}, rows.weights()[2], 1e-6f);
    assertArrayEquals(new float[] {.5f, .2f}, rows.weights()[3], 1e-6f);
    // Deviation .0112: above .01.
    assertEquals(6, rows.pieces()[4].length);
  }

  /**
   * hi is a piece of the pivot only, hello of the other one only, and their embeddings are the
   * same: what the other has on hello counts for hi. Ends meet without a map.
   */
  @Test
  void aPieceGoesToTheMostSimilarOfThePivot() {
    List<String> shared = List.of("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
    var pivotPieces = new ArrayList<>(shared);
    pivotPieces.add("hi");
    var otherPieces = new ArrayList<>(shared);
    otherPieces.add("hello");
    double[] p = new double[12];
    p[10] = .5;
    p[0] = .2;
    p[11] = .3;
    double[] q = new double[12];
    q[10] = .9;
    q[11] = .1;
    ScriptedModel pivot = ScriptedModel.constant("pivot", pivotPieces, p);
    ScriptedModel other = ScriptedModel.constant("other", otherPieces, q);
    var same = pivot.embedding;
    other.embedding = piece -> same.apply(piece.equals("hello") ? "hi" : piece);
    try (FusedSession session = open(new Settings(0, 320, 11), pivot, other)) {
      double[] mean = session.next().probabilities();
      List<String> pieces =
          IntStream.range(0, session.vocabulary().size())
              .mapToObj(t -> new String(session.vocabulary().bytes(t)))
              .toList();
      assertEquals(0, mean[pieces.indexOf("hello")], "no piece of the pivot");
      assertEquals(.2, mean[pieces.indexOf("")], 1e-12);
      assertEquals(pieces.indexOf("hi"), session.next().mostProbable());
      assertTrue(mean[pieces.indexOf("hi")] > .5, Arrays.toString(mean));
      assertTrue(Arrays.stream(mean).sum() <= 1 + 1e-9);
      session.append(pieces.indexOf("hi"));
      session.next();
      assertEquals(
          List.of(2L, 2L),
          IntStream.range(0, 2).mapToObj(m -> session.activity(m).tokensWritten()).toList());
    }
  }

  @Test
  void membersOfOneVocabularyNeedNoEmbeddings() {
    ScriptedModel model = ScriptedModel.constant("m", LETTERS, .6, .3, .1, 0);
    new EvaEnsemble(Settings.DEFAULTS)
        .plan(
            List.of(
                new TokenMember("one", 1, model.tokenizer()),
                new TokenMember("two", 1, model.tokenizer())));
    ScriptedModel other = ScriptedModel.constant("other", List.of("x", "y", "w"), .6, .3, .1, 0);
    assertEquals(
        "'other' tells no output embeddings, which eva needs.",
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    new EvaEnsemble(Settings.DEFAULTS)
                        .plan(
                            List.of(
                                member(model, 1), new TokenMember("other", 1, other.tokenizer()))))
            .getMessage());
  }

  @Test
  void aPairWithoutCommonPiecesIsRefused() {
    ScriptedModel latin = ScriptedModel.constant("latin", List.of("a", "b"), .6, .3, .1);
    ScriptedModel greek = ScriptedModel.constant("greek", List.of("α", "b"), .6, .3, .1);
    assertEquals(
        "'greek' and 'latin' have 1 pieces in common; eva maps by two or more.",
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    new EvaEnsemble(Settings.DEFAULTS)
                        .plan(List.of(member(latin, 1), member(greek, 1))))
            .getMessage());
  }

  @Test
  void thePivotMustBeAMember() {
    var settings = new Settings(2, 320, 5);
    assertEquals(
        "pivot is 2; with 2 members it must be within 0..1.",
        assertThrows(IllegalArgumentException.class, () -> settings.requireFit(2)).getMessage());
  }

  @Test
  void theDefaultsAreThoseOfThePublishedCode() {
    assertEquals(new Settings(0, 320, 5), Settings.DEFAULTS);
  }
}
