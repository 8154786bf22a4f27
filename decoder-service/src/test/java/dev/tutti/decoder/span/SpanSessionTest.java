package dev.tutti.decoder.span;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.AnswerSource.Drawn;
import dev.tutti.decoder.AnswerSource.Opinion;
import dev.tutti.decoder.MemberActivity;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.sampling.Answer;
import dev.tutti.decoder.sampling.AnswerWriter;
import dev.tutti.decoder.sampling.Sampling;
import dev.tutti.decoder.sampling.TokenPicker;
import dev.tutti.decoder.sampling.TokenTrace;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class SpanSessionTest {

  private static final List<String> WORDS = List.of(" x", " y", " z");
  private static final double UNSEEN = -Ballot.MOST_NATS;

  /** The candidate that the last member by name wrote, or else the last one. */
  private static SpanChoice lastWriter(List<Ballot> seen) {
    return weights ->
        new SpanChoice.State() {
          @Override
          public SpanChoice.Choice choose(Ballot ballot) {
            seen.add(ballot);
            return new SpanChoice.Choice(ballot.candidates() - 1, this);
          }
        };
  }

  private static SpanSession open(
      SpanChoice choice, int words, boolean perByte, ScriptedModel... models) {
    List<TokenMember> members =
        Arrays.stream(models).map(m -> new TokenMember(m.name(), 1, m.tokenizer())).toList();
    List<TextJoin> joins = TextJoin.of(members, 4);
    return open(new WordSegmenter(joins, words, 8), choice, perByte, models);
  }

  private static SpanSession open(
      Segmenter segmenter, SpanChoice choice, boolean perByte, ScriptedModel... models) {
    List<TokenMember> members =
        Arrays.stream(models).map(m -> new TokenMember(m.name(), 1, m.tokenizer())).toList();
    return SpanPlan.of(members, TextJoin.of(members, 4), segmenter, choice, perByte, 0)
        .open(Arrays.stream(models).map(ScriptedModel::asked).toList(), StepRunner.SEQUENTIAL);
  }

  private static TokenPicker greedy() {
    return new TokenPicker(Sampling.GREEDY, new Random(0));
  }

  private static String text(SpanSession session, List<Drawn> drawn) {
    var text = new StringBuilder();
    drawn.forEach(
        d ->
            text.append(new String(session.vocabulary().bytes(d.token()), StandardCharsets.UTF_8)));
    return text.toString();
  }

  /** By hand: a (.7, .2) and b (.3, .6) of x and y; what each wrote itself is known. */
  @Test
  void everyoneJudgesEveryCandidate() {
    var seen = new ArrayList<Ballot>();
    ScriptedModel b = ScriptedModel.constant("b", WORDS, .3, .6, .05, .05);
    ScriptedModel a = ScriptedModel.constant("a", WORDS, .7, .2, .05, .05);
    try (SpanSession session = open(lastWriter(seen), 1, false, b, a)) {
      List<Drawn> drawn = session.draw(greedy(), 9);
      assertEquals(" y", text(session, drawn));
      assertEquals(Math.log(.6), drawn.getFirst().distribution().logProbability(1), 1e-12);
      Ballot ballot = seen.getFirst();
      assertEquals(List.of(0, 1), Arrays.stream(ballot.wrote()).boxed().toList());
      double[][] wanted = {{Math.log(.7), Math.log(.2)}, {Math.log(.3), Math.log(.6)}};
      for (int m = 0; m < 2; m++) {
        for (int c = 0; c < 2; c++) {
          assertEquals(wanted[m][c], ballot.scores()[m][c], 1e-12);
        }
      }
      // Of what b wrote a finds .2.
      List<Opinion> opinions = drawn.getFirst().opinions().get();
      assertEquals(2, opinions.size());
      assertEquals(new Opinion(0, .5, Math.log(.6), true), opinions.getFirst());
      assertEquals(1, opinions.getLast().member());
      assertEquals(Math.log(.2), opinions.getLast().logprob(), 1e-12);
      assertFalse(opinions.getLast().favourite());
      // Half the weight had written it.
      assertEquals(.5, session.agreement());
      assertEquals(1.0, session.measures().get("judged_steps"));
    }
  }

  @Test
  void aScoreMayBePerByte() {
    var seen = new ArrayList<Ballot>();
    ScriptedModel a = ScriptedModel.constant("a", WORDS, .7, .2, .05, .05);
    ScriptedModel b = ScriptedModel.constant("b", WORDS, .3, .6, .05, .05);
    try (SpanSession session = open(lastWriter(seen), 2, true, a, b)) {
      session.draw(greedy(), 9);
      // Two tokens, four bytes.
      assertEquals(2 * Math.log(.7) / 4, seen.getFirst().scores()[0][0], 1e-12);
      assertEquals(2 * Math.log(.3) / 4, seen.getFirst().scores()[1][0], 1e-12);
    }
  }

  /** By hand: of two tokens, .7 x .7 to a and .3 x .3 to b; told once, where the span begins. */
  @Test
  void theFirstTokenOfASpanTellsWhatMembersThoughtOfTheWhole() {
    ScriptedModel a = ScriptedModel.constant("a", WORDS, .7, .2, .05, .05);
    ScriptedModel b = ScriptedModel.constant("b", WORDS, .3, .6, .05, .05);
    SpanChoice first =
        weights ->
            new SpanChoice.State() {
              @Override
              public SpanChoice.Choice choose(Ballot ballot) {
                return new SpanChoice.Choice(0, this);
              }
            };
    try (SpanSession session = open(first, 2, false, b, a)) {
      List<Drawn> drawn = session.draw(greedy(), 9);
      assertEquals(" x x", text(session, drawn));
      List<Opinion> opinions = drawn.getFirst().opinions().get();
      assertEquals(Math.log(.3), opinions.getFirst().logprob(), 1e-12);
      assertFalse(opinions.getFirst().favourite());
      assertEquals(Math.log(.7), opinions.getLast().logprob(), 1e-12);
      assertTrue(opinions.getLast().favourite());
      assertEquals(List.of(), drawn.getLast().opinions().get());
    }
  }

  /** Who has left neither bounds the answer nor is promised anything. */
  @Test
  void whoHasLeftNeedsNoRoom() {
    ScriptedModel a = ScriptedModel.constant("a", WORDS, .7, .2, .05, .05);
    var small = new ScriptedModel("b", WORDS, 4, tokens -> new double[] {.3, .6, .05, .05});
    SpanChoice withoutB =
        weights -> {
          var alone =
              new SpanChoice.State() {
                @Override
                public boolean takesPart(int member) {
                  return member == 0;
                }

                @Override
                public SpanChoice.Choice choose(Ballot ballot) {
                  return new SpanChoice.Choice(0, this);
                }
              };
          return ballot -> new SpanChoice.Choice(0, alone);
        };
    try (SpanSession session = open(withoutB, 1, false, a, small)) {
      assertEquals(3, session.remaining());
      session.append(session.draw(greedy(), 9).getLast().token());
      assertEquals(998, session.remaining());
      MemberActivity before = session.activity(1);
      assertEquals(before, session.activityAfterStep(1));
      for (int i = 0; i < 9; i++) {
        session.append(session.draw(greedy(), 9).getLast().token());
      }
      assertEquals(989, session.remaining());
      assertEquals(before, session.activity(1));
    }
  }

  @Test
  void equalCandidatesAreJudgedByNobody() {
    var seen = new ArrayList<Ballot>();
    ScriptedModel a = ScriptedModel.constant("a", WORDS, .7, .2, .05, .05);
    ScriptedModel b = ScriptedModel.constant("b", WORDS, .6, .3, .05, .05);
    try (SpanSession session = open(lastWriter(seen), 1, false, a, b)) {
      for (int i = 0; i < 3; i++) {
        session.append(session.draw(greedy(), 9).getLast().token());
      }
      // The prompt, three tokens, and one more to see that the third is a word.
      assertEquals(4, a.passes.get());
      assertEquals(4, b.passes.get());
      MemberActivity activity = session.activity(0);
      assertEquals(1, activity.tokensRead());
      assertEquals(4, activity.tokensWritten());
      assertEquals(3, session.fusedSteps());
      assertEquals(1, session.agreement());
      assertEquals(0.0, session.measures().get("judged_steps"));
      // Each knows its own.
      List<Opinion> opinions = session.draw(greedy(), 9).getFirst().opinions().get();
      assertEquals(new Opinion(0, .5, Math.log(.7), true), opinions.getFirst());
      assertEquals(new Opinion(1, .5, Math.log(.6), true), opinions.getLast());
    }
  }

  @Test
  void whoWritesAloneWritesAsItWouldByItself() {
    ScriptedModel a = ScriptedModel.constant("a", List.of("x", " y"), .4, .35, .25);
    Sampling sampling =
        new Sampling(1, 1, OptionalInt.empty(), List.of(), OptionalInt.of(3), false, 0);
    int x = 0;
    int trials = 4_000;
    for (int seed = 0; seed < trials; seed++) {
      try (SpanSession session = open(lastWriter(new ArrayList<>()), 1, false, a)) {
        Answer answer =
            new AnswerWriter(session, session.vocabulary(), sampling, new SplittableRandom(seed))
                .write((text, told) -> {});
        x += answer.text().startsWith("xx") ? 1 : 0;
      }
    }
    // .4 x .4, four standard deviations: what is drawn to see the end of a word stays drawn.
    assertEquals(.16, x / (double) trials, .0235);
  }

  @Test
  void othersReadTheWinnerInTheirOwnTokens() {
    var ab = new ArrayList<List<Integer>>();
    ScriptedModel pairs = recorded("a", List.of("xy", "x", "y"), ab, .6, .3, .05);
    ScriptedModel letters = recorded("b", List.of("x", "y"), new ArrayList<>(), .2, .7);
    try (SpanSession session = open(lastWriter(new ArrayList<>()), 1, false, pairs, letters)) {
      List<Drawn> drawn = session.draw(greedy(), 1);
      assertEquals("y", text(session, drawn));
      session.append(drawn.getLast().token());
      session.draw(greedy(), 1);
      // Its prompt and y.
      assertEquals(List.of(0, 2), ab.getLast());
    }
    assertEquals(0, pairs.openSessions.get() + letters.openSessions.get());
  }

  private static ScriptedModel recorded(
      String name, List<String> pieces, List<List<Integer>> seen, double... p) {
    var all = Arrays.copyOf(p, p.length + 1);
    all[p.length] = 1 - Arrays.stream(p).sum();
    Function<List<Integer>, double[]> script =
        tokens -> {
          seen.add(tokens);
          return all;
        };
    return new ScriptedModel(name, pieces, 100, script);
  }

  @Test
  void whatAJudgeCannotWriteIsImprobableAndLeavesItOutWhereItWins() {
    var seen = new ArrayList<Ballot>();
    ScriptedModel a = ScriptedModel.constant("a", List.of(" x"), .9, .1);
    ScriptedModel b = ScriptedModel.constant("b", List.of(" x", " q"), .3, .6, .1);
    try (SpanSession session = open(lastWriter(seen), 1, false, a, b)) {
      List<Drawn> drawn = session.draw(greedy(), 9);
      assertEquals(UNSEEN, seen.getFirst().scores()[0][1]);
      session.append(drawn.getLast().token());
      assertTrue(session.activity(0).failure().orElseThrow().contains("cannot write ' q'"));
      assertEquals(" q", text(session, session.draw(greedy(), 9)));
      assertEquals(-1, seen.getLast().wrote()[0]);
    }
  }

  @Test
  void theAnswerEndsWhereAMemberHasNoRoomForIt() {
    var small =
        new ScriptedModel("small", List.of("x", "y", " "), 6, t -> new double[] {1, 0, 0, 0});
    ScriptedModel large = ScriptedModel.constant("y", List.of(" xyxyxy", "x"), .9, .05, .05);
    try (SpanSession session = open(lastWriter(new ArrayList<>()), 1, false, small, large)) {
      Answer answer =
          new AnswerWriter(session, session.vocabulary(), Sampling.GREEDY, new Random(0))
              .write((text, told) -> {});
      assertEquals(" xyxyxy", answer.text());
      assertEquals(Answer.Finish.LENGTH, answer.finish());
    }
  }

  /**
   * Of a context of n the letters' prompt takes one token, and what words write is five times as
   * many of theirs: they have room for less than the answer has.
   */
  @Test
  void whoCutsFinerProposesNoMoreThanItHasRoomFor() {
    for (int context = 2; context < 40; context++) {
      var letters =
          new ScriptedModel(
              "a", List.of("a", " "), context, tokens -> new double[] {.98, .01, .01});
      ScriptedModel words = ScriptedModel.constant("b", List.of(" aaaa", "a"), .9, .05, .05);
      for (int span : new int[] {1, 2, 8}) {
        try (SpanSession session =
            open(lastWriter(new ArrayList<>()), span, false, letters, words)) {
          Answer answer =
              new AnswerWriter(session, session.vocabulary(), Sampling.GREEDY, new Random(0))
                  .write((text, told) -> {});
          assertEquals(Answer.Finish.LENGTH, answer.finish());
          assertTrue(answer.text().startsWith(" aaaa"));
        }
      }
    }
  }

  /** In bytes a face is four tokens, of which any number may be the most of a span. */
  @Test
  void aSpanIsWholeCharactersHoweverShort() {
    List<String> byBytes = List.of("<0xF0>", "<0x9F>", "<0x98>", "<0x80>");
    for (String first : List.of("a", "c")) {
      for (int longest = 1; longest < 9; longest++) {
        for (int most = 1; most < 13; most++) {
          var bytes =
              new ScriptedModel(
                  first,
                  byBytes,
                  1_000,
                  tokens -> {
                    var next = new double[5];
                    next[(tokens.size() - 1) % 4] = 1;
                    return next;
                  });
          ScriptedModel face = ScriptedModel.constant("b", List.of("\uD83D\uDE00"), 1, 0);
          Sampling sampling =
              new Sampling(0, 1, OptionalInt.empty(), List.of(), OptionalInt.of(most), false, 0);
          try (SpanSession session =
              open(
                  new DraftSegmenter(longest), lastWriter(new ArrayList<>()), false, bytes, face)) {
            MemberActivity promised = session.activityAfterStep(0);
            session.append(session.draw(greedy(), 12).getLast().token());
            assertTrue(session.activity(0).tokensWritten() <= promised.tokensWritten());
            assertTrue(session.activity(1).failure().isEmpty(), "both can go on");
            Answer answer =
                new AnswerWriter(session, session.vocabulary(), sampling, new Random(0))
                    .write((text, told) -> {});
            assertTrue(answer.tokens() <= most, longest + " of " + most);
            assertTrue(most < 4 || answer.text().startsWith("\uD83D\uDE00"));
          }
        }
      }
    }
  }

  @Test
  void alternativesAndEntropyAreThoseOfTheWriter() {
    ScriptedModel a = ScriptedModel.constant("a", WORDS, .7, .2, .06, .04);
    var told = new ArrayList<TokenTrace>();
    Sampling sampling =
        new Sampling(0, 1, OptionalInt.empty(), List.of(), OptionalInt.of(2), true, 3);
    try (SpanSession session = open(lastWriter(new ArrayList<>()), 2, false, a)) {
      Answer answer =
          new AnswerWriter(session, session.vocabulary(), sampling, new Random(0))
              .write((text, traces) -> told.addAll(traces));
      double entropy =
          -.7 * Math.log(.7) - .2 * Math.log(.2) - .06 * Math.log(.06) - .04 * Math.log(.04);
      assertEquals(entropy, answer.signals().meanEntropy(), 1e-12);
      // sqrt((.5352 - .25) / .75)
      assertEquals(Math.sqrt(.2852 / .75), answer.signals().meanDistanceToUniform(), 1e-12);
    }
    assertEquals(2, told.size());
    assertEquals(
        List.of(" x", " y", " z"),
        told.getLast().top().stream()
            .map(t -> new String(t.bytes(), StandardCharsets.UTF_8))
            .toList());
    assertEquals(Math.log(.2), told.getLast().top().get(1).logprob(), 1e-12);
  }

  @Test
  void onlyWhatWasToldIsGoneOnWith() {
    ScriptedModel a = ScriptedModel.constant("a", WORDS, .7, .2, .06, .04);
    try (SpanSession session = open(lastWriter(new ArrayList<>()), 1, false, a)) {
      assertThrows(IllegalArgumentException.class, () -> session.append(0));
      int last = session.draw(greedy(), 9).getLast().token();
      assertThrows(IllegalArgumentException.class, () -> session.append(last + 1));
      session.append(last);
      assertThrows(IllegalArgumentException.class, () -> session.append(last));
    }
  }

  @Test
  void aRoundPromisesMoreThanItTakes() {
    ScriptedModel a = ScriptedModel.constant("a", WORDS, .7, .2, .05, .05);
    ScriptedModel b = ScriptedModel.constant("b", WORDS, .3, .6, .05, .05);
    try (SpanSession session = open(lastWriter(new ArrayList<>()), 3, false, a, b)) {
      for (int i = 0; i < 4; i++) {
        MemberActivity most = session.activityAfterStep(1);
        session.append(session.draw(greedy(), 99).getLast().token());
        assertTrue(session.activity(1).tokensRead() <= most.tokensRead());
        assertTrue(session.activity(1).tokensWritten() <= most.tokensWritten());
      }
    }
  }
}
