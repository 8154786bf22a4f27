package dev.tutti.decoder.method.token;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.FusedSession;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointEnsembleContract;
import dev.tutti.decoder.StepCombiner.Vote;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.method.token.PurifyingEnsemble.Divergence;
import dev.tutti.decoder.method.token.PurifyingEnsemble.Settings;
import dev.tutti.decoder.sampling.AnswerWriter;
import dev.tutti.decoder.sampling.Sampling;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PurifyingEnsembleTest extends JointEnsembleContract {

  private static final List<String> LETTERS = List.of("x", "y");

  @Override
  protected JointEnsemble method() {
    return new PurifyingEnsemble(Settings.DEFAULTS);
  }

  /** The first is benign, as the last one is who fails in one of the contract's tests. */
  @Override
  protected JointEnsemble method(SplittableRandom random, List<Integer> order) {
    return new PurifyingEnsemble(
        new Settings(
            order.indexOf(0),
            Divergence.values()[random.nextInt(2)],
            2 * random.nextDouble(),
            .01 + 2 * random.nextDouble(),
            random.nextDouble()));
  }

  private static Settings kl(double alpha, double beta) {
    return new Settings(0, Divergence.KL, alpha, beta, .1);
  }

  private static final Settings MAX = new Settings(0, Divergence.MAX, .5, .5, .1);

  private static FusedSession open(Settings settings, double[] weights, ScriptedModel... models) {
    var members = new TokenMember[models.length];
    Arrays.setAll(members, m -> member(models[m], weights[m]));
    return new PurifyingEnsemble(settings)
        .plan(List.of(members))
        .open(Stream.of(models).map(ScriptedModel::asked).toList(), StepRunner.SEQUENTIAL);
  }

  private static FusedSession open(Settings settings, ScriptedModel... models) {
    return open(settings, Arrays.stream(models).mapToDouble(_ -> 1).toArray(), models);
  }

  private static double bound(FusedSession session) {
    return session.measures().get("k_naf_bound_nats");
  }

  /** .2 of the benign member is on special tokens, so each other token has 1 / .8 of its own. */
  @Test
  void whatTheBenignOneGivesToSpecialTokensCosts() {
    List<TokenMember> members = List.of(member(ScriptedModel.constant("s", LETTERS, 1, 0, 0), 1));
    var union = new UnionVocabulary(members);
    double[] combined = new double[3];
    List<Vote> alone = List.of(new Vote(0, 1, new double[] {.5, .2, .1}, null));
    double bound = new Purification(MAX, members, union).combine(alone, combined);
    assertEquals(-Math.log(.8), bound, 1e-12);
    assertArrayEquals(new double[] {.5, .2, .1}, combined);
  }

  /**
   * By hand: p_s = (.64, .25, .11), p_l = (.04, .25, .71): roots of the products .16, .25, .2795; Z
   * = .6895. -2 ln Z = .7436. KL(p||p_s) + KL(p||p_l) is the same, so each is below.
   */
  @Test
  void theGeometricMeanIsWithinMinusTwoLogZ() {
    double[] benign = {.64, .25, .11};
    double[] untrusted = {.04, .25, .71};
    ScriptedModel s = ScriptedModel.constant("s", LETTERS, benign);
    ScriptedModel l = ScriptedModel.constant("l", LETTERS, untrusted);
    double last = Math.sqrt(.11 * .71);
    double z = .16 + .25 + last;
    try (FusedSession session = open(Settings.DEFAULTS, s, l)) {
      assertEquals(0, session.measures().size(), "nothing was asked yet");
      double[] p = session.next().probabilities();
      assertArrayEquals(new double[] {.16 / z, .25 / z, last / z}, p, 1e-15);
      assertEquals(-2 * Math.log(z), bound(session), 1e-12);
      assertEquals(.7436, bound(session), 1e-4);
      assertEquals(divergence(p, benign) + divergence(p, untrusted), bound(session), 1e-12);
    }
  }

  /** By hand: the lesser are .04, .25, .11, together .4; the bound is -ln .4 = .9163. */
  @Test
  void theLesserIsWithinMinusLogOfTheirSum() {
    double[] benign = {.64, .25, .11};
    ScriptedModel s = ScriptedModel.constant("s", LETTERS, benign);
    ScriptedModel l = ScriptedModel.constant("l", LETTERS, .04, .25, .71);
    try (FusedSession session = open(MAX, s, l)) {
      double[] p = session.next().probabilities();
      assertArrayEquals(new double[] {.1, .625, .275}, p, 1e-15);
      assertEquals(-Math.log(.4), bound(session), 1e-12);
      for (int token = 0; token < p.length; token++) {
        assertTrue(Math.log(p[token] / benign[token]) <= bound(session) + 1e-12);
      }
    }
  }

  /** By hand: alpha 1, beta 1: the products are .0256, .0625, .0781, scaled; that is sharper. */
  @Test
  void otherExponentsHaveABoundOfTheirOwn() {
    double[] benign = {.64, .25, .11};
    double[] untrusted = {.04, .25, .71};
    ScriptedModel s = ScriptedModel.constant("s", LETTERS, benign);
    ScriptedModel l = ScriptedModel.constant("l", LETTERS, untrusted);
    try (FusedSession session = open(kl(1, 1), s, l)) {
      double[] p = session.next().probabilities();
      double z = .0256 + .0625 + .0781;
      assertArrayEquals(new double[] {.0256 / z, .0625 / z, .0781 / z}, p, 1e-15);
      // alpha KL(p||p_l) + beta KL(p||p_s), over beta.
      assertEquals(divergence(p, benign) + divergence(p, untrusted), bound(session), 1e-12);
    }
    try (FusedSession session = open(kl(.3, .6), s, l)) {
      double[] p = session.next().probabilities();
      assertEquals(
          (.3 * divergence(p, untrusted) + .6 * divergence(p, benign)) / .6, bound(session), 1e-12);
    }
  }

  /** Weights 5 (benign), 1 and 3: alpha .5 is .125 and .375. */
  @Test
  void untrustedMembersShareAlphaByTheirWeights() {
    ScriptedModel s = ScriptedModel.constant("s", LETTERS, .5, .3, .2);
    ScriptedModel a = ScriptedModel.constant("a", LETTERS, .1, .8, .1);
    ScriptedModel b = ScriptedModel.constant("b", LETTERS, .2, .2, .6);
    try (FusedSession session = open(Settings.DEFAULTS, new double[] {5, 1, 3}, s, a, b)) {
      double x = Math.sqrt(.5) * Math.pow(.1, .125) * Math.pow(.2, .375);
      double y = Math.sqrt(.3) * Math.pow(.8, .125) * Math.pow(.2, .375);
      double end = Math.sqrt(.2) * Math.pow(.1, .125) * Math.pow(.6, .375);
      double z = x + y + end;
      assertArrayEquals(
          new double[] {x / z, y / z, end / z}, session.next().probabilities(), 1e-15);
    }
  }

  /** Three steps of -ln .4, of which the last one is the end, which nobody appends. */
  @Test
  void theBoundOfAnAnswerIsTheSumOverItsStepsWithTheEnd() {
    ScriptedModel s =
        ScriptedModel.steps(
            "s",
            LETTERS,
            new double[] {.2, .8, 0},
            new double[] {.2, .8, 0},
            new double[] {.1, .1, .8});
    ScriptedModel l =
        ScriptedModel.steps(
            "l",
            LETTERS,
            new double[] {.8, .2, 0},
            new double[] {.8, .2, 0},
            new double[] {.7, 0, .3});
    try (FusedSession session = open(MAX, s, l)) {
      var answer =
          new AnswerWriter(session, session.vocabulary(), Sampling.GREEDY, new Random(0))
              .write((_, _) -> {});
      assertEquals("xx", answer.text());
      assertEquals(-3 * Math.log(.4), bound(session), 1e-12);
      session.rewind(1);
      assertEquals(-Math.log(.4), bound(session), 1e-12);
      session.append(0);
      assertEquals(-Math.log(.4), bound(session), 1e-12, "given, not drawn");
    }
  }

  /** What one of them cannot write has no probability: ab falls out, x and the end are scaled. */
  @Test
  void onlyPiecesOfAllAreWritten() {
    ScriptedModel s = ScriptedModel.constant("s", List.of("x", "ab"), .4, .5, .1);
    ScriptedModel l = ScriptedModel.constant("l", List.of("x", "a"), .4, .2, .4);
    try (FusedSession session = open(MAX, s, l)) {
      // a, ab, x, end.
      assertArrayEquals(new double[] {0, 0, .8, .2}, session.next().probabilities(), 1e-15);
      assertEquals(-Math.log(.5), bound(session), 1e-12);
    }
  }

  /** l has .05 on what both have, below .1: s stands as it is. */
  @Test
  void whereAMemberIsElsewhereTheBenignOneStandsAlone() {
    ScriptedModel s = ScriptedModel.constant("s", List.of("x", "ab"), .4, .5, .1);
    ScriptedModel l = ScriptedModel.constant("l", List.of("x", "a"), .04, .95, .01);
    try (FusedSession session = open(MAX, s, l)) {
      assertArrayEquals(new double[] {0, .5, .4, .1}, session.next().probabilities(), 1e-15);
      assertEquals(0, bound(session));
    }
  }

  @Test
  void whereNothingIsPossibleToAllTheBenignOneStandsAlone() {
    ScriptedModel s = ScriptedModel.constant("s", LETTERS, 1, 0, 0);
    ScriptedModel l = ScriptedModel.constant("l", LETTERS, 0, 1, 0);
    for (Settings settings : List.of(Settings.DEFAULTS, MAX)) {
      try (FusedSession session = open(settings, s, l)) {
        assertArrayEquals(new double[] {1, 0, 0}, session.next().probabilities(), 1e-15);
        assertEquals(0, bound(session));
      }
    }
  }

  /** Products far below the least number are none the less scaled. */
  @Test
  void tinyProbabilitiesDoNotVanish() {
    ScriptedModel s = ScriptedModel.constant("s", LETTERS, 1e-200, 2e-200, 0);
    ScriptedModel l = ScriptedModel.constant("l", LETTERS, 1e-200, 1e-200, 0);
    try (FusedSession session = open(new Settings(0, Divergence.KL, 2, 1, 0), s, l)) {
      assertArrayEquals(new double[] {1 / 3., 2 / 3., 0}, session.next().probabilities(), 1e-12);
    }
  }

  @Test
  void withoutTheBenignMemberNobodyWrites() {
    ScriptedModel broken = ScriptedModel.constant("broken", LETTERS, Double.NaN, 0, 0);
    ScriptedModel l = ScriptedModel.constant("l", LETTERS, .5, .3, .2);
    try (FusedSession session = open(Settings.DEFAULTS, broken, l)) {
      var refused = assertThrows(DecodeException.class, session::next);
      assertEquals(
          "The benign member broken has nothing to say, and nobody may write without it.",
          refused.getMessage());
    }
  }

  /** The bound holds for random members, exponents and both divergences. */
  @Test
  void noAnswerIsFartherThanItsBound() {
    var random = new SplittableRandom(7);
    for (int trial = 0; trial < 500; trial++) {
      double[][] p = new double[3][];
      for (int m = 0; m < 3; m++) {
        double[] drawn = random.doubles(4, 1e-6, 1).map(x -> Math.pow(x, 6)).toArray();
        double sum = Arrays.stream(drawn).sum();
        p[m] = Arrays.stream(drawn).map(x -> x / sum).toArray();
      }
      var pieces = List.of("x", "y", "z");
      ScriptedModel s = ScriptedModel.constant("s", pieces, p[0]);
      ScriptedModel a = ScriptedModel.constant("a", pieces, p[1]);
      ScriptedModel b = ScriptedModel.constant("b", pieces, p[2]);
      double alpha = 2 * random.nextDouble();
      double beta = .01 + 2 * random.nextDouble();
      try (FusedSession session = open(kl(alpha, beta), s, a, b)) {
        double[] q = session.next().probabilities();
        assertTrue(divergence(q, p[0]) <= bound(session) + 1e-9, "trial " + trial);
      }
      try (FusedSession session = open(MAX, s, a, b)) {
        double[] q = session.next().probabilities();
        for (int token = 0; token < q.length; token++) {
          assertTrue(Math.log(q[token] / p[0][token]) <= bound(session) + 1e-9, "trial " + trial);
        }
      }
    }
  }

  private static double divergence(double[] p, double[] q) {
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      sum += p[i] == 0 ? 0 : p[i] * Math.log(p[i] / q[i]);
    }
    return sum;
  }

  @Test
  void theBenignMemberMustBeOne() {
    var settings = new Settings(2, Divergence.KL, .5, .5, .1);
    var refused = assertThrows(IllegalArgumentException.class, () -> settings.requireFit(2));
    assertEquals("benign is 2; with 2 members it must be within 0..1.", refused.getMessage());
  }

  @Test
  void theDefaultsAreTheGeometricMean() {
    assertEquals(new Settings(0, Divergence.KL, .5, .5, .1), Settings.DEFAULTS);
    assertEquals(
        0, new PurifyingEnsemble(MAX).plan(List.of(member(arbitrary("m", 1), 2))).temperature());
  }
}
