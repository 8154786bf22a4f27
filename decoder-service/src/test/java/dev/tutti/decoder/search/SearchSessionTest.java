package dev.tutti.decoder.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.AnswerSource.Drawn;
import dev.tutti.decoder.AnswerSource.Opinion;
import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.JointSession;
import dev.tutti.decoder.MemberActivity;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.sampling.Answer;
import dev.tutti.decoder.sampling.AnswerWriter;
import dev.tutti.decoder.sampling.Sampling;
import dev.tutti.decoder.sampling.TokenPicker;
import dev.tutti.decoder.sampling.TokenTrace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SearchSessionTest {

  private static final List<String> PIECES = List.of("x", "y", ";", " ", "+", "-");
  private static final SearchPlan.Steps STEPS =
      new SearchPlan.Steps("; ", 8, 6, "+", "-", "", Reward.VERDICT, Aggregate.LAST);
  private static final SearchPlan.Best TWO = new SearchPlan.Best(2);

  /** Writes a text with these probabilities of its tokens, then the end for sure. */
  private static ScriptedModel writing(String name, String text, double... p) {
    return new ScriptedModel(
        name,
        PIECES,
        200,
        tokens -> {
          var all = new double[PIECES.size() + 1];
          int at = tokens.size() - 1;
          int next =
              at < text.length() ? PIECES.indexOf(text.substring(at, at + 1)) : PIECES.size();
          double its = at < p.length ? p[at] : 1;
          Arrays.fill(all, (1 - its) / (all.length - 1));
          all[next] = its;
          return all;
        });
  }

  /** Says + by this probability behind a text, - by the rest. */
  private static ScriptedModel judging(Map<String, Double> right, List<String> read) {
    return new ScriptedModel(
        "judge",
        PIECES,
        200,
        tokens -> {
          var text = new StringBuilder();
          tokens.stream().skip(1).forEach(t -> text.append(PIECES.get(t)));
          read.add(text.toString());
          double p = right.getOrDefault(text.toString(), .5);
          var all = new double[PIECES.size() + 1];
          all[4] = p / 2;
          all[5] = (1 - p) / 2;
          all[0] = .5;
          return all;
        });
  }

  private static TokenMember member(ScriptedModel model) {
    String role = model.name().equals("judge") ? SearchPlan.JUDGE : SearchPlan.PROPOSER;
    return new TokenMember(model.name(), 1, model.tokenizer()).as(role);
  }

  private static SearchSession open(
      SearchPlan.Steps steps, SearchPlan.Search search, ScriptedModel... models) {
    return SearchPlan.of(
            Arrays.stream(models).map(SearchSessionTest::member).toList(), 4, steps, search, 1)
        .open(Arrays.stream(models).map(ScriptedModel::asked).toList(), StepRunner.SEQUENTIAL);
  }

  private static Answer write(JointSession session) {
    return write(session, 0);
  }

  private static Answer write(JointSession session, int seed) {
    return new AnswerWriter(session, session.vocabulary(), Sampling.GREEDY, new Random(seed))
        .write((text, told) -> {});
  }

  /**
   * By hand: a writes x, b writes y, and each goes on with what stands. The judge reads the steps
   * with the last one closed, and finds y (.9) better than x (.2); behind y both write the same.
   */
  @Test
  void theJudgeReadsEveryStepClosed() {
    var read = new ArrayList<String>();
    ScriptedModel a = writing("a", "x; x");
    ScriptedModel b = writing("b", "y; y");
    ScriptedModel judge = judging(Map.of("x;", .2, "y;", .9, "y; x;", .3, "y; y;", .8), read);
    try (SearchSession session = open(STEPS, TWO, a, b, judge)) {
      Answer answer = write(session);
      assertEquals("y; y", answer.text());
      assertEquals(Answer.Finish.STOP, answer.finish());
      assertEquals(5, answer.tokens());
      assertEquals(.8, session.measures().get("value"), 1e-12);
      assertEquals(2, session.steps());
      assertEquals(2, session.fusedSteps());
      // The first step is b's alone, the second too.
      assertEquals(.5, session.agreement());
      // Two steps at two places.
      assertEquals(4, session.activity(2).tokensWritten());
      assertEquals(0, session.weight(2));
      assertEquals(.5, session.weight(0));
    }
    assertTrue(read.containsAll(List.of("x;", "y;", "y; x;", "y; y;")));
    assertEquals(0, a.openSessions.get() + b.openSessions.get() + judge.openSessions.get());
  }

  /**
   * By hand: a ends behind x, b goes on. Without the mark of an end the judge reads {@code x;} of
   * both and finds a's answer (.9) better than b's first step (.8). With it the answer that ends
   * there is wrong (.1), b's step stands, and behind it the end that a writes (.2) is worse than
   * b's next step, which ends where it should (.7).
   */
  @Test
  void theJudgeReadsWhereAnAnswerEnds() {
    Map<String, Double> right = Map.of("x;", .9, "y;", .8, "x;-", .1, "y;-", .2, "y; x;-", .7);
    for (String end : List.of("", "-")) {
      var read = new ArrayList<String>();
      var cut = new SearchPlan.Steps("; ", 8, 6, "+", "-", end, Reward.VERDICT, Aggregate.LAST);
      ScriptedModel a = writing("a", "x");
      ScriptedModel b = writing("b", "y; x");
      try (SearchSession session = open(cut, TWO, a, b, judging(right, read))) {
        assertEquals(end.isEmpty() ? "x" : "y; x", write(session).text());
        assertEquals(end.isEmpty() ? .9 : .7, session.measures().get("value"), 1e-12);
      }
      List<String> expected =
          end.isEmpty() ? List.of("x;", "y;") : List.of("y;", "x;-", "y;-", "y; x;-");
      assertTrue(read.containsAll(expected), read.toString());
    }
  }

  /**
   * By hand: b writes y by .4, what follows for sure, and the judge finds the step .9; nobody else
   * read it. What members thought of a step stands at its first token.
   */
  @Test
  void aStepTellsItsWriterAndItsReward() {
    ScriptedModel a = writing("a", "x; x");
    ScriptedModel b = writing("b", "y; y", .4);
    ScriptedModel judge = judging(Map.of("x;", .2, "y;", .9), new ArrayList<>());
    try (SearchSession session = open(STEPS, TWO, a, judge, b)) {
      List<Drawn> step = session.draw(new TokenPicker(Sampling.GREEDY, new Random(0)), 40);
      assertEquals(3, step.size());
      assertEquals(
          List.of(
              new Opinion(0, .5, Double.NEGATIVE_INFINITY, false),
              new Opinion(1, 0, Double.NEGATIVE_INFINITY, false, OptionalDouble.of(.9)),
              new Opinion(2, .5, Math.log(.4) / 3, true)),
          rounded(step.getFirst().opinions().get()));
      assertEquals(List.of(), step.getLast().opinions().get());
    }
  }

  private static List<Opinion> rounded(List<Opinion> opinions) {
    return opinions.stream()
        .map(
            o ->
                new Opinion(
                    o.member(),
                    o.weight(),
                    Math.abs(o.logprob() - Math.log(.4) / 3) < 1e-12
                        ? Math.log(.4) / 3
                        : o.logprob(),
                    o.favourite(),
                    o.reward().isPresent()
                        ? OptionalDouble.of(Math.round(o.reward().getAsDouble() * 1e9) / 1e9)
                        : o.reward()))
        .toList();
  }

  /** As below: x is .6 to a, who wrote it, and .1 to b. Both write the second step. */
  @Test
  void withoutAJudgeEachWriterTellsWhatItFindsOfAStep() {
    ScriptedModel a = writing("a", "x; x", .6, .9, .8);
    ScriptedModel b = writing("b", "y; x", .4);
    try (SearchSession session = open(STEPS, TWO, a, b)) {
      var picker = new TokenPicker(Sampling.GREEDY, new Random(0));
      List<Opinion> first = session.draw(picker, 40).getFirst().opinions().get();
      assertEquals((Math.log(.6) + Math.log(.9) + Math.log(.8)) / 3, first.get(0).logprob(), 1e-12);
      assertEquals(.6, first.get(0).reward().orElseThrow(), 1e-12);
      assertTrue(first.get(0).favourite());
      assertEquals(.1, first.get(1).reward().orElseThrow(), 1e-12);
      assertFalse(first.get(1).favourite());
      List<Opinion> second = session.draw(picker, 40).getFirst().opinions().get();
      assertTrue(second.get(0).favourite() && second.get(1).favourite());
      // One of two, and both.
      assertEquals(.75, session.agreement());
    }
  }

  /**
   * By hand, one step each: a writes x by .6 and ; by .9, the space by .8, least .6; b finds x .1,
   * as it writes y by .4. So x is worth (.6 + .1) / 2 = .35; y to a (1 - .6) / 6 = .0667, to b .4:
   * .2333. With the product of both steps, 1 for the last: .35.
   */
  @Test
  void withoutAJudgeTheLeastProbableTokenCounts() {
    ScriptedModel a = writing("a", "x; x", .6, .9, .8);
    ScriptedModel b = writing("b", "y; x", .4);
    try (SearchSession session =
        open(
            new SearchPlan.Steps("; ", 8, 6, "+", "-", "", Reward.VERDICT, Aggregate.PRODUCT),
            TWO,
            a,
            b)) {
      assertEquals("x; x", write(session).text());
      assertEquals(.35, session.measures().get("value"), 1e-12);
    }
  }

  /**
   * By hand: the judge fails at the first round, in which each step is worth what its writer gives
   * its least probable token, a .6 and b .7; behind that both write x, and as without a judge.
   */
  @Test
  void aJudgeThatFailsIsNamedAndMissed() {
    for (Reward reward : Reward.values()) {
      var cut = new SearchPlan.Steps("; ", 8, 6, "+", "-", "", reward, Aggregate.LAST);
      for (SearchPlan.Search search : List.of(TWO, new SearchPlan.Tree(2, 1, 2, 2, .1, 1, 1))) {
        ScriptedModel a = writing("a", "x; x", .6);
        ScriptedModel b = writing("b", "y; x", .7);
        try (SearchSession session = open(cut, search, a, b, failing("judge"))) {
          Answer answer = write(session);
          assertEquals(Answer.Finish.STOP, answer.finish());
          assertEquals("gone", session.activity(2).failure().orElseThrow());
          assertEquals(session.activity(2), session.activityAfterStep(2));
          if (search == TWO) {
            assertEquals("y; x", answer.text());
            // Read by both: the round after the failure is valued by all.
            assertEquals(1, session.measures().get("value"), 1e-12);
          }
        }
      }
    }
  }

  @Test
  void aFailedJudgeIsNotCalledAgain() {
    var calls = new AtomicInteger();
    ScriptedModel judge =
        new ScriptedModel(
            "judge",
            PIECES,
            200,
            tokens -> {
              calls.incrementAndGet();
              throw new DecodeException("gone");
            });
    try (SearchSession session = open(STEPS, TWO, writing("a", "x; x; x; x"), judge)) {
      assertEquals("x; x; x; x", write(session).text());
    }
    assertEquals(1, calls.get());
  }

  private static ScriptedModel failing(String name) {
    return new ScriptedModel(
        name,
        PIECES,
        200,
        tokens -> {
          throw new DecodeException("gone");
        });
  }

  /** Whoever is asked first, and whatever the search: a is there, so its answer is. */
  @Test
  void whoFailsInARoundIsStoodInForByTheOthers() {
    for (int seed = 0; seed < 20; seed++) {
      for (SearchPlan.Search search :
          List.of(
              new SearchPlan.Best(1),
              new SearchPlan.Tree(1, 1, 1, 1, .1, 1, 1),
              new SearchPlan.Tree(9, 1, 2, 2, .1, 1, 1))) {
        ScriptedModel a = writing("a", "x; x");
        try (SearchSession session = open(STEPS, search, a, failing("b"))) {
          Answer answer = write(session, seed);
          assertEquals("x; x", answer.text());
          assertEquals(Answer.Finish.STOP, answer.finish());
        }
      }
    }
  }

  /** The greatest weight, which finishes what no search could, is that of who fails. */
  @Test
  void anotherOneFinishesWhereTheStrongestFails() {
    ScriptedModel a = writing("a", "x; x; x");
    // So that b is not asked what it thinks of a step.
    ScriptedModel judge = judging(Map.of(), new ArrayList<>());
    for (int seed = 0; seed < 20; seed++) {
      List<TokenMember> members =
          List.of(
              member(a),
              new TokenMember("b", 3, a.tokenizer()).as(SearchPlan.PROPOSER),
              member(judge));
      SearchPlan plan =
          SearchPlan.of(members, 4, STEPS, new SearchPlan.Tree(1, 1, 1, 1, .1, 1, 1), 1);
      try (SearchSession session =
          plan.open(
              List.of(a.asked(), failing("b").asked(), judge.asked()), StepRunner.SEQUENTIAL)) {
        assertEquals("x; x; x", write(session, seed).text());
      }
    }
  }

  /** b has room for the three tokens of one step, of which a, with a token each, writes three. */
  @Test
  void whoHasNoRoomLeftIsPassedOver() {
    for (int seed = 0; seed < 20; seed++) {
      ScriptedModel b =
          new ScriptedModel("b", List.of("x", ";", " "), 4, tokens -> cycle(tokens.size()));
      var large = new ScriptedModel("a", List.of("x; ", "+"), 200, tokens -> threeThenEnd(tokens));
      for (SearchPlan.Search search :
          List.of(
              new SearchPlan.Best(1),
              new SearchPlan.Best(3),
              new SearchPlan.Tree(20, 1, 2, 4, .1, 2, 1))) {
        var cut = new SearchPlan.Steps("; ", 8, 6, "+", "-", "", Reward.LIKELIHOOD, Aggregate.LAST);
        try (SearchSession session = open(cut, search, large, b)) {
          Answer answer = write(session, seed);
          assertTrue(answer.text().startsWith("x; "));
          assertTrue(answer.tokens() <= 3);
          assertTrue(session.activity(1).failure().isEmpty());
        }
      }
    }
  }

  private static double[] cycle(int length) {
    var all = new double[4];
    all[(length - 1) % 3] = 1;
    return all;
  }

  private static double[] threeThenEnd(List<Integer> tokens) {
    return tokens.size() > 3 ? new double[] {0, 0, 1} : new double[] {1, 0, 0};
  }

  @Test
  void aTreeSearchFindsWhatTheFirstStepHides() {
    // By itself y; looks better, but nothing good comes of it.
    Map<String, Double> right = Map.of("x;", .6, "y;", .9, "x; x;", .95, "y; y;", .1, "y; x;", .1);
    ScriptedModel a = writing("a", "x; x");
    ScriptedModel b = writing("b", "y; y");
    var tree = new SearchPlan.Tree(40, .5, 2, 4, .1, 1, 1);
    try (SearchSession session = open(STEPS, tree, a, b, judging(right, new ArrayList<>()))) {
      assertEquals("x; x", write(session).text());
    }
    try (SearchSession session = open(STEPS, TWO, a, b, judging(right, new ArrayList<>()))) {
      assertTrue(write(session).text().startsWith("y; "));
    }
  }

  @Test
  void theBestSoFarIsToldWhereThereIsNoMoneyForMore() {
    ScriptedModel a = writing("a", "x; x; x");
    ScriptedModel b = writing("b", "y; y; y");
    Map<String, Double> right = Map.of("x;", .6, "y;", .3);
    var tree = new SearchPlan.Tree(40, 0, 2, 2, .1, 2, 1);
    try (SearchSession session = open(STEPS, tree, a, b, judging(right, new ArrayList<>()))) {
      Answer answer =
          new AnswerWriter(session, session.vocabulary(), Sampling.GREEDY, new Random(0))
              .write(
                  new AnswerWriter.Listener() {
                    private int steps;

                    @Override
                    public void piece(String text, List<TokenTrace> told) {}

                    @Override
                    public boolean step() {
                      return steps++ < 1;
                    }
                  });
      assertEquals("x; ", answer.text());
      assertEquals(Answer.Finish.LENGTH, answer.finish());
    }
  }

  @Test
  void anIterationPromisesMoreThanItTakes() {
    for (long seed = 0; seed < 20; seed++) {
      ScriptedModel a = writing("a", "x; x; x", .5, .9, .9, .5, .9, .9, .5);
      ScriptedModel b = writing("b", "y; y; y", .5, .9, .9, .5, .9, .9, .5);
      ScriptedModel judge = judging(Map.of(), new ArrayList<>());
      var random = new SplittableRandom(seed);
      SearchPlan.Search search =
          seed % 2 == 0 ? new SearchPlan.Best(5) : new SearchPlan.Tree(20, 1, 2, 4, .1, 2, 1);
      ScriptedModel[] models =
          seed % 3 == 0 ? new ScriptedModel[] {a, b} : new ScriptedModel[] {a, b, judge};
      var sampling =
          new Sampling(1, 1, OptionalInt.empty(), List.of(), OptionalInt.empty(), false, 0);
      try (SearchSession session = open(STEPS, search, models)) {
        var picker = new TokenPicker(sampling, random);
        for (int i = 0; i < 8 && session.remaining() > 0; i++) {
          var promised = new ArrayList<MemberActivity>();
          for (int m = 0; m < models.length; m++) {
            promised.add(session.activityAfterStep(m));
          }
          session.draw(picker, 40);
          for (int m = 0; m < models.length; m++) {
            assertTrue(session.activity(m).tokensRead() <= promised.get(m).tokensRead());
            assertTrue(session.activity(m).tokensWritten() <= promised.get(m).tokensWritten());
          }
        }
      }
    }
  }

  @Test
  void wrongRecipesAreRefused() {
    ScriptedModel a = writing("a", "x");
    ScriptedModel judge = judging(Map.of(), new ArrayList<>());
    IllegalArgumentException alone =
        assertThrows(IllegalArgumentException.class, () -> open(STEPS, TWO, judge));
    assertEquals(
        "1 of 1 members judge; at most one may, and another one must write.", alone.getMessage());
    assertThrows(IllegalArgumentException.class, () -> open(STEPS, TWO, a, judge, judge));
    var unknown = new SearchPlan.Steps("; ", 8, 6, "yes", "-", "", Reward.BOTH, Aggregate.LAST);
    IllegalArgumentException word =
        assertThrows(IllegalArgumentException.class, () -> open(unknown, TWO, a, judge));
    assertEquals("The judge cannot write the verdict 'yes'.", word.getMessage());
    var alike = new SearchPlan.Steps("; ", 8, 6, "+x", "+y", "", Reward.VERDICT, Aggregate.LAST);
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> open(alike, TWO, a, judge))
            .getMessage()
            .contains("begin by the same token"));
    assertThrows(
        IllegalArgumentException.class,
        () -> new SearchPlan.Steps("", 8, 6, "+", "-", "", Reward.VERDICT, Aggregate.LAST));
    assertThrows(
        IllegalArgumentException.class,
        () -> new SearchPlan.Steps(";", 8, 6, "+", "+", "", Reward.VERDICT, Aggregate.LAST));
  }

  @Test
  void valuesAreOfTheLastTheLeastOrTheProduct() {
    assertEquals(.5, Aggregate.LAST.value(.4, .5));
    assertEquals(.4, Aggregate.MIN.value(.4, .5));
    assertEquals(.2, Aggregate.PRODUCT.value(.4, .5), 1e-12);
  }
}
