package dev.tutti.decoder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.StepCombiner.Vote;
import dev.tutti.decoder.StepGate.State;
import dev.tutti.decoder.StepGate.Step;
import dev.tutti.decoder.StepGate.Verdict;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.method.token.UnionVocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What gates and combiners of methods to come may count on. */
class FusedSessionTest {

  private static final List<String> LETTERS = List.of("x", "y");

  /** The weighted mean. */
  private static final StepCombiner MEAN =
      (votes, combined) -> {
        Arrays.fill(combined, 0);
        for (Vote vote : votes) {
          for (int u = 0; u < combined.length; u++) {
            combined[u] += vote.weight() * vote.ratings()[u];
          }
        }
      };

  private final ScriptedModel small = ScriptedModel.constant("small", LETTERS, .6, .4, 0);
  private final ScriptedModel large = ScriptedModel.constant("large", LETTERS, .1, .9, 0);
  private final ScriptedModel other = ScriptedModel.constant("other", LETTERS, .2, .2, .6);

  private static FusedSession open(StepGate gate, StepCombiner combiner, ScriptedModel... models) {
    var members = Stream.of(models).map(model -> TokenMember.of(model, 1)).toList();
    List<Double> weights = members.stream().map(_ -> 1.0 / members.size()).toList();
    return new FusionPlan(members, weights, gate, new UnionVocabulary(members), combiner, 0)
        .open(Stream.of(models).map(ScriptedModel::asked).toList(), StepRunner.SEQUENTIAL);
  }

  /** A scout and what is said of each. */
  private record Scouting(int first, List<Verdict> verdicts, double[] weights) implements State {
    @Override
    public OptionalInt scout() {
      return OptionalInt.of(first);
    }

    @Override
    public Verdict judge(int scout, Heard heard) {
      return verdicts.get(scout);
    }
  }

  private static StepGate scouting(int first, Verdict... verdicts) {
    return (weights, _) -> new Scouting(first, List.of(verdicts), weights);
  }

  @Test
  void aloneTheScoutStands() {
    StepGate gate = scouting(0, Verdict.ALONE, Verdict.TOGETHER);
    try (FusedSession session = open(gate, MEAN, small, large)) {
      assertArrayEquals(new double[] {.6, .4, 0}, session.next().probabilities(), 1e-15);
      assertEquals(0, large.passes.get());
      assertEquals(1, session.agreement());
      assertEquals(0, session.fusedSteps());
    }
  }

  /** Only a counts, and fails in the second step: the plan's weights stand. */
  @Test
  void whereNobodyWithWeightIsLeftTheOthersAreAsked() {
    var failing =
        new ScriptedModel(
            "failing",
            LETTERS,
            100,
            tokens ->
                tokens.size() == 1 ? new double[] {1, 0, 0} : new double[] {Double.NaN, 0, 0});
    StepGate gate = (_, _) -> () -> new double[] {1, 0, 0};
    try (FusedSession session = open(gate, MEAN, failing, small, large)) {
      assertArrayEquals(new double[] {1, 0, 0}, session.next().probabilities(), 1e-15);
      session.append(0);
      assertEquals(0, small.passes.get());
      assertArrayEquals(new double[] {.35, .65, 0}, session.next().probabilities(), 1e-15);
    }
  }

  /** The scout was asked, and has written a token, but does not count: .1 and .9 stand. */
  @Test
  void insteadAnotherStandsAndTheScoutIsPassedOver() {
    StepGate gate = scouting(0, new Verdict.Instead(1), Verdict.ALONE, Verdict.ALONE);
    try (FusedSession session = open(gate, MEAN, small, large, other)) {
      assertArrayEquals(new double[] {.1, .9, 0}, session.next().probabilities(), 1e-15);
      assertEquals(1, session.activity(0).tokensWritten());
      assertEquals(1, session.activity(1).tokensWritten());
      assertEquals(0, session.activity(2).tokensWritten());
      assertEquals(0, session.fusedSteps());
      assertEquals(1, session.agreement());
    }
  }

