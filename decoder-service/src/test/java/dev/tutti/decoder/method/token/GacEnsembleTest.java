package dev.tutti.decoder.method.token;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.FusedSession;
import dev.tutti.decoder.FusionPlan;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointEnsembleContract;
import dev.tutti.decoder.MemberActivity;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.Vocabulary;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.sampling.Answer;
import dev.tutti.decoder.sampling.AnswerWriter;
import dev.tutti.decoder.sampling.Sampling;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class GacEnsembleTest extends JointEnsembleContract {

  @Override
  protected JointEnsemble method() {
    return new GacEnsemble(GacEnsemble.Settings.DEFAULTS);
  }

  /**
   * A primary is the member of that number; thresholds of 1 and of 0 too, and weights that learn.
   */
  @Override
  protected JointEnsemble method(SplittableRandom random, List<Integer> order) {
    double threshold = Math.clamp(random.nextDouble(-.2, 1.2), 0, 1);
    int primary = order.indexOf(random.nextInt(order.size()));
    double eta = threshold < 1 ? 0 : random.nextInt(2) * random.nextDouble(1e-3, 2);
    double learns = eta > 0 ? 1 : 0;
    double share = learns * random.nextDouble(.2);
    return new GacEnsemble(
        new GacEnsemble.Settings(
            threshold,
            primary,
            eta,
            share,
            0,
            share + learns * random.nextDouble(.05),
            random.nextInt(2) * random.nextDouble(1e-3, 3)));
  }

  private static FusionPlan plan(JointEnsemble method, double[] weights, ScriptedModel... models) {
    var members = new java.util.ArrayList<dev.tutti.decoder.TokenMember>();
    for (int m = 0; m < models.length; m++) {
      members.add(member(models[m], weights[m]));
    }
    return (FusionPlan) method.plan(members);
  }

  private static FusedSession open(FusionPlan plan, ScriptedModel... models) {
    return plan.open(
        List.of(models).stream().map(ScriptedModel::asked).toList(), StepRunner.SEQUENTIAL);
  }

  private static int column(Vocabulary shared, String piece) {
    for (int c = 0; c < shared.size() - 1; c++) {
      if (new String(shared.bytes(c), StandardCharsets.UTF_8).equals(piece)) {
        return c;
      }
    }
    throw new AssertionError(piece);
  }

  /**
   * By hand: weights 3 and 1 become .75 and .25; x: .75*.2+.25*.9 = .375, y: .75*.7+.25*.1 = .55.
   */
  @Test
  void weightsAreScoresOverTheirSum() {
    ScriptedModel one = ScriptedModel.constant("one", List.of("x", "y"), .2, .7, .1);
    ScriptedModel two = ScriptedModel.constant("two", List.of("x", "y"), .9, .1, 0);
    FusionPlan plan = plan(method(), new double[] {3, 1}, one, two);
    try (FusedSession session = open(plan, one, two)) {
      assertArrayEquals(new double[] {.375, .55, .075}, session.next().probabilities(), 1e-12);
      assertEquals(1, session.next().mostProbable());
      // Only 'one' (weight .75) has y in front.
      assertEquals(.75, session.agreement(), 1e-12);
    }
  }

  /**
   * By hand, two vocabularies: {hel, lo, hello, end} and {h, e, l, o, hello, end}. Union in byte
   * order: e h hel hello l lo o end. At first p = .5 (.6 hel, .4 hello) + .5 (.3 h, .7 hello):
   * hello .55 > hel .3 > h .15.
   */
  @Test
  void piecesOfTwoVocabulariesMeetWhereTheirTextDoes() {
    ScriptedModel words =
        ScriptedModel.steps(
            "words",
            List.of("hel", "lo", "hello"),
            new double[] {.6, 0, .4, 0},
            new double[] {0, 0, 0, 1});
    ScriptedModel letters =
        ScriptedModel.steps(
            "letters",
            List.of("h", "e", "l", "o", "hello"),
            new double[] {.3, 0, 0, 0, .7, 0},
            new double[] {0, .2, 0, 0, 0, .8});
    FusionPlan plan = plan(method(), new double[] {1, 1}, words, letters);
    Vocabulary shared = plan.aligner().shared();
    assertEquals(8, shared.size());
    try (FusedSession session = open(plan, words, letters)) {
      double[] p = session.next().probabilities();
      assertEquals(.55, p[column(shared, "hello")], 1e-12);
      assertEquals(.30, p[column(shared, "hel")], 1e-12);
      assertEquals(.15, p[column(shared, "h")], 1e-12);
      assertEquals(column(shared, "hello"), session.next().mostProbable());
      session.append(column(shared, "hello"));
      // Both ends are one: .5 * 1 + .5 * .8.
      assertEquals(.9, session.next().probability(7), 1e-12);
      assertTrue(shared.isEnd(session.next().mostProbable()));
    }
  }

  /** "hel" is no token of the letters: they read h, e, l behind a neutral prefix, in one pass. */
  @Test
  void aForeignPieceIsReencoded() {
    ScriptedModel words = ScriptedModel.constant("words", List.of("hel"), 1, 0);
    ScriptedModel letters =
        ScriptedModel.constant("letters", List.of("h", "e", "l", ";"), .2, .2, .2, .2, .2);
    FusionPlan plan = plan(method(), new double[] {1, 1}, words, letters);
    assertArrayEquals(
        new int[] {0, 1, 2},
        plan.aligner().tokens(1, column(plan.aligner().shared(), "hel")).orElseThrow());
    try (FusedSession session = open(plan, words, letters)) {
      session.next();
      session.append(column(plan.aligner().shared(), "hel"));
      session.next();
      assertEquals(2, letters.passes.get());
      assertEquals(4, letters.tokensRead.get());
      // One token written in each of two steps; the prompt and two further tokens only read.
      assertEquals(2, session.activity(1).tokensWritten());
      assertEquals(3, session.activity(1).tokensRead());
    }
  }

  /**
   * Thresholded, primary 'sure' first. Step 1: its maximum .9 >= .8, alone. Step 2: .6 < .8, so
   * both: .5*.6+.5*.1 = .35 for x, .5*.4+.5*.9 = .65 for y. Step 3: 1 >= .8, it ends alone.
   */
  @Test
  void aSurePrimaryStandsAlone() {
    ScriptedModel sure =
        ScriptedModel.steps(
            "sure",
            List.of("x", "y"),
            new double[] {.9, .1, 0},
            new double[] {.6, .4, 0},
            new double[] {0, 0, 1});
    ScriptedModel other = ScriptedModel.constant("other", List.of("x", "y"), .1, .9, 0);
    FusionPlan plan =
        plan(new GacEnsemble(new GacEnsemble.Settings(.8, 1)), new double[] {1, 1}, other, sure);
    try (FusedSession session = open(plan, other, sure)) {
      Answer answer =
          new AnswerWriter(session, plan.aligner().shared(), Sampling.GREEDY, new Random(0))
              .write((text, tokens) -> {});
      assertEquals("xy", answer.text());
      assertEquals(Math.log(.9) + Math.log(.65), answer.signals().sumLogprob(), 1e-12);
      assertEquals(3, session.steps());
      assertEquals(1, session.fusedSteps());
      // The other one read its prompt and the skipped x in one pass, and wrote one token.
      assertEquals(1, other.passes.get());
      assertEquals(2, other.tokensRead.get());
      MemberActivity activity = session.activity(0);
      assertEquals(2, activity.tokensRead());
      assertEquals(1, activity.tokensWritten());
      assertEquals(3, session.activity(1).tokensWritten());
    }
  }

  /** What was taken back is not counted as read, and what was never read still is when it is. */
  @Test
  void aRewindKeepsTheCount() {
    ScriptedModel sure = ScriptedModel.constant("sure", List.of("x"), 1, 0);
    ScriptedModel idle = ScriptedModel.constant("idle", List.of("x"), .5, .5);
    FusionPlan plan =
        plan(new GacEnsemble(new GacEnsemble.Settings(.5, 0)), new double[] {1, 1}, sure, idle);
    try (FusedSession session = open(plan, sure, idle)) {
      session.next();
      session.append(0, 0, 0);
      session.rewind(1);
      session.next();
      // The prompt; of the three x the one that stayed is its own.
      assertEquals(1, session.activity(0).tokensRead());
      assertEquals(2, session.activity(0).tokensWritten());
      assertEquals(0, session.activity(1).tokensRead());
    }
  }

  @Property
  void noMassIsLostOrMadeByAligning(
      @ForAll @Size(min = 1, max = 12)
          Set<@CharRange(from = 'a', to = 'd') @StringLength(min = 1, max = 3) String> first,
      @ForAll @Size(min = 1, max = 12)
          Set<@CharRange(from = 'a', to = 'd') @StringLength(min = 1, max = 3) String> second,
      @ForAll long seed) {
    ScriptedModel one = uneven("one", List.copyOf(first), seed);
    ScriptedModel two = uneven("two", List.copyOf(second), seed + 1);
    FusionPlan plan = plan(method(), new double[] {1, 2}, one, two);
    Vocabulary shared = plan.aligner().shared();
    var union = new TreeSet<>(first);
    union.addAll(second);
    assertEquals(union.size() + 1, shared.size());
    try (FusedSession session = open(plan, one, two)) {
      double sum = 0;
      for (double p : session.next().probabilities()) {
        sum += p;
      }
      assertEquals(1, sum, 1e-12);
    }
    for (int c = 0; c < shared.size() - 1; c++) {
      for (int m = 0; m < 2; m++) {
        Vocabulary own = (m == 0 ? one : two).tokenizer();
        var text = new StringBuilder();
        var ids = plan.aligner().tokens(m, c);
        for (int token : ids.orElse(new int[0])) {
          text.append(new String(own.bytes(token), StandardCharsets.UTF_8));
        }
        String piece = new String(shared.bytes(c), StandardCharsets.UTF_8);
        // The scripted tokenizer skips letters that it does not have: such pieces are not written.
        assertEquals(ids.isPresent() ? piece : "", text.toString());
        if ((m == 0 ? first : second).contains(piece)) {
          assertTrue(ids.isPresent(), piece);
        }
      }
    }
  }

  private static ScriptedModel uneven(String name, List<String> pieces, long seed) {
    var random = new Random(seed);
    double[] p = random.doubles(pieces.size() + 1).toArray();
    double sum = java.util.Arrays.stream(p).sum();
    return ScriptedModel.constant(
        name, pieces, java.util.Arrays.stream(p).map(x -> x / sum).toArray());
  }

  @Test
  void aMemberThatIsNeverAskedReadsNothing() {
    ScriptedModel sure = ScriptedModel.constant("sure", List.of("x"), 0, 1);
    ScriptedModel idle = ScriptedModel.constant("idle", List.of("x"), .5, .5);
    FusionPlan plan =
        plan(new GacEnsemble(new GacEnsemble.Settings(.5, 0)), new double[] {1, 1}, sure, idle);
    try (FusedSession session = open(plan, sure, idle)) {
      session.next();
      assertEquals(0, idle.passes.get());
      assertEquals(0, session.activity(1).tokensRead());
    }
  }

  /** Threshold 1 is 'always all', even where the primary is certain to the last bit. */
  @Test
  void thresholdOneAsksEveryone() {
    ScriptedModel sure = ScriptedModel.constant("sure", List.of("x"), 1, 0);
    ScriptedModel other = ScriptedModel.constant("other", List.of("x"), 0, 1);
    FusionPlan plan = plan(method(), new double[] {1, 1}, sure, other);
    try (FusedSession session = open(plan, sure, other)) {
      session.next();
      assertEquals(1, session.fusedSteps());
    }
  }

  @Test
  void tiesGoToTheTextThatSortsFirst() {
    ScriptedModel model = ScriptedModel.constant("m", List.of("b", "a"), .4, .4, .2);
    FusionPlan plan = plan(method(), new double[] {1}, model);
    try (FusedSession session = open(plan, model)) {
      int best = session.next().mostProbable();
      assertEquals("a", new String(plan.aligner().shared().bytes(best), StandardCharsets.UTF_8));
    }
  }

  /** "é" is C3 A9: the bytes of one member wait until the other can read the whole character. */
  @Test
  void halfACharacterWaitsForItsOtherHalf() {
    ScriptedModel bytes =
        ScriptedModel.steps(
            "bytes",
            List.of("<0xC3>", "<0xA9>"),
            new double[] {1, 0, 0},
            new double[] {0, 1, 0},
            new double[] {0, 0, 1});
    ScriptedModel letters =
        ScriptedModel.steps(
            "letters", List.of("é", ";"), new double[] {.3, .3, .4}, new double[] {0, 0, 1});
    FusionPlan plan = plan(method(), new double[] {2, 1}, bytes, letters);
    try (FusedSession session = open(plan, bytes, letters)) {
      Answer answer =
          new AnswerWriter(session, plan.aligner().shared(), Sampling.GREEDY, new Random(0))
              .write((text, tokens) -> {});
      assertEquals("é", answer.text());
      // It sat out the step in the middle of the character.
      assertEquals(3, session.activity(0).tokensWritten());
      assertEquals(2, session.activity(1).tokensWritten());
      assertEquals(2, session.fusedSteps());
    }
  }

  @Test
  void aMemberThatCannotWriteAPieceIsLeftOut() {
    ScriptedModel greek =
        ScriptedModel.steps("greek", List.of("α"), new double[] {1, 0}, new double[] {0, 1});
    ScriptedModel latin = ScriptedModel.constant("latin", List.of("a"), .5, .5);
    FusionPlan plan = plan(method(), new double[] {3, 1}, greek, latin);
    try (FusedSession session = open(plan, greek, latin)) {
      Answer answer =
          new AnswerWriter(session, plan.aligner().shared(), Sampling.GREEDY, new Random(0))
              .write((text, tokens) -> {});
      assertEquals("α", answer.text());
      assertTrue(session.activity(1).failure().orElseThrow().contains("α"));
    }
  }

  /**
   * 'letters' holds four tokens, the prompt among them: a, b fit, the next a, b do not. It may not
   * vote on what follows a piece that it never read.
   */
  @Test
  void whereAMemberHasNoRoomForAPieceTheOthersGoOn() {
    ScriptedModel words =
        new ScriptedModel("words", List.of("ab", "c"), 6, tokens -> new double[] {1, 0, 0});
    var letters =
        new ScriptedModel(
            "letters", List.of("a", "b", "c"), 4, tokens -> new double[] {0, 0, 1, 0});
    FusionPlan plan = plan(method(), new double[] {3, 1}, words, letters);
    try (FusedSession session = open(plan, words, letters)) {
      Answer answer =
          new AnswerWriter(session, plan.aligner().shared(), Sampling.GREEDY, new Random(0))
              .write((text, tokens) -> {});
      assertEquals("ababababab", answer.text());
      assertEquals(Answer.Finish.LENGTH, answer.finish());
      assertEquals(5, session.steps());
      assertEquals(2, session.fusedSteps());
      assertEquals(5, words.passes.get());
      assertEquals(2, letters.passes.get());
    }
  }

  @Test
  void aRewindBringsBackWhoCouldNotWriteButNotWhoFailed() {
    ScriptedModel greek = ScriptedModel.constant("greek", List.of("a", "α"), .5, .5, 0);
    ScriptedModel latin = ScriptedModel.constant("latin", List.of("a"), .5, .5);
    ScriptedModel broken = ScriptedModel.constant("broken", List.of("a"), Double.NaN, .5);
    FusionPlan plan = plan(method(), new double[] {1, 1, 1}, greek, latin, broken);
    try (FusedSession session = open(plan, greek, latin, broken)) {
      session.next();
      session.append(column(plan.aligner().shared(), "a"));
      session.append(column(plan.aligner().shared(), "α"));
      session.append(column(plan.aligner().shared(), "a"));
      session.rewind(2);
      assertTrue(session.activity(1).failure().orElseThrow().contains("α"));
      session.rewind(1);
      assertTrue(session.activity(1).failure().isEmpty());
      assertTrue(session.activity(2).failure().isPresent());
      session.next();
      assertEquals(2, session.activity(1).tokensWritten());
    }
  }

  @Test
  void thePrimaryMustBeAMember() {
    var settings = new GacEnsemble.Settings(.5, 2);
    assertThrows(IllegalArgumentException.class, () -> settings.requireFit(2));
  }

  @Test
  void theDefaultsAreThoseOfThePublishedConfiguration() {
    assertEquals(new GacEnsemble.Settings(1, 0), GacEnsemble.Settings.DEFAULTS);
  }

  @Test
  void aPrimaryWithinTheMembersIsFine() {
    new GacEnsemble.Settings(.5, 1).requireFit(2);
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> new GacEnsemble.Settings(1, 2).requireFit(2));
    assertEquals("primary is 2; with 2 members it must be within 0..1.", e.getMessage());
    ScriptedModel one = ScriptedModel.constant("one", List.of("x"), 1, 0);
    var method = new GacEnsemble(new GacEnsemble.Settings(.5, 1));
    assertThrows(IllegalArgumentException.class, () -> plan(method, new double[] {1}, one));
  }

  /** At the threshold the primary stands alone: .8 >= .8. Just above it does not. */
  @Test
  void theThresholdItselfIsEnough() {
    ScriptedModel primary = ScriptedModel.constant("primary", List.of("x", "y"), .8, .2, 0);
    ScriptedModel other = ScriptedModel.constant("other", List.of("x", "y"), 0, 1, 0);
    for (double threshold : new double[] {.8, Math.nextUp(.8)}) {
      FusionPlan plan =
          plan(
              new GacEnsemble(new GacEnsemble.Settings(threshold, 0)),
              new double[] {1, 3},
              primary,
              other);
      try (FusedSession session = open(plan, primary, other)) {
        // By hand .25 * .8 = .2 and .25 * .2 + .75 = .8 where both take part.
        assertArrayEquals(
            threshold == .8 ? new double[] {.8, .2, 0} : new double[] {.2, .8, 0},
            session.next().probabilities(),
            1e-15);
        assertEquals(threshold == .8 ? 1 : .75, session.agreement(), 1e-15);
      }
    }
  }

  @Test
  void theMethodIsGreedy() {
    ScriptedModel one = ScriptedModel.constant("one", List.of("x"), 1, 0);
    FusionPlan plan = plan(method(), new double[] {5}, one);
    assertEquals(0, plan.temperature());
    assertEquals(List.of(1.0), plan.weights());
  }

  @Test
  void weightsThatLearnNeedEveryMember() {
    var refused =
        assertThrows(
            IllegalArgumentException.class, () -> new GacEnsemble.Settings(.5, 0, 1, 0, 0, 0, 0));
    assertEquals(
        "eta is 1.0 and prior is 0.0; with a threshold below 1 (it is 0.5) both must be 0.",
        refused.getMessage());
    assertEquals(
        "share is 0.1 and asleep is 0.0; with eta 0 nothing is learned, so both must be 0.",
        assertThrows(
                IllegalArgumentException.class,
                () -> new GacEnsemble.Settings(1, 0, 0, .1, 0, 0, 0))
            .getMessage());
  }

  /** By hand: y has .7 and .1, so after it the weights are .35 / .4 and .05 / .4. */
  @Test
  void weightsFollowWhoFindsTheAnswerLikely() {
    ScriptedModel one = ScriptedModel.constant("one", List.of("x", "y"), .1, .7, .2);
    ScriptedModel two = ScriptedModel.constant("two", List.of("x", "y"), .6, .1, .3);
    var learning = new GacEnsemble(new GacEnsemble.Settings(1, 0, 1, 0, 0, 0, 0));
    try (FusedSession session = open(plan(learning, new double[] {1, 1}, one, two), one, two)) {
      assertArrayEquals(new double[] {.35, .4, .25}, session.next().probabilities(), 1e-12);
      session.append(1);
      assertArrayEquals(
          new double[] {.875 * .1 + .125 * .6, .875 * .7 + .125 * .1, .875 * .2 + .125 * .3},
          session.next().probabilities(),
          1e-12);
    }
  }
}
