package dev.tutti.decoder.method.token;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.PromptReading;
import dev.tutti.decoder.StepCombiner.Vote;
import dev.tutti.decoder.StepGate.State;
import dev.tutti.decoder.StepGate.Step;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.fixture.ScriptedModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LikelihoodWeightsTest {

  private static final double[] THIRDS = {1 / 3., 1 / 3., 1 / 3.};
  private static final byte[] BYTE = {'x'};

  private static State begin(double eta, double share, double asleep, double... weights) {
    return new LikelihoodWeights(List.of(), eta, share, 0, asleep).begin(weights, List.of());
  }

  /** A step of one byte to which the members gave these probabilities; NaN for who said nothing. */
  private static Step step(double... probabilities) {
    return step(BYTE, probabilities);
  }

  private static Step step(byte[] piece, double... probabilities) {
    var votes = new ArrayList<Vote>();
    for (int m = 0; m < probabilities.length; m++) {
      if (!Double.isNaN(probabilities[m])) {
        votes.add(new Vote(m, 1, new double[] {probabilities[m]}, null));
      }
    }
    return new Step(piece, 0, votes);
  }

  private static double mix(State state, double... probabilities) {
    return IntStream.range(0, probabilities.length)
        .mapToDouble(m -> state.weights()[m] * probabilities[m])
        .sum();
  }

  /** The golden numbers of card 8.9. */
  @Test
  void bayesRuleOfTheCard() {
    double[][] told = {{.5, .4, .05}, {.6, .3, .1}, {.2, .5, .05}};
    double[][] pi = {{.52246, .41930, .05825}, {.69688, .28363, .01949}, {.49074, .49921, .01005}};
    double[] mixed = {.31667, .44509, .28217};
    State state = begin(1, .02, 0, THIRDS);
    for (int i = 0; i < told.length; i++) {
      assertEquals(mixed[i], mix(state, told[i]), 5e-6);
      state = state.after(step(told[i]));
      assertArrayEquals(pi[i], state.weights(), 5e-6);
    }
  }

  private static Optional<PromptReading> reading(double nats, int tokens) {
    ScriptedModel model =
        ScriptedModel.constant("m", List.of("a"), Math.exp(-nats), 1 - Math.exp(-nats));
    DecodeSession session = model.open();
    session.append(new int[tokens]);
    return Optional.of(new PromptReading(session));
  }

  private static double[] first(double prior, int tokens, double... nats) {
    var members = new ArrayList<TokenMember>();
    var prompts = new ArrayList<Optional<PromptReading>>();
    for (double each : nats) {
      ScriptedModel model = ScriptedModel.constant("m", List.of("a"), 1, 0);
      members.add(TokenMember.of(model, 1));
      prompts.add(Double.isNaN(each) ? Optional.empty() : reading(each, tokens));
    }
    double[] equal = new double[nats.length];
    Arrays.fill(equal, 1. / nats.length);
    var gate = new LikelihoodWeights(members, 1, 0, prior, 0);
    assertTrue(gate.readsPrompts());
    return gate.begin(equal, prompts).weights();
  }

  /** The prior of card 8.9: .60, .62, .90 nats a byte over 200 bytes. */
  @Test
  void howTheyReadThePromptIsThePrior() {
    double[] golden = {.5978, .4007, .0015};
    assertArrayEquals(golden, first(.1, 201, .60, .62, .90), 5e-5);
    // No more than the last 200 bytes count, and fewer than 50 do not.
    assertArrayEquals(golden, first(.1, 400, .60, .62, .90), 5e-5);
    assertArrayEquals(THIRDS, first(.1, 50, .60, .62, .90), 1e-12);
    // Half the bytes at twice the prior; an endpoint counts like the best.
    assertArrayEquals(golden, first(.2, 101, .60, .62, .90), 5e-5);
    double odds = Math.exp(-.1 * 100 * .3);
    assertArrayEquals(
        new double[] {1 / (2 + odds), 1 / (2 + odds), odds / (2 + odds)},
        first(.1, 101, .60, Double.NaN, .90),
        1e-9);
  }

  @Test
  void withoutAPriorNobodyReadsPrompts() {
    assertEquals(false, new LikelihoodWeights(List.of(), 1, .02, 0, .02).readsPrompts());
  }

  @Test
  void identicalMembersStayAsTheyWere() {
    State state = begin(1, 0, .02, .5, .3, .2);
    for (int i = 0; i < 1_000; i++) {
      state = state.after(step(.3, .3, .3));
    }
    assertArrayEquals(new double[] {.5, .3, .2}, state.weights(), 1e-9);
    state = begin(1, .02, .02, THIRDS);
    for (int i = 0; i < 1_000; i++) {
      state = state.after(step(1e-3, 1e-3, 1e-3));
    }
    assertArrayEquals(THIRDS, state.weights(), 1e-9);
  }

  /** 17 bytes: light after the first, asleep when it has been for 16; back 256 bytes later. */
  @Test
  void aMemberOfRandomBytesFallsAsleepAndWakes() {
    State state = begin(1, .02, .02, .5, .5);
    int bytes = 0;
    while (state.weights()[1] > 0) {
      state = state.after(step(.9, 1 / 256.));
      bytes++;
    }
    assertEquals(16, bytes);
    int slept = 0;
    while (state.weights()[1] == 0) {
      state = state.after(step(.9, Double.NaN));
      slept++;
    }
    assertEquals(256, slept);
    double before = state.weights()[0];
    assertEquals(.02 * before, state.weights()[1], 1e-12);
    // It has to earn more, and does where it is right.
    state = state.after(step(.01, .9)).after(step(.01, .9));
    assertTrue(state.weights()[1] > state.weights()[0]);
  }

  @Test
  void aPieceOfSeveralBytesCountsForEach() {
    State state = begin(1, 0, .02, .5, .5).after(step(new byte[10], .9, 1e-6));
    assertTrue(state.weights()[1] > 0, "light for 10 bytes");
    assertEquals(0, state.after(step(new byte[6], .9, 1e-6)).weights()[1]);
  }

  @Test
  void theLeaderNeverSleeps() {
    // Of 70 equal ones each is below the share.
    double[] many = new double[70];
    Arrays.fill(many, 1 / 70.);
    double[] told = new double[70];
    Arrays.fill(told, .5);
    State state = begin(1, 0, .02, many);
    for (int i = 0; i < 40; i++) {
      state = state.after(step(told));
    }
    assertTrue(Arrays.stream(state.weights()).anyMatch(w -> w > 0));
  }

  /** Whoever leads says nothing more: the next ones stay awake, and so does who slept. */
  @Test
  void whoIsLeftIsAwake() {
    State state = begin(1, 0, .1, .9, .05, .05);
    for (int i = 0; i < 40; i++) {
      state = state.after(step(Double.NaN, .5, .5));
    }
    assertArrayEquals(new double[] {.9, .05, .05}, state.weights(), 1e-12);
    state = begin(1, 0, .1, .5, .5, 0);
    for (int i = 0; i < 17; i++) {
      state = state.after(step(.9, .1, Double.NaN));
    }
    assertEquals(0, state.weights()[1]);
    state = state.after(step(Double.NaN, .9, Double.NaN));
    assertTrue(state.weights()[1] > 0);
    // Who has no weight in the recipe gets none by waking.
    for (int i = 0; i < 600; i++) {
      state = state.after(step(.9, .9, Double.NaN));
      assertEquals(0, state.weights()[2]);
    }
  }

  /** A floor of -8 nats: pi is .5 and .5 exp(-8), over their sum. */
  @Test
  void theImpossibleIsFloored() {
    State state = begin(1, 0, 0, .5, .5).after(step(1, 0));
    double odds = Math.exp(-8);
    assertArrayEquals(new double[] {1 / (1 + odds), odds / (1 + odds)}, state.weights(), 1e-12);
  }

  /** Who says nothing keeps its weight: .5 and .3 share .8 as .5 * .2 to .3 * .8. */
  @Test
  void onlyThoseWhoSpeakLearn() {
    State state = begin(1, 0, 0, .5, .3, .2).after(step(.2, .8, Double.NaN));
    assertArrayEquals(new double[] {.8 * .1 / .34, .8 * .24 / .34, .2}, state.weights(), 1e-12);
    // What was given, not asked for, teaches nothing.
    State given = state.after(new Step(BYTE, 0, List.of()));
    assertArrayEquals(state.weights(), given.weights(), 1e-15);
  }

  /** Half as fast: the odds are (.2 / .8)^.5. */
  @Test
  void etaIsHowFastTheyLearn() {
    State state = begin(.5, 0, 0, .5, .5).after(step(.2, .8));
    assertArrayEquals(new double[] {1 / 3., 2 / 3.}, state.weights(), 1e-12);
  }

  @Test
  void aWeightTooSmallForANumberStaysAndEverythingIsFinite() {
    State state = begin(10, 0, .02, .5, .5);
    for (int i = 0; i < 2_000; i++) {
      state = state.after(i % 2 == 0 ? step(1, 1e-300) : step(.5, .5));
      assertTrue(Arrays.stream(state.weights()).allMatch(Double::isFinite));
      assertTrue(state.weights()[0] > 0);
    }
  }
}