  /** A cascade of three, and a step that all write together after it: each is asked once. */
  @Test
  void insteadMayBePassedOnAndEndTogether() {
    StepGate gate = scouting(2, Verdict.TOGETHER, new Verdict.Instead(0), new Verdict.Instead(1));
    try (FusedSession session = open(gate, MEAN, small, large, other)) {
      assertArrayEquals(new double[] {.3, .5, .2}, session.next().probabilities(), 1e-15);
      for (ScriptedModel model : List.of(small, large, other)) {
        assertEquals(1, model.passes.get());
      }
      assertEquals(1, session.fusedSteps());
      // small has x in front, large y, other its end; the mean has y.
      assertEquals(1 / 3., session.agreement(), 1e-15);
    }
  }

  @Test
  void aCircleOfInsteadsEndsTogether() {
    StepGate gate = scouting(0, new Verdict.Instead(1), new Verdict.Instead(0));
    try (FusedSession session = open(gate, MEAN, small, large)) {
      assertArrayEquals(new double[] {.35, .65, 0}, session.next().probabilities(), 1e-15);
    }
  }

  @Test
  void whereTheScoutCannotSpeakAllOthersDo() {
    ScriptedModel broken = ScriptedModel.constant("broken", LETTERS, Double.NaN, 0, 0);
    StepGate gate = scouting(2, Verdict.ALONE, Verdict.ALONE, Verdict.ALONE);
    try (FusedSession session = open(gate, MEAN, small, large, broken)) {
      assertArrayEquals(new double[] {.35, .65, 0}, session.next().probabilities(), 1e-15);
      assertTrue(session.activity(2).failure().isPresent());
    }
  }

  /** Whose weight is 0 is not asked; 1 and 3 become .25 and .75. */
  @Test
  void aStateWeighsTheMembersOfAStep() {
    StepGate gate = (_, _) -> () -> new double[] {1, 0, 3};
    try (FusedSession session = open(gate, MEAN, small, large, other)) {
      assertEquals(1 / 3., session.weight(2), "of the plan, before the first step");
      assertArrayEquals(new double[] {.3, .25, .45}, session.next().probabilities(), 1e-15);
      assertEquals(0, large.passes.get());
      assertEquals(3, session.weight(2));
    }
  }

  /** What the gate of {@link #begins} was told. */
  private record Told(List<String> pieces, double[] weights) implements State {
    @Override
    public State after(Step step) {
      var grown = new ArrayList<>(pieces);
      grown.add(
          "%s by %s"
              .formatted(
                  new String(step.piece()), step.votes().stream().map(Vote::member).toList()));
      // One of the two members a step, in turns.
      return new Told(grown, new double[] {weights[1], weights[0]});
    }
  }

  private static final StepGate TURNS = (_, _) -> new Told(List.of(), new double[] {1, 0});

  @Test
  void aGateRemembersTheAnswerAndForgetsWhatIsTakenBack() {
    try (FusedSession session = open(TURNS, MEAN, small, large)) {
      assertArrayEquals(new double[] {.6, .4, 0}, session.next().probabilities(), 1e-15);
      session.append(0);
      assertArrayEquals(new double[] {.1, .9, 0}, session.next().probabilities(), 1e-15);
      session.append(1);
      session.next();
      try (FusedSession fork = session.fork()) {
        session.rewind(1);
        assertArrayEquals(new double[] {.1, .9, 0}, session.next().probabilities(), 1e-15);
        // The fork is where it was, a step further.
        assertArrayEquals(new double[] {.6, .4, 0}, fork.next().probabilities(), 1e-15);
        assertEquals(1, fork.weight(0));
      }
      session.rewind(0);
      assertEquals(1, session.weight(0));
    }
  }

