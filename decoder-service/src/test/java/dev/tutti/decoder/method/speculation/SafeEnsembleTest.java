package dev.tutti.decoder.method.speculation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.AnswerSource.Drawn;
import dev.tutti.decoder.AnswerSource.Opinion;
import dev.tutti.decoder.DecodeException;
import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.FusionPlan;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointEnsembleContract;
import dev.tutti.decoder.JointPlan;
import dev.tutti.decoder.JointSession;
import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.StepCombiner;
import dev.tutti.decoder.StepGate;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.Tokenizer;
import dev.tutti.decoder.Utf8;
import dev.tutti.decoder.fixture.ModelFiles;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.method.speculation.SafeEnsemble.Settings;
import dev.tutti.decoder.method.speculation.SafeEnsemble.Sharpening;
import dev.tutti.decoder.method.token.UnionVocabulary;
import dev.tutti.decoder.sampling.Answer;
import dev.tutti.decoder.sampling.AnswerWriter;
import dev.tutti.decoder.sampling.Sampling;
import dev.tutti.decoder.sampling.TokenPicker;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SafeEnsembleTest extends JointEnsembleContract {

  private static final List<String> AB = List.of("a", "b");
  private static final TokenPicker GREEDY = new TokenPicker(Sampling.GREEDY, new Random(0));

  @Override
  protected JointEnsemble method() {
    return new SafeEnsemble(Settings.DEFAULTS);
  }

  @Override
  protected JointEnsemble method(SplittableRandom random, List<Integer> order) {
    return new SafeEnsemble(
        new Settings(
            1 + random.nextInt(8),
            order.indexOf(0),
            Sharpening.values()[random.nextInt(3)],
            .4 * random.nextDouble()));
  }

  private static Settings block(int tokens) {
    return new Settings(tokens, 0, Sharpening.NONE, .1);
  }

  private static JointPlan plan(Settings settings, List<ScriptedModel> models) {
    return new SafeEnsemble(settings).plan(models.stream().map(model -> member(model, 1)).toList());
  }

  private static JointSession open(Settings settings, ScriptedModel... models) {
    return plan(settings, List.of(models))
        .open(Arrays.stream(models).map(ScriptedModel::asked).toList(), StepRunner.SEQUENTIAL);
  }

  private static Sampling sampling(double temperature, int tokens) {
    return new Sampling(
        temperature, 1, OptionalInt.empty(), List.of(), OptionalInt.of(tokens), false, 0);
  }

  private static Answer write(JointSession session, Sampling sampling, long seed) {
    return new AnswerWriter(session, session.vocabulary(), sampling, new Random(seed))
        .write((text, tokens) -> {});
  }

  private static String text(JointSession session, List<Drawn> drawn) {
    var text = new StringBuilder();
    drawn.forEach(
        each ->
            text.append(
                session.vocabulary().isEnd(each.token())
                    ? "$"
                    : new String(
                        session.vocabulary().bytes(each.token()), StandardCharsets.UTF_8)));
    return text.toString();
  }

  private static String first(ScriptedModel... models) {
    try (JointSession session = open(block(5), models)) {
      return text(session, session.draw(GREEDY, 9));
    }
  }

  private static ScriptedModel constant(String name, double... probabilities) {
    return ScriptedModel.constant(name, AB, probabilities);
  }

  @Test
  void whereMembersDisagreeAndAreUnsureTheyWriteTogether() {
    // P(a) = (.7 + .3 + .2) / 3 = .4, P(b) = .5.
    ScriptedModel[] models = {
      constant("drafter", .7, .2, .1), constant("v", .3, .6, .1), constant("w", .2, .7, .1)
    };
    try (JointSession session = open(block(5), models)) {
      List<Drawn> drawn = session.draw(GREEDY, 9);
      assertEquals("b", text(session, drawn));
      assertArrayEquals(
          new double[] {.4, .5, .1}, drawn.getFirst().distribution().probabilities(), 1e-12);
      assertEquals(
          List.of(
              new Opinion(0, 1 / 3.0, Math.log(.2), false)
                  .wanting(Optional.of("a".getBytes(StandardCharsets.UTF_8))),
              new Opinion(1, 1 / 3.0, Math.log(.6), true),
              new Opinion(2, 1 / 3.0, Math.log(.7), true)),
          drawn.getFirst().opinions().get());
      assertEquals(1, session.measures().get("fused"));
      assertEquals(1, session.steps());
      assertEquals(1, session.fusedSteps());
      assertEquals(2 / 3.0, session.agreement(), 1e-12);
    }
  }

  @Test
  void aDraftStaysWhereAllAreSureEnoughTogether() {
    // .55, though the other one would write b.
    assertEquals("a", first(constant("drafter", .9, .1, 0), constant("v", .2, .8, 0)));
    // One half is not enough.
    assertEquals("b", first(constant("drafter", .6, .4, 0), constant("v", .3, .7, 0)));
  }

  @Test
  void aDraftStaysWhereAllAgree() {
    try (JointSession session =
        open(block(5), constant("drafter", .4, .3, .3), constant("v", .45, .15, .4))) {
      assertEquals("a", text(session, session.draw(GREEDY, 9)));
      assertEquals(0, session.measures().get("fused"));
    }
  }

  @Test
  void weightsCount() {
    var drafter = constant("drafter", .9, .1, 0);
    var other = constant("other", .2, .8, 0);
    JointPlan plan = new SafeEnsemble(block(5)).plan(List.of(member(drafter, 1), member(other, 3)));
    try (JointSession session =
        plan.open(List.of(drafter.asked(), other.asked()), StepRunner.SEQUENTIAL)) {
      // .25 x .9 + .75 x .2 = .375.
      assertEquals("b", text(session, session.draw(GREEDY, 9)));
    }
  }

  /** Always a after b and b after a, as sure as that. */
  private static ScriptedModel turns(String name, double sure) {
    return new ScriptedModel(
        name,
        AB,
        100,
        tokens ->
            tokens.getLast() == 0
                ? new double[] {1 - sure, sure, 0}
                : new double[] {sure, 1 - sure, 0});
  }

  @Test
  void whoChecksTakesOnePassABlock() {
    ScriptedModel drafter = turns("drafter", 1);
    ScriptedModel other = turns("other", 1);
    try (JointSession session = open(block(4), drafter, other)) {
      assertEquals("bababab" + "ab", write(session, sampling(0, 9), 0).text());
      // The first token, then two blocks of four: each token but the last is read by the drafter.
      assertEquals(9, drafter.passes.get());
      assertEquals(3, other.passes.get());
      assertEquals(3, session.measures().get("blocks"));
      assertEquals(9, session.activity(1).tokensWritten());
      assertEquals(1, session.activity(1).tokensRead());
    }
  }

  @Test
  void whatStandsBehindAnotherTokenIsDropped() {
    // b again at the third place: P(b) = .75.
    var other =
        new ScriptedModel(
            "other",
            AB,
            100,
            tokens ->
                tokens.size() == 4
                    ? new double[] {0, 1, 0}
                    : tokens.getLast() == 0 ? new double[] {0, 1, 0} : new double[] {1, 0, 0});
    try (JointSession session = open(block(5), turns("drafter", .6), other)) {
      assertEquals("b", text(session, session.draw(GREEDY, 9)));
      session.append(1);
      // Drafted: a b a b a.
      List<Drawn> drawn = session.draw(GREEDY, 8);
      assertEquals("ab" + "b", text(session, drawn));
      session.append(drawn.getLast().token());
      assertEquals("ababa", text(session, session.draw(GREEDY, 5)));
    }
  }

  @Test
  void aPlaceWithinAMembersTokenIsNotChecked() {
    // It cuts ab as one token, and would never write a b.
    List<String> pieces = List.of("a", "b", "ab");
    var other = new ScriptedModel("other", pieces, 100, tokens -> new double[] {0, 0, 1, 0});
    ScriptedModel drafter = turns("drafter", 1);
    try (JointSession session = open(block(4), drafter, other)) {
      // P(b) = .5 at the first place, where the other one writes ab.
      List<Drawn> first = session.draw(GREEDY, 9);
      session.append(first.getLast().token());
      double before = session.measures().get("unchecked");
      List<Drawn> drawn = session.draw(GREEDY, 8);
      assertTrue(text(session, drawn).startsWith("ab"), text(session, drawn));
      assertEquals(0, before);
      assertTrue(session.measures().get("unchecked") > 0);
      // Only the drafter was heard on it.
      assertEquals(List.of(new Opinion(0, 1, 0, true)), drawn.get(1).opinions().get());
      assertEquals(2, drawn.get(0).opinions().get().size());
      assertEquals(1, drawn.get(1).distribution().probability(drawn.get(1).token()));
      assertTrue(session.activity(1).tokensRead() > 1);
    }
  }

  @Test
  void aPieceThatGoesOnBeyondTheTextAgreesWithIt() {
    List<String> pieces = List.of("1", "2", "12");
    ScriptedModel drafter = ScriptedModel.constant("drafter", List.of("1", "2"), .5, .3, .2);
    assertEquals("1", first(drafter, ScriptedModel.constant("v", pieces, .1, .1, .8, 0)));
    // P(2) = .55.
    assertEquals("2", first(drafter, ScriptedModel.constant("v", pieces, .1, .8, .1, 0)));
  }

  @Test
  void theEndIsCheckedLikeAnyToken() {
    assertEquals("$", first(constant("drafter", 0, .4, .6), constant("v", 0, .3, .7)));
    assertEquals("b", first(constant("drafter", 0, .4, .6), constant("v", 0, .8, .2)));
    assertEquals("$", first(constant("drafter", 0, .6, .4), constant("v", 0, .2, .8)));
  }

  /** They disagree at every seventh place. */
  private static long work(int tokens, List<String> others) {
    ScriptedModel drafter = disagreeing("drafter", AB, 3);
    ScriptedModel other = disagreeing("other", others, 0);
    var its = (SafePlan) plan(block(5), List.of(drafter, other));
    var counted = new CountedVocabulary(its.vocabulary(), new AtomicLong());
    var plan = new SafePlan(its.members(), its.weights(), counted, its.kin(), its.settings());
    try (JointSession session =
        plan.open(List.of(drafter.asked(), other.asked()), StepRunner.SEQUENTIAL)) {
      assertEquals(tokens, write(session, sampling(0, tokens), 0).tokens());
      assertTrue(session.measures().get("fused") > .05);
    }
    return counted.work().get();
  }

  private static ScriptedModel disagreeing(String name, List<String> pieces, int disagrees) {
    return new ScriptedModel(
        name,
        pieces,
        10_000,
        tokens -> {
          var p = new double[pieces.size() + 1];
          p[tokens.size() % 7 == disagrees ? 1 : 0] = 1;
          return p;
        });
  }

  @Test
  void anAnswerTwiceAsLongIsTwiceTheWork() {
    for (List<String> others : List.of(AB, List.of("a", "b", "bb"))) {
      long once = work(2_000, others);
      long twice = work(4_000, others);
      assertTrue(twice <= 2.5 * once, twice + " of " + once);
    }
  }

  private static double[] sharpened(Settings settings, double[]... members) {
    List<String> pieces = List.of("1", "12", "13", "2");
    ScriptedModel[] models =
        IntStream.range(0, members.length)
            .mapToObj(m -> ScriptedModel.constant("m" + m, pieces, members[m]))
            .toArray(ScriptedModel[]::new);
    try (JointSession session = open(settings, models)) {
      return session.draw(GREEDY, 9).getFirst().distribution().probabilities();
    }
  }

  @Test
  void longerPiecesCountForThoseThatTheyBeginBy() {
    double[] drafter = {.4, .1, .05, .35, .1};
    double[] other = {.2, .2, .15, .35, .1};
    // P = .3, .15, .1, .35, .1; 1 gathers .25 of 12 and 13, and the sum is 1.25.
    assertArrayEquals(
        new double[] {.44, .12, .08, .28, .08},
        sharpened(new Settings(5, 0, Sharpening.HEURISTIC, .1), drafter, other),
        1e-12);
    // 1 has too little to gather.
    assertArrayEquals(
        new double[] {.3, .15, .1, .35, .1},
        sharpened(new Settings(5, 0, Sharpening.HEURISTIC, .31), drafter, other),
        1e-12);
    assertArrayEquals(
        new double[] {.3, .15, .1, .35, .1},
        sharpened(new Settings(5, 0, Sharpening.NONE, .1), drafter, other),
        1e-12);
  }

  @Test
  void theGeometricMeanStandsForTheArithmeticOneWhereThatIsUnsure() {
    // Roots of .4 x .1, .3 x .3, .3 x .6 are .2, .3, .424264; their sum is .924264.
    assertArrayEquals(
        new double[] {.216388, .324583, .459029, 0, 0},
        sharpened(
            new Settings(5, 0, Sharpening.GEOMETRIC, .1),
            new double[] {.4, .3, .3, 0, 0},
            new double[] {.1, .3, .6, 0, 0}),
        1e-6);
    // P = .1, .1, .8: sure.
    assertArrayEquals(
        new double[] {.5, .3, .2, 0, 0},
        sharpened(
            new Settings(5, 0, Sharpening.GEOMETRIC, .1),
            new double[] {.6, .3, .1, 0, 0},
            new double[] {.4, .3, .3, 0, 0}),
        1e-12);
  }

  private static RandomGenerator giving(double... numbers) {
    return new RandomGenerator() {
      private int next;

      @Override
      public long nextLong() {
        throw new UnsupportedOperationException();
      }

      @Override
      public double nextDouble() {
        return numbers[next++];
      }
    };
  }

  private static String sampled(double... numbers) {
    ScriptedModel[] models = {constant("drafter", .6, .4, 0), constant("v", .2, .7, .1)};
    try (JointSession session = open(block(5), models)) {
      return text(session, session.draw(new TokenPicker(sampling(1, 9), giving(numbers)), 9));
    }
  }

  @Test
  void sampledADraftStaysWithTheRatioOfTheTwo() {
    // P = .4, .55, .05; a is drafted, of which P / P_drafter = .6667.
    assertEquals("a", sampled(.59, .66));
    assertEquals("b", sampled(.59, .67, .41));
    assertEquals("a", sampled(.59, .67, .39));
    assertEquals("$", sampled(.59, .67, .96));
    assertEquals("b", sampled(.61, .99));
  }

  @Test
  void overOneVocabularyAndUnsharpenedItIsThePlainMean() {
    for (long seed = 0; seed < 200; seed++) {
      var random = new SplittableRandom(seed);
      long s = seed;
      ScriptedModel[] models =
          IntStream.range(0, 1 + random.nextInt(4))
              .mapToObj(m -> arbitrary("m" + m, s * 5 + m))
              .toArray(ScriptedModel[]::new);
      var settings =
          new Settings(1 + random.nextInt(8), random.nextInt(models.length), Sharpening.NONE, .1);
      Sampling sampling = sampling(0, 1 + random.nextInt(20));
      var safe = (SafePlan) plan(settings, List.of(models));
      var plain =
          new FusionPlan(
              safe.members(),
              safe.weights(),
              StepGate.EVERYONE,
              safe.vocabulary(),
              StepCombiner.MEAN,
              0);
      try (JointSession expected =
              plain.open(
                  Arrays.stream(models).map(ScriptedModel::asked).toList(), StepRunner.SEQUENTIAL);
          JointSession session = open(settings, models)) {
        assertEquals(write(expected, sampling, 0).text(), write(session, sampling, 0).text());
        assertEquals(expected.activity(0), session.activity(0));
      }
      for (ScriptedModel model : models) {
        assertEquals(0, model.openSessions.get());
      }
    }
  }

  private static ScriptedModel arbitrary(String name, List<String> pieces, int context, long seed) {
    return new ScriptedModel(
        name,
        pieces,
        context,
        tokens -> {
          var random = new SplittableRandom(seed * 31 + tokens.hashCode());
          double[] p =
              IntStream.rangeClosed(0, pieces.size())
                  .mapToDouble(i -> Math.pow(random.nextDouble(), 4))
                  .toArray();
          p[pieces.size()] *= .1;
          double sum = Arrays.stream(p).sum();
          return Arrays.stream(p).map(x -> x / sum).toArray();
        });
  }

  @Test
  void anyVocabulariesWriteTogether() {
    var all =
        List.of(
            "a", "b", "ab", "ba", "aba", " ", " a", "é", "éa", "<0xC3>", "<0xA9>", "漢", "<0xE6>",
            "<0xBC>", "<0xA2>", "<0xFF>");
    for (long seed = 0; seed < 400; seed++) {
      var random = new SplittableRandom(seed);
      var models = new ArrayList<ScriptedModel>();
      for (int m = 0; m < 1 + random.nextInt(3); m++) {
        // The first piece is the prompt.
        var pieces = new ArrayList<String>(List.of("a"));
        all.stream().skip(1).filter(_ -> random.nextInt(3) > 0).forEach(pieces::add);
        int context = random.nextInt(3) == 0 ? 3 + random.nextInt(12) : 1_000;
        models.add(arbitrary("m" + m, pieces, context, seed * 5 + m));
      }
      var settings =
          new Settings(
              1 + random.nextInt(8),
              random.nextInt(models.size()),
              Sharpening.values()[random.nextInt(3)],
              .2 * random.nextDouble());
      int most = 1 + random.nextInt(25);
      Sampling sampling = sampling(random.nextInt(2), most);
      ScriptedModel[] its = models.toArray(ScriptedModel[]::new);
      try (JointSession session = open(settings, its)) {
        Answer answer = write(session, sampling, seed);
        assertTrue(answer.tokens() >= 1 && answer.tokens() <= most, "seed " + seed);
        assertEquals(session.steps(), answer.tokens(), "seed " + seed);
        for (int m = 0; m < its.length; m++) {
          assertTrue(session.activity(m).tokensWritten() <= answer.tokens());
        }
      } catch (DecodeException e) {
        // Half a character that none of them can write the rest of, or nobody can write.
        assertTrue(e.getMessage().contains("character") || e.getMessage().contains("cannot write"));
      }
      models.forEach(model -> assertEquals(0, model.openSessions.get()));
    }
  }

  @Test
  void aTextIsCutAsTheMemberItselfWould() {
    try (LanguageModel model = ModelFiles.load("adder-bpe-2")) {
      Tokenizer own = model.tokenizer();
      var vocabulary = new UnionVocabulary(List.of(TokenMember.of(model, 1)));
      var random = new SplittableRandom(3);
      for (int trial = 0; trial < 200; trial++) {
        var spelling = new Spelling(vocabulary, 0, own);
        var text = new SharedText(vocabulary.shared());
        for (int block = 0; block < 8; block++) {
          if (random.nextInt(3) == 0) {
            int size = random.nextInt(text.size() + 1);
            // Not to half a character: what stands behind it would be none.
            while (size > 0 && isHalf(text.bytes(0, text.length(size)))) {
              size--;
            }
            takeBack(text, spelling, size);
          }
          for (int i = 0; i < random.nextInt(7); i++) {
            add(text, vocabulary, "0123456789+=é".substring(random.nextInt(13)).substring(0, 1));
          }
          int[] before = ids(spelling);
          int first = spelling.spell(text, text.size(), false).orElseThrow();
          byte[] bytes = text.bytes(0, text.length());
          assertArrayEquals(bytes, spelt(own, spelling));
          assertEquals(spelling.size(), spelling.at(bytes.length));
          assertEquals(spelling.size(), spelling.covering(bytes.length));
          assertTrue(first <= Math.min(before.length, spelling.size()));
          assertArrayEquals(Arrays.copyOf(before, first), spelling.ids().range(0, first));
          if (bytes.length > 0) {
            assertArrayEquals(vocabulary.tokens(0, bytes).orElseThrow(), ids(spelling));
          }
        }
      }
    }
  }

  private static boolean isHalf(byte[] bytes) {
    return Utf8.incompleteTail(bytes, bytes.length) > 0;
  }

  private static int[] ids(Spelling spelling) {
    return spelling.ids().range(0, spelling.size());
  }

  private static void takeBack(SharedText text, Spelling spelling, int size) {
    text.cut(size);
    spelling.changed(size);
  }

  /** In as many tokens as it takes. */
  private static void add(SharedText text, UnionVocabulary vocabulary, String added) {
    for (int own : vocabulary.tokens(0, added.getBytes(StandardCharsets.UTF_8)).orElseThrow()) {
      text.add(vocabulary.shared(0, own));
    }
  }

  @Test
  void aTextThatGrewIsSpeltAsIfItWereNew() {
    var all = List.of("a", "b", "ab", "éa", "é", "漢", "<0xC3>", "<0xA9>");
    for (long seed = 0; seed < 300; seed++) {
      var random = new SplittableRandom(seed);
      var pieces = new ArrayList<String>(List.of("a", "b", "é", "漢"));
      all.stream().skip(4).filter(_ -> random.nextBoolean()).forEach(pieces::add);
      var wide = ScriptedModel.constant("wide", all, new double[all.size() + 1]);
      var model = ScriptedModel.constant("model", pieces, new double[pieces.size() + 1]);
      var vocabulary = new UnionVocabulary(List.of(member(wide, 1), member(model, 1)));
      var text = new SharedText(vocabulary.shared());
      var grown = new Spelling(vocabulary, 1, model.tokenizer());
      for (int step = 0; step < 12; step++) {
        if (random.nextInt(3) == 0) {
          takeBack(text, grown, random.nextInt(text.size() + 1));
        }
        text.add(random.nextInt(all.size()));
        var anew = new Spelling(vocabulary, 1, model.tokenizer());
        var expected = anew.spell(text, text.size(), true);
        assertEquals(expected.isPresent(), grown.spell(text, text.size(), true).isPresent());
        if (expected.isEmpty()) {
          break;
        }
        assertArrayEquals(ids(anew), ids(grown), "seed " + seed);
        assertArrayEquals(spelt(model.tokenizer(), anew), spelt(model.tokenizer(), grown));
      }
    }
  }

  @Test
  void halfACharacterIsNotSpelt() {
    var model = ScriptedModel.constant("m", List.of("a", "é", "<0xC3>", "<0xA9>"), 1, 0, 0, 0, 0);
    var vocabulary = new UnionVocabulary(List.of(member(model, 1)));
    var text = new SharedText(vocabulary.shared());
    var spelling = new Spelling(vocabulary, 0, model.tokenizer());
    text.add(vocabulary.shared(0, 0));
    text.add(vocabulary.shared(0, 2));
    assertEquals(0, spelling.spell(text, 2, false).orElseThrow());
    assertArrayEquals(new int[] {0}, ids(spelling));
    assertEquals(-1, spelling.at(2));
    text.add(vocabulary.shared(0, 3));
    assertEquals(0, spelling.spell(text, 3, false).orElseThrow());
    assertArrayEquals(new int[] {0, 1}, ids(spelling));
  }

  private static byte[] spelt(Tokenizer own, Spelling spelling) {
    var bytes = new ByteArrayOutputStream();
    for (int i = 0; i < spelling.size(); i++) {
      bytes.writeBytes(own.bytes(spelling.ids().get(i)));
      assertEquals(bytes.size(), spelling.end(i));
    }
    return bytes.toByteArray();
  }

  @Test
  void offsetsAreFoundAmongTheBordersOfItsTokens() {
    var model = ScriptedModel.constant("m", List.of("ab", "c"), 1, 0, 0);
    var vocabulary = new UnionVocabulary(List.of(member(model, 1)));
    var text = new SharedText(vocabulary.shared());
    add(text, vocabulary, "abcab");
    var spelling = new Spelling(vocabulary, 0, model.tokenizer());
    spelling.spell(text, text.size(), false);
    assertArrayEquals(
        new int[] {0, -1, 1, 2, -1, 3}, IntStream.range(0, 6).map(spelling::at).toArray());
    assertArrayEquals(
        new int[] {0, 1, 1, 2, 3, 3}, IntStream.range(0, 6).map(spelling::covering).toArray());
  }

  @Test
  void whoFailsIsLeftOutAndTheNextOneDrafts() {
    var broken =
        new ScriptedModel(
            "broken",
            AB,
            100,
            tokens ->
                tokens.size() > 3
                    ? new double[] {Double.NaN, 0, 0}
                    : tokens.getLast() == 0 ? new double[] {0, 1, 0} : new double[] {1, 0, 0});
    for (int at = 0; at < 2; at++) {
      ScriptedModel whole = turns("whole", 1);
      try (JointSession session =
          at == 0 ? open(block(4), broken, whole) : open(block(4), whole, broken)) {
        assertEquals("bababab", write(session, sampling(0, 7), 0).text());
        assertTrue(session.activity(at).failure().orElseThrow().contains("NaN"));
        assertFalse(session.activity(1 - at).failure().isPresent());
        assertEquals(7, session.activity(1 - at).tokensWritten());
      }
    }
  }

  @Test
  void whoCannotWriteTheTextIsLeftOutAndSaysWhatItCannot() {
    var drafter =
        new ScriptedModel(
            "drafter",
            List.of("a", "q"),
            100,
            tokens -> tokens.size() == 20 ? new double[] {0, 1, 0} : new double[] {1, 0, 0});
    try (JointSession session =
        open(block(4), drafter, ScriptedModel.constant("other", List.of("a"), 1, 0))) {
      assertEquals(
          "a".repeat(19) + "q" + "a".repeat(10), write(session, sampling(0, 30), 0).text());
      String why = session.activity(1).failure().orElseThrow();
      // What is new, and the five tokens before it.
      assertTrue(why.matches("cannot write 'a{5,8}qa{0,3}' in its own tokens"), why);
    }
  }

  @Test
  void aDistributionIsSharpenedForWhoeverIsUnsureOnly() {
    Distribution sure = new Distribution(2);
    sure.setProbabilities(new double[] {.5, .5});
    assertEquals(
        sure,
        new Settings(5, 0, Sharpening.GEOMETRIC, .1)
            .sharpened(new BlockSession.Joint(sure, List.of()), sure, null));
  }

  @Test
  void aDrafterThatIsNoMemberIsRefused() {
    var settings = new Settings(5, 2, Sharpening.NONE, .1);
    assertEquals(
        "drafter is 2; with 2 members it must be within 0..1.",
        assertThrows(IllegalArgumentException.class, () -> settings.requireFit(2)).getMessage());
  }
}
