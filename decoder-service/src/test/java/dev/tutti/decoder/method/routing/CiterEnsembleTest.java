package dev.tutti.decoder.method.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.FittedOn;
import dev.tutti.decoder.FusedSession;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.sampling.AnswerWriter;
import dev.tutti.decoder.sampling.Sampling;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CiterEnsembleTest {

  private static final List<String> PIECES = List.of("a", "b", "c");

  /**
   * A router of one number: r(h), r(0) -> r(first) -> s(second - 2): it trusts a state of 10 (s(8)
   * = .9997) and not one of 0 (s(-2) = .119).
   */
  private static final Perceptron ABOVE =
      new Perceptron(
          new Matrix(2, 2, new float[] {1, 0, 0, 0}),
          new Matrix(1, 3, new float[] {1, 0, 0}),
          new Matrix(1, 2, new float[] {1, -2}));

  private static final TokenRouters ROUTERS =
      new TokenRouters(List.of("small", "middle"), List.of(ABOVE, ABOVE));

  /** Writes one piece for ever, ends after four; is trusted at these steps. */
  private static ScriptedModel model(String name, int piece, int... trusted) {
    var model =
        new ScriptedModel(
            name,
            PIECES,
            100,
            tokens -> {
              double[] p = {0.1, 0.1, 0.1, 0.1};
              p[tokens.size() == 5 ? 3 : piece] = 0.7;
              return p;
            });
    model.hidden =
        tokens -> {
          for (int step : trusted) {
            if (tokens.size() == 1 + step) {
              return new float[] {10};
            }
          }
          return new float[] {0};
        };
    return model;
  }

  private static FusedSession open(double threshold, ScriptedModel... models) {
    return new CiterEnsemble(
            new CiterEnsemble.Settings("routers", threshold), ROUTERS, new FittedOn(3, Map.of()))
        .plan(List.of(models).stream().map(m -> TokenMember.of(m, 1)).toList())
        .open(List.of(models).stream().map(ScriptedModel::asked).toList(), StepRunner.SEQUENTIAL);
  }

  private static String write(FusedSession session) {
    return new AnswerWriter(session, session.vocabulary(), Sampling.GREEDY, new Random(0))
        .write((text, tokens) -> {})
        .text();
  }

  @Test
  void theFirstWritesWhereItIsTrustedAndTheLastElse() {
    ScriptedModel small = model("small", 0, 0, 1, 3);
    ScriptedModel large = model("large", 1);
    try (FusedSession session = open(0.95, small, large)) {
      assertEquals("aaba", write(session));
      assertEquals(0, session.fusedSteps());
      assertEquals(Map.of("first_member_share", 0.75), rounded(session, 4));
      // Asked at step 2 and for the end: it reads what it missed in one pass.
      assertEquals(2, large.passes.get());
      assertEquals(2, session.activity(1).tokensWritten());
    }
  }

  /** The end is written too, but only the pieces count. */
  private static Map<String, Double> rounded(FusedSession session, int pieces) {
    double share = session.measures().get("first_member_share");
    return Map.of("first_member_share", Math.round(share * pieces) / (double) pieces);
  }

  @Test
  void eachIsAskedInTurnUntilOneIsTrusted() {
    ScriptedModel small = model("small", 0, 1);
    ScriptedModel middle = model("middle", 1, 0, 1);
    ScriptedModel large = model("large", 2);
    try (FusedSession session = open(0.95, small, middle, large)) {
      assertEquals("bacc", write(session));
    }
  }

  @Test
  void aMemberWithoutAHiddenStateIsNotTrusted() {
    ScriptedModel small = model("small", 0, 0, 1, 2, 3);
    small.hidden = null;
    try (FusedSession session = open(0, small, model("large", 1))) {
      assertEquals("bbbb", write(session));
    }
  }

  @Test
  void theThresholdItselfTrusts() {
    // s(8) = .99966
    assertEquals("aaaa", write(open(0.9996, model("small", 0, 0, 1, 2, 3, 4), model("large", 1))));
    assertEquals("bbbb", write(open(0.9997, model("small", 0, 0, 1, 2, 3, 4), model("large", 1))));
    assertEquals("aaaa", write(open(0, model("small", 0), model("large", 1))));
  }

  @Test
  void aRewoundAnswerGoesOnAsItWasThere() {
    try (FusedSession session = open(0.95, model("small", 0, 0, 1, 3), model("large", 1))) {
      assertEquals("aaba", write(session));
      session.rewind(1);
      assertEquals(1, session.measures().get("first_member_share"));
      assertEquals("aba", write(session));
    }
  }

  @Test
  void membersWithoutARouterAreRefusedButTheLast() {
    var method =
        new CiterEnsemble(
            new CiterEnsemble.Settings("routers", 0.5), ROUTERS, new FittedOn(3, Map.of()));
    method.requireKnown(List.of("middle", "small", "anybody"));
    var refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> method.requireKnown(List.of("small", "stranger", "middle")));
    assertEquals(
        "Artifact 'routers' has no router of 'stranger'; it has those of: small, middle.",
        refused.getMessage());
    List<TokenMember> members =
        List.of(TokenMember.of(model("stranger", 0), 1), TokenMember.of(model("small", 0), 1));
    assertThrows(IllegalArgumentException.class, () -> method.plan(members));
    assertEquals("routers", method.artifact());
    assertEquals(3, method.on().version());
  }

  /** ABOVE takes one number; where nobody knows that before, the step says so. */
  @Test
  void aModelOfOtherHiddenStatesIsRefused() {
    ScriptedModel small = model("small", 0, 0, 1);
    small.hidden = _ -> new float[3];
    assertEquals(
        "'small' tells a hidden state of 3 numbers; what was learned of it takes 1.",
        assertThrows(DecodeException.class, () -> write(open(0.5, small, model("large", 1))))
            .getMessage());
    var wide = new TokenMember("small", 1, small.tokenizer(), Optional::empty, 3, "");
    var method =
        new CiterEnsemble(
            new CiterEnsemble.Settings("routers", 0.5), ROUTERS, new FittedOn(3, Map.of()));
    assertEquals(
        "Artifact 'routers' is of a model with hidden states of 1 numbers; those of 'small' have 3:"
            + " fit it anew.",
        assertThrows(
                IllegalArgumentException.class,
                () -> method.plan(List.of(wide, TokenMember.of(model("large", 1), 1))))
            .getMessage());
  }

  @Test
  void defaultsAreThePublishedCodes() {
    assertEquals(0.95, CiterEnsemble.Settings.DEFAULTS.threshold());
    var fit = TokenRouterFit.Settings.DEFAULTS;
    assertEquals(80, fit.batch());
    assertEquals(5, fit.patience());
    assertEquals(2, fit.rounds());
  }

  @Test
  void routersAreKeptWithTheirMembers() {
    Parameters kept = ROUTERS.parameters();
    assertEquals(List.of("small", "middle"), kept.members());
    TokenRouters read = new TokenRouterFit().read(kept);
    assertTrue(read.of("large").isEmpty());
    assertEquals(
        ABOVE.probability(new float[] {3}),
        read.of("middle").orElseThrow().probability(new float[] {3}));
  }
}