  @Test
  void aGateIsToldEachPieceAndWhoVotedForIt() {
    var told = new ArrayList<String>();
    StepGate gate =
        (weights, _) ->
            new State() {
              @Override
              public double[] weights() {
                return weights;
              }

              @Override
              public State after(Step step) {
                told.add(
                    new String(step.piece())
                        + step.token()
                        + step.votes().stream().map(Vote::member).toList());
                return this;
              }
            };
    try (FusedSession session = open(gate, MEAN, small, large)) {
      session.next();
      // The second is given, nobody was asked for it. By name 'large' is first.
      session.append(1, 0);
    }
    assertEquals(List.of("y1[1, 0]", "x0[]"), told);
  }

  /** Votes come by name; each says whose it is, by the plan's order. */
  @Test
  void aCombinerKnowsWhoseDistributionItHas() {
    var seen = new ArrayList<Vote>();
    StepCombiner onlyLarge =
        (votes, combined) -> {
          seen.addAll(votes);
          for (Vote vote : votes) {
            if (vote.member() == 1) {
              System.arraycopy(vote.ratings(), 0, combined, 0, combined.length);
            }
          }
        };
    try (FusedSession session = open(StepGate.EVERYONE, onlyLarge, small, large, other)) {
      assertArrayEquals(new double[] {.1, .9, 0}, session.next().probabilities(), 1e-15);
    }
    assertEquals(List.of(1, 2, 0), seen.stream().map(Vote::member).toList());
    assertEquals(1, seen.stream().mapToDouble(Vote::weight).sum(), 1e-15);
    assertEquals(.9, seen.getFirst().heard().highest());
    assertEquals(
        .9, seen.getFirst().heard().distribution().orElseThrow().probability(1), "its own token y");
    assertEquals(Optional.empty(), seen.getFirst().heard().hidden());
  }

  /** A gate that weighs by how probable the prompt was: exp of the mean log-probability. */
  private static StepGate byPrompt(List<double[]> logprobs) {
    return new StepGate() {
      @Override
      public boolean readsPrompts() {
        return true;
      }

      @Override
      public State begin(double[] weights, List<Optional<PromptReading>> prompts) {
        var byPrompt = new double[weights.length];
        for (int m = 0; m < byPrompt.length; m++) {
          if (prompts.get(m).isPresent()) {
            double[] told = prompts.get(m).get().logprobs();
            logprobs.add(told);
            byPrompt[m] = Math.exp(Arrays.stream(told).average().orElseThrow());
          }
        }
        return () -> byPrompt;
      }
    };
  }

  /** The prompt is x y: after x, y has .4 of small and .9 of large; .4/1.3 and .9/1.3. */
  @Test
  void weightsMayDependOnThePromptAsItWasRead() {
    ScriptedModel broken = ScriptedModel.constant("broken", LETTERS, Double.NaN, 0, 0);
    var models = List.of(small, large, broken);
    var members = models.stream().map(model -> TokenMember.of(model, 1)).toList();
    var logprobs = new ArrayList<double[]>();
    var plan =
        new FusionPlan(
            members,
            List.of(.25, .5, .25),
            byPrompt(logprobs),
            new UnionVocabulary(members),
            MEAN,
            0);
    List<MemberPrompt> prompts =
        models.stream()
            .<MemberPrompt>map(m -> new TokenPrompt(m, m.contextLength(), new int[] {0, 1}))
            .toList();
    try (FusedSession session = plan.open(prompts, StepRunner.SEQUENTIAL)) {
      assertArrayEquals(
          new double[] {(.4 * .6 + .9 * .1) / 1.3, (.4 * .4 + .9 * .9) / 1.3, 0},
          session.next().probabilities(),
          1e-15);
      assertArrayEquals(new double[] {Math.log(.4)}, logprobs.get(0), 1e-15);
      assertArrayEquals(new double[] {Math.log(.9)}, logprobs.get(1), 1e-15);
      assertEquals(2, logprobs.size(), "one of them failed");
      assertEquals(.9, session.weight(1), 1e-15);
      // Both tokens of the prompt, and none twice.
      assertEquals(2, session.activity(0).tokensRead());
      assertEquals(2, small.tokensRead.get());
    }
  }

