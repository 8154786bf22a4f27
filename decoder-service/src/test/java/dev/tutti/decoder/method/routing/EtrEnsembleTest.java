package dev.tutti.decoder.method.routing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.FittedOn;
import dev.tutti.decoder.FusedSession;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.method.routing.ExpertTrials.Place;
import dev.tutti.decoder.sampling.AnswerWriter;
import dev.tutti.decoder.sampling.Sampling;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EtrEnsembleTest {

  private static final List<String> PIECES = List.of("a", "b", "c");

  /** The meta model's best token has the logit 2 h_0; an expert's its row times h. */
  private static final ExpertTokens TOKENS =
      new ExpertTokens(
          List.of("meta", "first", "second"), new Matrix(2, 2, new float[] {0, 1, 0, -1}));

  private static ScriptedModel model(String name, int piece) {
    return new ScriptedModel(
        name,
        PIECES,
        100,
        tokens -> {
          double[] p = {0.1, 0.1, 0.1, 0.1};
          p[tokens.size() == 5 ? 3 : piece] = 0.7;
          return p;
        });
  }

  /** At each step h is (1, one of these). */
  private static ScriptedModel meta(double... pulls) {
    ScriptedModel meta = model("meta", 0);
    meta.hidden = tokens -> new float[] {1, (float) pulls[tokens.size() - 1]};
    meta.embedding = piece -> new float[] {piece.equals("a") || piece.isEmpty() ? 2 : 0, 0};
    return meta;
  }

  private static FusedSession open(ScriptedModel... models) {
    return new EtrEnsemble(new EtrEnsemble.Settings("experts"), TOKENS, new FittedOn(4, Map.of()))
        .plan(List.of(models).stream().map(m -> TokenMember.of(m, 1)).toList())
        .open(List.of(models).stream().map(ScriptedModel::asked).toList(), StepRunner.SEQUENTIAL);
  }

  private static String write(FusedSession session) {
    return new AnswerWriter(session, session.vocabulary(), Sampling.GREEDY, new Random(0))
        .write((text, tokens) -> {})
        .text();
  }

  @Test
  void anExpertTakesOverWhereItsTokenIsTheMostProbableAndForGood() {
    ScriptedModel meta = meta(0, 3, 0, 0, 0);
    ScriptedModel first = model("first", 1);
    try (FusedSession session = open(meta, first, model("second", 2))) {
      assertEquals("abbb", write(session));
      assertEquals(Map.of("expert", 1.0, "handed_over_after", 1.0), session.measures());
      assertEquals(2, meta.passes.get(), "it is asked no more");
      assertEquals(4, session.activity(1).tokensWritten(), "the end too");
      session.rewind(1);
      assertEquals(Map.of(), session.measures());
      session.rewind(0);
      assertEquals("abbb", write(session));
    }
  }

  /** 2.0 is the meta model's own logit: only what is above it takes over. */
  @Test
  void theMetaModelKeepsWhatNobodyIsAbove() {
    assertEquals(
        "aaaa", write(open(meta(2, -2, 1.9, 0, 0), model("first", 1), model("second", 2))));
    assertEquals(
        "bbbb", write(open(meta(2.01, 0, 0, 0, 0), model("first", 1), model("second", 2))));
    assertEquals(
        "cccc", write(open(meta(-2.01, 0, 0, 0, 0), model("first", 1), model("second", 2))));
  }

  @Test
  void expertsMayBeLeftOutAndStandInAnyOrder() {
    assertEquals("cccc", write(open(meta(-3, 0, 0, 0, 0), model("second", 2))));
    assertEquals("aaaa", write(open(meta(3, 3, 3, 3, 3), model("second", 2))));
    assertEquals("bbbb", write(open(meta(3, 0, 0, 0, 0), model("second", 2), model("first", 1))));
  }

  @Test
  void aMetaModelWithoutAHiddenStateHandsNothingOver() {
    ScriptedModel meta = meta(9, 9, 9, 9, 9);
    meta.hidden = null;
    assertEquals("aaaa", write(open(meta, model("first", 1))));
  }

  @Test
  void membersThatItDoesNotKnowAreRefused() {
    var method =
        new EtrEnsemble(new EtrEnsemble.Settings("experts"), TOKENS, new FittedOn(4, Map.of()));
    assertEquals(
        "The first member is 'first'; artifact 'experts' was fitted to 'meta' as the meta model.",
        assertThrows(
                IllegalArgumentException.class,
                () -> method.requireKnown(List.of("first", "second")))
            .getMessage());
    assertEquals(
        "Artifact 'experts' has no token of 'third'; it has those of: first, second.",
        assertThrows(
                IllegalArgumentException.class,
                () -> method.requireKnown(List.of("meta", "first", "third")))
            .getMessage());
    ScriptedModel meta = meta();
    List<TokenMember> mute =
        List.of(new TokenMember("meta", 1, meta.tokenizer()), TokenMember.of(model("first", 1), 1));
    assertEquals(
        "'meta' tells no output embeddings (OUTPUT_EMBEDDINGS), which etr needs of its meta model.",
        assertThrows(IllegalArgumentException.class, () -> method.plan(mute)).getMessage());
    ScriptedModel wide = meta();
    wide.embedding = _ -> new float[3];
    assertEquals(
        "Artifact 'experts' is of a model with hidden states of 2 numbers; those of 'meta' have 3: fit it"
            + " anew.",
        assertThrows(IllegalArgumentException.class, () -> open(wide, model("first", 1)))
            .getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> new ExpertTokens(List.of("meta", "first"), new Matrix(2, 2)));
  }

  @Test
  void whatWasLearnedIsReadBack() {
    ExpertTokens read = new ExpertTokensFit().read(TOKENS.parameters());
    assertEquals(TOKENS.members(), read.members());
    assertArrayEquals(TOKENS.rows().values(), read.rows().values());
    assertEquals(40, ExpertTokensFit.Settings.DEFAULTS.epochs());
  }

  /**
   * Logits ln 2 (meta), ln 1, ln 3: with the second expert right, L = ln 6/3; slopes 1/6 of the
   * first row and 3/6 - 1 of the second, times h = (1, 0). With the meta model right too, L = ln
   * 6/5 and 3/6 - 3/5 of the second.
   */
  @Test
  void theLossByHand() {
    double[] rows = {0, 7, Math.log(3), 7};
    var gradient = new double[4];
    float[] hidden = {1, 0};
    double loss =
        ExpertTokensFit.learn(
            rows, new Place(hidden, Math.log(2), new boolean[] {false, false, true}), 1, gradient);
    assertEquals(Math.log(2), loss, 1e-12);
    assertArrayEquals(new double[] {1 / 6.0, 0, -0.5, 0}, gradient, 1e-12);
    Arrays.fill(gradient, 0);
    loss =
        ExpertTokensFit.learn(
            rows, new Place(hidden, Math.log(2), new boolean[] {true, false, true}), 2, gradient);
    assertEquals(Math.log(1.2), loss, 1e-12);
    assertArrayEquals(new double[] {1 / 3.0, 0, -0.2, 0}, gradient, 1e-12);
    Arrays.fill(gradient, 0);
    ExpertTokensFit.learn(
        rows, new Place(hidden, 5, new boolean[] {true, true, true}), 1, gradient);
    assertArrayEquals(new double[4], gradient, 1e-15, "all are right: nothing to learn");
  }

  @Test
  void theGradientIsThatOfTheLoss() {
    var random = new SplittableRandom(8);
    double[] rows = random.doubles(9, -1, 1).toArray();
    var place =
        new Place(new float[] {0.3f, -2, 1.5f}, 0.7, new boolean[] {true, false, true, false});
    var gradient = new double[9];
    ExpertTokensFit.learn(rows, place, 1, gradient);
    for (int i = 0; i < rows.length; i++) {
      double before = rows[i];
      rows[i] = before + 1e-6;
      double above = ExpertTokensFit.learn(rows, place, 0, new double[9]);
      rows[i] = before - 1e-6;
      double below = ExpertTokensFit.learn(rows, place, 0, new double[9]);
      rows[i] = before;
      assertEquals((above - below) / 2e-6, gradient[i], 1e-7);
    }
  }

  /** The first expert is right where h_1 is 1, the meta model where it is -1. */
  @Test
  void rowsLearnWhoIsRight() {
    List<Place> places =
        IntStream.range(0, 400)
            .mapToObj(
                i ->
                    new Place(
                        new float[] {1, i % 2 == 0 ? 1 : -1},
                        1,
                        new boolean[] {i % 2 == 1, i % 2 == 0, false}))
            .toList();
    var data = new ExpertTrials(List.of("meta", "first", "second"), new float[2], places);
    ExpertTokens learned =
        new ExpertTokensFit().fit(data, ExpertTokensFit.Settings.DEFAULTS, new SplittableRandom(1));
    assertTrue(learned.rows().dot(0, new float[] {1, 1}) > 1.5);
    assertTrue(learned.rows().dot(0, new float[] {1, -1}) < 0.5);
    assertTrue(learned.rows().dot(1, new float[] {1, 1}) < 0);
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new ExpertTokensFit()
                .fit(
                    new ExpertTrials(List.of("meta", "first"), new float[2], List.of()),
                    ExpertTokensFit.Settings.DEFAULTS,
                    new SplittableRandom(1)));
  }

  /** Prompt a; the reference is b. The meta model writes a, the first expert b, the second c. */
  @Test
  void whoIsRightIsTried() {
    ScriptedModel meta = once("meta", 0);
    meta.hidden = tokens -> new float[] {tokens.size(), 0};
    meta.embedding = piece -> new float[] {piece.equals("a") || piece.isEmpty() ? 2 : 0, 0};
    var walk =
        new ExpertTrialWalk(List.of(meta, once("first", 1), once("second", 2)), 2, AnswerForm.TEXT);
    assertTrue(walk.walk(new Reference("a", "b")));
    assertFalse(walk.isFull());
    assertEquals(2, walk.steps());
    ExpertTrials trials = walk.recorded();
    Place start = trials.places().getFirst();
    assertArrayEquals(new boolean[] {false, true, false}, start.right());
    // The logit 2 of a token of probability .7.
    assertEquals(2 - Math.log(0.7), start.logSum(), 1e-6);
    assertArrayEquals(new boolean[] {true, false, false}, trials.places().get(1).right());
    assertArrayEquals(new float[] {1, 0}, trials.start());
    assertTrue(walk.walk(new Reference("a", "bb")), "nobody is right");
    assertEquals(2, walk.steps());
    assertTrue(walk.isFull());
    assertFalse(walk.walk(new Reference("a", "b".repeat(100))), "too long");
  }

  /** Nobody writes the space that marks the start of a text: the place behind it is none. */
  @Test
  void theReferenceOfAMetaModelThatMarksTheStartIsReadWithoutTheMark() {
    var pieces = List.of("a", "b", " ");
    ScriptedModel meta =
        new ScriptedModel("meta", pieces, 50, _ -> new double[] {0.7, 0.1, 0.1, 0.1});
    meta.hidden = tokens -> new float[] {tokens.getLast()};
    meta.embedding = _ -> new float[1];
    meta.marksStart = true;
    var walk = new ExpertTrialWalk(List.of(meta, once("expert", 1)), 2, AnswerForm.TEXT);
    assertTrue(walk.walk(new Reference("a", "b")));
    assertArrayEquals(new float[] {1}, walk.recorded().places().get(1).hidden(), "behind b");
  }

  @Test
  void aMetaModelWithoutAHiddenStateIsRefusedBeforeAnybodyAnswers() {
    ScriptedModel meta = once("meta", 0);
    ScriptedModel expert = once("expert", 1);
    var walk = new ExpertTrialWalk(List.of(meta, expert), 9, AnswerForm.TEXT);
    assertEquals(
        "'meta' tells no hidden state (HIDDEN_STATE), which etr needs of it.",
        assertThrows(IllegalArgumentException.class, () -> walk.walk(new Reference("a", "b")))
            .getMessage());
    assertEquals(0, expert.passes.get());
    assertEquals(0, meta.openSessions.get());
  }

  /** Writes one piece, then ends. */
  private static ScriptedModel once(String name, int piece) {
    return new ScriptedModel(
        name,
        PIECES,
        50,
        tokens -> {
          double[] p = {0.1, 0.1, 0.1, 0.1};
          p[tokens.size() == 1 ? piece : 3] = 0.7;
          return p;
        });
  }
}
