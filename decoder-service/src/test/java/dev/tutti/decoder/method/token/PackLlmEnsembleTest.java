package dev.tutti.decoder.method.token;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.FusedSession;
import dev.tutti.decoder.FusionPlan;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointEnsembleContract;
import dev.tutti.decoder.MemberPrompt;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenPrompt;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.method.token.PackLlmEnsemble.Settings;
import dev.tutti.decoder.method.token.PackLlmEnsemble.Weighting;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PackLlmEnsembleTest extends JointEnsembleContract {

  private static final List<String> LETTERS = List.of("x", "y");

  @Override
  protected JointEnsemble method() {
    return new PackLlmEnsemble(Settings.DEFAULTS);
  }

  @Override
  protected JointEnsemble method(SplittableRandom random, List<Integer> order) {
    Weighting weighting = Weighting.values()[random.nextInt(2)];
    return new PackLlmEnsemble(new Settings(weighting, .001 + 10 * random.nextDouble()));
  }

  private static FusedSession open(Settings settings, String prompt, ScriptedModel... models) {
    var plan =
        new PackLlmEnsemble(settings)
            .plan(Stream.of(models).map(model -> member(model, 1)).toList());
    List<MemberPrompt> prompts =
        Stream.of(models)
            .<MemberPrompt>map(
                m -> new TokenPrompt(m, m.contextLength(), m.tokenizer().encode(prompt)))
            .toList();
    return plan.open(prompts, StepRunner.SEQUENTIAL);
  }

  private static Settings sim(double tau) {
    return new Settings(Weighting.SIM, tau);
  }

  private static final Settings OPT = new Settings(Weighting.OPT, 1);

  /** Scaled to sum 1. */
  private static double[] shares(double... values) {
    double sum = Arrays.stream(values).sum();
    return Arrays.stream(values).map(v -> v / sum).toArray();
  }

  /**
   * By hand: of the prompt xy the second letter counts, L = -ln .4 and -ln .9, so w = .4/1.3 and
   * .9/1.3. A step is the weighted geometric mean, scaled.
   */
  @Test
  void simWeighsByTheLikelihoodOfThePrompt() {
    ScriptedModel small = ScriptedModel.constant("small", LETTERS, .5, .4, .1);
    ScriptedModel large = ScriptedModel.constant("large", LETTERS, .05, .9, .05);
    try (FusedSession session = open(sim(1), "xy", small, large)) {
      double w = 4 / 13.;
      assertArrayEquals(
          shares(
              Math.pow(.5, w) * Math.pow(.05, 1 - w),
              Math.pow(.4, w) * Math.pow(.9, 1 - w),
              Math.pow(.1, w) * Math.pow(.05, 1 - w)),
          session.next().probabilities(),
          1e-12);
      assertEquals(w, session.weight(0), 1e-12);
      assertEquals(9 / 13., session.weight(1), 1e-12);
    }
  }

  /** tau .5 squares the likelihoods: .16/.97 and .81/.97. */
  @Test
  void tauIsTheSoftmaxsTemperature() {
    ScriptedModel small = ScriptedModel.constant("small", LETTERS, .5, .4, .1);
    ScriptedModel large = ScriptedModel.constant("large", LETTERS, .05, .9, .05);
    try (FusedSession session = open(sim(.5), "xy", small, large)) {
      session.next();
      assertEquals(.16 / .97, session.weight(0), 1e-12);
    }
  }

  /**
   * By hand: the prompt xyéy is x y é y to the one, of which the last three count: (.5 .5 .5) has
   * ln 2 a character; and x yé y to the other: yé .25, y .5 has ln 8 over three characters, which
   * is ln 2 a character too. By token the second would have 1.5 ln 2.
   */
  @Test
  void lossesAreByTheCharacter() {
    ScriptedModel one = ScriptedModel.constant("one", List.of("x", "y", "é"), 0, .5, .5, 0);
    ScriptedModel two = ScriptedModel.constant("two", List.of("x", "yé", "y"), .125, .25, .5, .125);
    try (FusedSession session = open(sim(1), "xyéy", one, two)) {
      session.next();
      assertEquals(.5, session.weight(0), 1e-12);
      assertEquals(.5, session.weight(1), 1e-12);
    }
  }

  /** A prompt of one token tells nothing: the recipe's weights stand. */
  @Test
  void whereThePromptTellsNothingTheWeightsOfTheRecipeStand() {
    ScriptedModel small = ScriptedModel.constant("small", LETTERS, .5, .4, .1);
    ScriptedModel large = ScriptedModel.constant("large", LETTERS, .05, .9, .05);
    FusionPlan plan = new PackLlmEnsemble(OPT).plan(List.of(member(small, 1), member(large, 3)));
    try (FusedSession session =
        plan.open(List.of(small.asked(), large.asked()), StepRunner.SEQUENTIAL)) {
      session.next();
      assertEquals(.25, session.weight(0), 1e-12);
      assertEquals(.75, session.weight(1), 1e-12);
    }
  }

  /** Whose prompt is impossible has no say, and one that fails on it is left out. */
  @Test
  void whoDoesNotKnowThePromptHasNoWeight() {
    ScriptedModel small = ScriptedModel.constant("small", LETTERS, .5, .4, .1);
    ScriptedModel never = ScriptedModel.constant("never", LETTERS, 1, 0, 0);
    ScriptedModel broken = ScriptedModel.constant("broken", LETTERS, Double.NaN, 0, 0);
    for (Settings settings : List.of(sim(1), OPT)) {
      try (FusedSession session = open(settings, "xy", small, never, broken)) {
        assertArrayEquals(new double[] {.5, .4, .1}, session.next().probabilities(), 1e-12);
        assertEquals(0, session.weight(1));
      }
    }
  }

  /** A model whose logit of x is so much above that of y, place by place. */
  private static ScriptedModel gaps(String name, double... gaps) {
    double[][] places = new double[gaps.length + 1][];
    for (int i = 0; i <= gaps.length; i++) {
      double x = 1 / (1 + Math.exp(i < gaps.length ? -gaps[i] : 0));
      places[i] = new double[] {x, 1 - x, 0};
    }
    return ScriptedModel.steps(name, LETTERS, places);
  }

  /**
   * By hand: the prompt is xxx, the gaps of x over y are 2, -1 to a and -1, 2 to b. The mixture's
   * are 3 lambda - 1 and 2 - 3 lambda; ln(1 + e^-s) is convex, so the sum is least at 1/2. A third
   * with -5, -5 makes both worse: its lambda is 1, its weight 0.
   */
  @Test
  void optFoldsInWhoMakesThePromptMoreProbable() {
    try (FusedSession session =
        open(OPT, "xxx", gaps("c", -5, -5), gaps("a", 2, -1), gaps("b", -1, 2))) {
      session.next();
      assertEquals(0, session.weight(0), 1e-12);
      assertEquals(.5, session.weight(1), 1e-12);
      assertEquals(.5, session.weight(2), 1e-12);
    }
  }

  /** Two tokens, and for opt the second once more; a step is never promised for less. */
  @Test
  void aPromptThatIsReadTwiceIsCountedTwice() {
    for (Settings settings : List.of(sim(1), OPT)) {
      try (FusedSession session = open(settings, "xx", gaps("a", 1), gaps("b", 3))) {
        long promised = session.activityAfterStep(1).tokensRead();
        session.next();
        assertEquals(settings == OPT ? 3 : 2, session.activity(1).tokensRead());
        assertTrue(session.activity(1).tokensRead() <= promised);
      }
    }
  }

  /** By hand: with 3 alone the prompt is more probable than with any mixture of 3 and 1. */
  @Test
  void optTakesTheOneThatKnowsThePromptBest() {
    try (FusedSession session = open(OPT, "xx", gaps("a", 1), gaps("b", 3))) {
      session.next();
      assertEquals(0, session.weight(0), 1e-12);
      assertEquals(1, session.weight(1), 1e-12);
    }
  }

  /**
   * By hand: the gaps of the mixture are 3 and 1, of the next one -1 and 5, together 4 l - 1 and 5
   * - 4 l: equal slopes against each other, so the sum is least where both are the same, l = .75.
   */
  @Test
  void lambdaIsTheWeightOfWhatIsThereAlready() {
    float[][] mixture = {{3, 0}, {1, 0}};
    float[][] next = {{-1, 0}, {5, 0}};
    int[] targets = {0, 0};
    assertEquals(.75, PromptFold.lambda(mixture, next, targets), 1e-12);
    assertEquals(.25, PromptFold.lambda(next, mixture, targets), 1e-12);
    assertEquals(0, PromptFold.lambda(mixture, mixture, targets), "all equal: the least");
    // The first place's target is the other token: -3 and 1.
    assertEquals(0, PromptFold.lambda(mixture, next, new int[] {1, 0}), 1e-12);
  }

  /**
   * By hand: letters know the prompt bb better (.5 > .25; weights 2/3 and 1/3), so tokens are a, b,
   * end. Words have ab, b, c; nearest to a is ab (one edit, as b and c, but it begins by a).
   */
  @Test
  void theReferencesPiecesAreWrittenAndTheOthersAreThoseNearest() {
    ScriptedModel letters = ScriptedModel.constant("letters", List.of("a", "b"), .3, .5, .2);
    ScriptedModel words =
        ScriptedModel.constant("words", List.of("ab", "c", "b"), .5, .1, .25, .15);
    try (FusedSession session = open(sim(1), "bb", words, letters)) {
      double[] p = session.next().probabilities();
      List<String> pieces =
          IntStream.range(0, session.vocabulary().size())
              .mapToObj(t -> new String(session.vocabulary().bytes(t), StandardCharsets.UTF_8))
              .toList();
      assertEquals(List.of("a", "ab", "b", "c", ""), pieces);
      double w = 2 / 3.;
      double[] shares =
          shares(
              Math.pow(.3, w) * Math.pow(.5, 1 - w),
              Math.pow(.5, w) * Math.pow(.25, 1 - w),
              Math.pow(.2, w) * Math.pow(.15, 1 - w));
      assertArrayEquals(new double[] {shares[0], 0, shares[1], 0, shares[2]}, p, 1e-12);
    }
  }

  /**
   * By hand: the prompt aab is a a b to the letters and a ab to the words: where b begins, the
   * words are within ab, so only the place after the first a counts, at which the letters' next is
   * a.
   */
  @Test
  void optLooksAtPlacesWhereAllBeginAToken() {
    ScriptedModel letters = ScriptedModel.constant("letters", List.of("a", "b"), .8, .1, .1);
    ScriptedModel words = ScriptedModel.constant("words", List.of("a", "ab"), .3, .6, .1);
    try (FusedSession session = open(OPT, "aab", letters, words)) {
      session.next();
      // L is -ln(.8 .1)/2 = 1.263 against -ln(.6)/2 = .255: words are first. Their next is ab, .6;
      // nearest to it the letters have a (.8), to a itself a: equal logits of both, so the mixture
      // l (.3, .6, .1) + (1 - l) (.8, .8, .1) is best with the words alone.
      assertEquals(0, session.weight(0), 1e-12);
      assertEquals(1, session.weight(1), 1e-12);
    }
  }

  /** The contract's prompts have one token, which tells nothing; this one tells something. */
  @Test
  void theOrderOfTheMembersChangesNothingWhereThePromptTellsWhoIsGood() {
    for (long seed = 0; seed < 30; seed++) {
      var settings = new Settings(Weighting.values()[(int) (seed % 2)], .2);
      ScriptedModel a = arbitrary("a", 3 * seed);
      ScriptedModel b = arbitrary("b", 3 * seed + 1);
      ScriptedModel c = arbitrary("c", 3 * seed + 2);
      try (FusedSession one = open(settings, "abc cba", a, b, c);
          FusedSession other = open(settings, "abc cba", c, a, b)) {
        assertArrayEquals(one.next().probabilities(), other.next().probabilities(), 0);
        assertEquals(one.weight(0), other.weight(1));
        assertEquals(1, one.weight(0) + one.weight(1) + one.weight(2), 1e-12);
      }
    }
  }

  /** A prompt is read again for its places, and the answer begins behind it all the same. */
  @Test
  void anAnswerBeginsBehindThePrompt() {
    ScriptedModel counting =
        new ScriptedModel(
            "counting",
            LETTERS,
            1_000,
            tokens -> tokens.size() == 6 ? new double[] {1, 0, 0} : new double[] {.2, .7, .1});
    for (Settings settings : List.of(sim(1), OPT)) {
      try (FusedSession session = open(settings, "xyyxyx", counting, counting)) {
        assertEquals(1, session.next().probability(0), 1e-12);
        // Once more but for the first.
        assertEquals(settings == OPT ? 11 : 6, session.activity(0).tokensRead());
      }
    }
  }

  @Test
  void theDefaultsAreThePapers() {
    assertEquals(new Settings(Weighting.SIM, 1), Settings.DEFAULTS);
    assertEquals(
        0, new PackLlmEnsemble(OPT).plan(List.of(member(arbitrary("m", 1), 2))).temperature());
  }
}