  /** 40 tokens are three parts: the script's probabilities tell how long the text before is. */
  @Test
  void aPromptTellsTheDistributionOfEachPlace() {
    var counting =
        new ScriptedModel(
            "counting",
            LETTERS,
            1_000,
            tokens -> new double[] {1. / tokens.size(), 1 - 1. / tokens.size(), 0});
    var ids = new int[40];
    ids[1] = 1;
    DecodeSession session = counting.open();
    session.append(ids);
    var reading = new PromptReading(session);
    assertArrayEquals(ids, reading.tokens());
    var places = new ArrayList<Integer>();
    reading.distributions(
        (token, before) -> {
          assertEquals(1. / token, before.probability(0), 1e-15);
          places.add(token);
        });
    assertEquals(39, places.size());
    assertEquals(1, places.getFirst());
    assertEquals(39, places.getLast());
    assertEquals(40, session.length());
    assertEquals(Double.NEGATIVE_INFINITY, reading.logprobs()[0]);
    assertEquals(Math.log(1 / 2.), reading.logprobs()[1], 1e-15);
    assertEquals(Math.log(1 / 39.), reading.logprobs()[38], 1e-15);
    assertEquals(40, session.length());
  }

  @Test
  void severalTokensAtOnceAreThoseOneByOne() {
    ScriptedModel one = ScriptedModel.steps("one", LETTERS, places(.9, .5, .3));
    ScriptedModel two = ScriptedModel.steps("two", LETTERS, places(.1, .7, .3));
    try (FusedSession session = open(StepGate.EVERYONE, MEAN, one, two)) {
      List<Distribution> told = session.next(0, 1);
      assertEquals(3, told.size());
      assertEquals(.5, told.get(0).probability(0), 1e-15);
      assertEquals(.6, told.get(1).probability(0), 1e-15);
      assertEquals(.3, told.get(2).probability(0), 1e-15);
      assertEquals(2, session.length());
      session.rewind(1);
      assertEquals(.6, session.next().probability(0), 1e-15);
    }
  }

  private static double[][] places(double... x) {
    return Arrays.stream(x).mapToObj(p -> new double[] {p, 1 - p, 0}).toArray(double[][]::new);
  }

  /** Room for two tokens; behind them the others have .35 x and .65 y. */
  @Test
  void theOthersGoOnWithoutAMemberWhoseContextIsFull() {
    var little = new ScriptedModel("little", LETTERS, 3, _ -> new double[] {1, 0, 0});
    try (FusedSession session = open(StepGate.EVERYONE, MEAN, little, small, large)) {
      assertEquals(999, session.remaining());
      for (int step = 0; step < 2; step++) {
        assertEquals(1.7 / 3, session.next().probability(0), 1e-12);
        session.append(0);
        assertEquals(Optional.empty(), session.leftOut(0));
      }
      assertEquals(997, session.remaining());
      assertEquals(.35, session.next().probability(0), 1e-12);
      assertEquals(Optional.of("its context is full"), session.leftOut(0));
      assertEquals(Optional.empty(), session.leftOut(1));
      assertEquals(Optional.empty(), session.activity(0).failure());
      assertEquals(2, session.activity(0).tokensWritten());
      session.append(1);
      try (FusedSession fork = session.fork()) {
        assertEquals(Optional.of("its context is full"), fork.leftOut(0));
        assertEquals(.35, fork.next().probability(0), 1e-12);
      }
      session.rewind(1);
      assertEquals(Optional.empty(), session.leftOut(0));
      assertEquals(1.7 / 3, session.next().probability(0), 1e-12);
      assertEquals(998, session.remaining());
    }
  }

  /** "xy" is two tokens of letters, which has room for one more. */
  @Test
  void aPieceThatDoesNotFitLeavesItsMemberOut() {
    ScriptedModel words = ScriptedModel.constant("words", List.of("x", "xy"), .1, .9, 0);
    var letters = new ScriptedModel("letters", LETTERS, 2, _ -> new double[] {.5, .5, 0});
    try (FusedSession session = open(StepGate.EVERYONE, MEAN, words, letters)) {
      int xy = session.next().mostProbable();
      assertEquals("xy", new String(session.vocabulary().bytes(xy), UTF_8));
      assertEquals(2, session.fusedSteps() + session.steps());
      session.append(xy);
      assertEquals(.9, session.next().probability(xy), 1e-12);
      assertEquals(Optional.of("its context is full"), session.leftOut(1));
      assertEquals(1, session.fusedSteps());
    }
  }

  @Test
  void whereAllContextsAreFullThereIsNoRoom() {
    var one = new ScriptedModel("one", LETTERS, 2, _ -> new double[] {1, 0, 0});
    var two = new ScriptedModel("two", LETTERS, 4, _ -> new double[] {1, 0, 0});
    try (FusedSession session = open(StepGate.EVERYONE, MEAN, one, two)) {
      for (int room = 3; room > 0; room--) {
        assertEquals(room, session.remaining());
        session.next();
        session.append(0);
      }
      assertEquals(0, session.remaining());
    }
  }

  @Test
  void whereTheGateNeedsAMemberItsContextBoundsTheAnswer() {
    var little = new ScriptedModel("little", LETTERS, 3, _ -> new double[] {1, 0, 0});
    StepGate gate = StepGate.needing(m -> m == 0, StepGate.EVERYONE);
    for (List<ScriptedModel> models : List.of(List.of(little, small), List.of(small, little))) {
      try (FusedSession session = open(gate, MEAN, models.toArray(ScriptedModel[]::new))) {
        int room = models.getFirst() == little ? 2 : 999;
        assertEquals(room, session.remaining());
        session.append(0, 0);
        assertEquals(room - 2, session.remaining());
      }
    }
  }

  @Test
  void aPlanHasTheRoomOfWhoeverHasMostUnlessItNeedsAnother() {
    var little = new ScriptedModel("little", LETTERS, 3, _ -> new double[] {1, 0, 0});
    var prompts = List.of(little.asked(), small.asked());
    var members = List.of(TokenMember.of(little, 1), TokenMember.of(small, 1));
    var union = new UnionVocabulary(members);
    List<Double> weights = List.of(.5, .5);
    StepGate needing = StepGate.needing(m -> m == 0, StepGate.EVERYONE);
    assertEquals(
        999, new FusionPlan(members, weights, StepGate.EVERYONE, union, MEAN, 0).room(prompts));
    assertEquals(2, new FusionPlan(members, weights, needing, union, MEAN, 0).room(prompts));
  }

  @Test
  void whatNobodyIsLeftForSaysWhoAndWhy() {
    ScriptedModel broken = ScriptedModel.constant("broken", LETTERS, Double.NaN, 0, 0);
    try (FusedSession session = open(StepGate.EVERYONE, MEAN, broken)) {
      var none = assertThrows(DecodeException.class, session::next);
      assertTrue(none.getMessage().contains("broken: "), none.getMessage());
      assertTrue(none.getMessage().contains("NaN"), none.getMessage());
    }
  }

  @Test
  void promptsThatAreNotTheMembersAreRefused() {
    var members = List.of(TokenMember.of(small, 1), TokenMember.of(large, 1));
    var plan =
        new FusionPlan(
            members, List.of(.5, .5), StepGate.EVERYONE, new UnionVocabulary(members), MEAN, 0);
    assertThrows(
        IllegalArgumentException.class,
        () -> plan.open(List.of(small.asked()), StepRunner.SEQUENTIAL));
  }
}
