package dev.tutti.fusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.Evidence.Kind;
import dev.tutti.fusion.method.vote.MajorityVote;
import dev.tutti.fusion.method.vote.VoteWeights;
import dev.tutti.fusion.method.vote.WeightedVote;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Asked;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Call.Embed;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Call.Score;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Embedded;
import dev.tutti.kit.calls.Episode.Failed;
import dev.tutti.kit.calls.Episode.Scored;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.calls.Episode.TextScore;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.calls.SamplingChange;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A selector over a, b and c, with a judge j. */
class AskAllTest {

  private static final List<MemberCard> MEMBERS =
      List.of(
          MemberCard.of("a", 1),
          MemberCard.of("j", 1).as("judge"),
          MemberCard.of("b", 2),
          MemberCard.of("c", 3));

  /** Takes the last candidate, or none of fewer than two; settled by the pending weight. */
  private record Last(Set<Kind> evidence, List<Candidates> seen) implements Selector {

    Last(Kind... evidence) {
      this(Set.of(evidence), new ArrayList<>());
    }

    @Override
    public Weighing weigh(Query query, Candidates candidates) {
      seen.add(candidates);
      int size = candidates.size();
      return new Weighing(
          Collections.nCopies(size, 1.0 / size),
          Collections.nCopies(size, Optional.empty()),
          size < 2 ? OptionalInt.empty() : OptionalInt.of(size - 1),
          "the last");
    }

    @Override
    public boolean isSettled(Candidates candidates, List<Double> pending) {
      return pending.stream().mapToDouble(p -> p).sum() <= 3;
    }
  }

  private static Episode episode(boolean exhausted, List<Stage> stages) {
    return new Episode(new Query("?"), MEMBERS, stages, OptionalDouble.empty(), exhausted);
  }

  private static Stage says(int member, String text) {
    return new Answered(new Asked(member, 0, member, 1, ""), text, AnswerSignals.NONE);
  }

  private static Deliberation.Step next(Last selector, Stage... stages) {
    return new AskAll(selector).next(episode(false, List.of(stages)));
  }

  @Test
  void everybodyButTheJudgesIsAskedAsTheRequestWas() {
    var ask = assertInstanceOf(Deliberation.Ask.class, next(new Last()));
    assertEquals(
        List.of(Generate.asAsked(0), Generate.asAsked(2), Generate.asAsked(3)), ask.calls());
    assertEquals(1, ask.turns());
    var logprobs = assertInstanceOf(Deliberation.Ask.class, next(new Last(Kind.LOGPROBS)));
    assertTrue(((Generate) logprobs.calls().getFirst()).change().logprobs());
    assertEquals(1, logprobs.turns());
    var more = assertInstanceOf(Deliberation.Ask.class, next(new Last(Kind.EMBEDDINGS)));
    assertEquals(2, more.turns(), "time is left for the evidence");
    var judged = assertInstanceOf(Deliberation.Ask.class, next(new Last(Kind.SCORES)));
    assertEquals(2, judged.turns(), "time is left for the judge");
  }

  @Test
  void theSelectorSeesWhoAnsweredAndItsChoiceIsGiven() {
    var selector = new Last();
    Stage failed = new Failed(new Asked(1, 0, 2, 1, ""));
    var give =
        assertInstanceOf(
            Deliberation.Give.class, next(selector, says(0, "x"), failed, says(3, "y")));
    assertEquals(List.of(0, 2), give.weighed().stages());
    assertEquals(1, give.weighed().weighing().chosen().orElseThrow());
    assertEquals(
        List.of(new Candidates.Answer("a", 1, "x"), new Candidates.Answer("c", 3, "y")),
        selector.seen().getFirst().answers());
    assertEquals(Evidence.NONE, selector.seen().getFirst().evidence());
  }

  @Test
  void whoChoosesNothingAbstains() {
    var abstain = assertInstanceOf(Deliberation.Abstain.class, next(new Last(), says(0, "x")));
    assertEquals(List.of(0), abstain.weighed().orElseThrow().stages());
    assertEquals("the last", abstain.explanation());
  }

  @Test
  void evidenceIsFetchedOnceAndPlacedBesideItsAnswer() {
    var selector = new Last(Kind.EMBEDDINGS, Kind.SCORES, Kind.LOGPROBS);
    List<Stage> stages = new ArrayList<>(List.of(says(0, "x"), says(2, " "), says(3, "y")));
    var ask =
        assertInstanceOf(Deliberation.Ask.class, new AskAll(selector).next(episode(false, stages)));
    assertEquals(
        List.<Call>of(
            new Embed(Call.PLATFORM, List.of("?", "x", "y"), "evidence"),
            new Score(1, Prompt.AS_ASKED, List.of("x", "y"), "judge")),
        ask.calls());
    stages.add(
        new Embedded(
            new Asked(3, 0, Call.PLATFORM, 2, "evidence"),
            List.of(new float[] {1}, new float[] {2}, new float[] {3})));
    stages.add(
        new Scored(
            new Asked(4, 0, 1, 2, "judge"),
            List.of(new TextScore(-1, List.of()), new TextScore(-2, List.of()))));
    assertInstanceOf(Deliberation.Give.class, new AskAll(selector).next(episode(false, stages)));
    Evidence evidence = selector.seen().getFirst().evidence();
    assertArrayEquals(new float[] {1}, evidence.query().orElseThrow());
    assertArrayEquals(new float[] {2}, evidence.embeddings().get(0).orElseThrow());
    assertFalse(evidence.embeddings().get(1).isPresent(), "nothing was said");
    assertArrayEquals(new float[] {3}, evidence.embeddings().get(2).orElseThrow());
    assertEquals(-2, evidence.scores().get("j").get(2).orElseThrow().sum());
    assertEquals(3, evidence.signals().size());
  }

  @Test
  void theQueryAloneIsEmbeddedForWhoLooksAtNothingElse() {
    var selector = new Last(Kind.QUERY);
    List<Stage> stages = new ArrayList<>(List.of(says(0, "x"), says(2, "y")));
    var ask =
        assertInstanceOf(Deliberation.Ask.class, new AskAll(selector).next(episode(false, stages)));
    assertEquals(List.<Call>of(new Embed(Call.PLATFORM, List.of("?"), "evidence")), ask.calls());
    stages.add(
        new Embedded(new Asked(2, 0, Call.PLATFORM, 2, "evidence"), List.of(new float[] {1})));
    assertInstanceOf(Deliberation.Give.class, new AskAll(selector).next(episode(false, stages)));
    Evidence evidence = selector.seen().getFirst().evidence();
    assertArrayEquals(new float[] {1}, evidence.query().orElseThrow());
    assertEquals(List.of(), evidence.embeddings());
  }

  @Test
  void whereThereIsNoMoneyForEvidenceItDecidesWithoutIt() {
    var selector = new Last(Kind.EMBEDDINGS);
    var step = new AskAll(selector).next(episode(true, List.of(says(0, "x"), says(2, "y"))));
    assertInstanceOf(Deliberation.Give.class, step);
    assertFalse(selector.seen().getFirst().evidence().query().isPresent());
  }

  @Test
  void theSelectorSaysWhetherOthersCanChangeIt() {
    var all = new AskAll(new Last());
    assertFalse(all.isSettled(episode(false, List.of()), List.of(0)));
    assertTrue(all.isSettled(episode(false, List.of(says(0, "x"))), List.of(3)));
    assertFalse(all.isSettled(episode(false, List.of(says(0, "x"))), List.of(2, 3)));
  }

  private static AskSettings asking(int samples, int enough, double agreement) {
    return new AskSettings(samples, OptionalDouble.of(.7), enough, agreement);
  }

  @Test
  void eachIsAskedAsOftenAndAsWarmAsWanted() {
    var ask =
        assertInstanceOf(
            Deliberation.Ask.class,
            new AskAll(new Last(), asking(5, 0, 0)).next(episode(false, List.of())));
    for (Call call : ask.calls()) {
      assertEquals(5, call.samples());
      assertEquals(OptionalDouble.of(.7), ((Generate) call).change().temperature());
    }
  }

  @Test
  void onceEnoughHaveAnsweredNobodyIsWaitedFor() {
    var all = new AskAll(new Last(), asking(2, 3, 0));
    List<Integer> others = List.of(2, 3, 3);
    assertFalse(all.isSettled(episode(false, List.of(says(0, "x"), says(0, "x"))), others));
    assertTrue(
        all.isSettled(episode(false, List.of(says(0, "x"), says(0, "x"), says(2, "y"))), others));
  }

  @Test
  void belowTheLeastAgreementNoneIsGiven() {
    // Nobody's answer can be read: agreement is 0.
    var abstain =
        assertInstanceOf(
            Deliberation.Abstain.class,
            new AskAll(new Last(), asking(1, 0, .5))
                .next(episode(false, List.of(says(0, "x"), says(3, "y")))));
    assertTrue(abstain.explanation().contains("at least 0.50"), abstain.explanation());
    assertEquals(List.of(0, 1), abstain.weighed().orElseThrow().stages());
    assertFalse(
        new AskAll(new Last(), asking(1, 0, .5))
            .isSettled(episode(false, List.of(says(0, "x"))), List.of(3)),
        "how many agree may still change");
  }

  /** So many answers of a. */
  private static List<Stage> all(int count) {
    return IntStream.range(0, count)
        .<Stage>mapToObj(
            sample -> new Answered(new Asked(0, sample, 0, 1, ""), "42", AnswerSignals.NONE))
        .toList();
  }

  /** All say the same: the share is a sum of n fractions, which rounds. */
  private record Unanimous() implements Selector {

    @Override
    public Weighing weigh(Query query, Candidates candidates) {
      int size = candidates.size();
      return new Weighing(
          Collections.nCopies(size, 1.0 / size),
          Collections.nCopies(size, Optional.of("42")),
          0,
          "all");
    }

    @Override
    public boolean isSettled(Candidates candidates, List<Double> pending) {
      return true;
    }
  }

  @Test
  void howManyAgreeDoesNotHangOnRounding() {
    var unanimous = new AskAll(new Unanimous(), asking(1, 0, 1));
    for (int n = 1; n <= 64; n++) {
      assertInstanceOf(
          Deliberation.Give.class, unanimous.next(episode(false, all(n))), n + " of " + n);
    }
  }

  /** Of weights 1 each two are heard: 2 of 5 at least where a 3 is open, 2 of 3 where a 1 is. */
  @Test
  void waitingEndsWhereEnoughAgreeWhateverTheOthersSay() {
    List<Stage> heard = all(2);
    var half = new AskAll(new Unanimous(), asking(1, 0, .5));
    assertTrue(half.isSettled(episode(false, heard), List.of(0)));
    assertFalse(half.isSettled(episode(false, heard), List.of(3)));
    var two = new AskAll(new Unanimous(), asking(1, 0, .4));
    assertTrue(two.isSettled(episode(false, heard), List.of(3)));
    // A 1 and a 3 do not count as half each.
    List<Stage> unequal = List.of(says(0, "42"), says(3, "42"));
    assertFalse(half.isSettled(episode(false, unequal), List.of(0)));
  }

  @Test
  void tooManyAnswersAreRefused() {
    asking(4, 256, 0).requireSamples(own(64));
    var e =
        assertThrows(IllegalArgumentException.class, () -> asking(5, 0, 0).requireSamples(own(64)));
    assertTrue(e.getMessage().contains("320"), e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> asking(1, 4, 0).requireSamples(own(3)));
  }

  /** Votes by what is said; settled by a lead over all that is pending. */
  private static AskAll batches(int samples, int atOnce, double confidence) {
    return new AskAll(
        new MajorityVote(MajorityVote.Settings.DEFAULTS),
        new AskSettings(samples, OptionalDouble.empty(), 0, 0, atOnce, confidence));
  }

  private static Stage says(int round, int sample, int member, String text) {
    return new Answered(new Asked(9, sample, member, round, ""), text, AnswerSignals.NONE);
  }

  private static List<Call> asked(AskAll all, Stage... stages) {
    return assertInstanceOf(Deliberation.Ask.class, all.next(episode(false, List.of(stages))))
        .calls();
  }

  private static Call samples(int member, int samples) {
    return new Generate(member, Prompt.AS_ASKED, samples, SamplingChange.NONE, "");
  }

  @Test
  void oneAfterTheOtherByWeightUntilNothingCanChange() {
    AskAll all = batches(1, 1, 1);
    assertEquals(List.of(samples(3, 1)), asked(all));
    assertEquals(List.of(samples(2, 1)), asked(all, says(1, 0, 3, "7")));
    Stage failed = new Failed(new Asked(1, 0, 2, 2, ""));
    assertEquals(List.of(samples(0, 1)), asked(all, says(1, 0, 3, "7"), failed));
    assertEquals(
        List.of(samples(0, 1)), asked(all, says(1, 0, 3, "7"), says(2, 0, 2, "8")), "a tie");
    var give =
        assertInstanceOf(
            Deliberation.Give.class,
            all.next(episode(false, List.of(says(1, 0, 3, "7"), says(2, 0, 2, "7")))));
    // Candidates stand in the order of the members: b, then c, who weighs more and speaks.
    assertEquals(List.of(1, 0), give.weighed().stages());
    assertEquals(1, give.weighed().weighing().chosen().orElseThrow());
    assertTrue(
        give.weighed().weighing().explanation().contains("1 more answers were not asked for"),
        give.weighed().weighing().explanation());
  }

  @Test
  void whoIsCheaperForItsWeightComesFirst() {
    List<MemberCard> cards =
        List.of(priced("a", 1, 1), priced("b", 2, 4), priced("c", 3, 2), priced("d", 2, 2));
    var order = new ArrayList<Integer>();
    AskAll all = batches(1, 1, 1);
    List<Stage> stages = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      var episode = new Episode(new Query("?"), cards, stages, OptionalDouble.empty(), false);
      if (all.next(episode) instanceof Deliberation.Ask ask) {
        int member = ask.calls().getFirst().member();
        assertEquals(4 - i, ask.turns(), "time is left for those to come");
        order.add(member);
        stages.add(says(i + 1, 0, member, "answer " + i));
      }
    }
    assertEquals(List.of(2, 0, 3, 1), order);
  }

  private static MemberCard priced(String name, double prior, double usd) {
    return new MemberCard(
        name,
        name,
        "",
        prior,
        1,
        1,
        OptionalInt.empty(),
        OptionalLong.empty(),
        OptionalInt.empty(),
        usd);
  }

  @Test
  void samplesAreDrawnUntilTheLeadIsSafe() {
    AskAll all = batches(20, 12, .95);
    // Sixty answers: every member's first, second, third and fourth come first.
    assertEquals(List.of(samples(0, 4), samples(2, 4), samples(3, 4)), asked(all));
    var stages = new ArrayList<Stage>();
    for (int i = 0; i < 7; i++) {
      // 5 to 1 is .9375, 6 to 1 .96484.
      stages.add(says(1, i, 0, i == 2 ? "8" : "7"));
      if (i == 5) {
        assertInstanceOf(Deliberation.Ask.class, all.next(episode(false, stages)));
      }
    }
    assertInstanceOf(Deliberation.Give.class, all.next(episode(false, stages)));
    assertInstanceOf(Deliberation.Ask.class, batches(20, 12, .97).next(episode(false, stages)));
    assertInstanceOf(Deliberation.Ask.class, batches(20, 12, 1).next(episode(false, stages)));
  }

  @Test
  void aMembersSamplesOfTwoRoundsAreTwoAnswers() {
    AskAll all = batches(4, 2, 1);
    List<Stage> stages =
        List.of(says(1, 0, 3, "1"), says(1, 0, 2, "2"), says(2, 0, 0, "3"), says(2, 0, 3, "4"));
    assertEquals(2, asked(all, stages.toArray(Stage[]::new)).size());
    var given =
        assertInstanceOf(
            Deliberation.Give.class, all.next(episode(true, stages)), "where nothing is left");
    assertEquals(List.of(2, 1, 0, 3), given.weighed().stages());
  }

  @Test
  void whatIsSettledInARoundLooksAtThoseToCome() {
    AskAll all = batches(2, 3, 1);
    // Order: c, b, a, c, b, a. Three of three say 7; three are still to come, one of them pending.
    List<Stage> three = List.of(says(1, 0, 3, "7"), says(1, 0, 2, "7"), says(1, 0, 0, "7"));
    assertFalse(all.isSettled(episode(false, three), List.of()));
    List<Stage> four = new ArrayList<>(three);
    four.add(says(2, 0, 3, "7"));
    assertTrue(all.isSettled(episode(false, four), List.of(2, 0)));
    assertFalse(all.isSettled(episode(false, three.subList(0, 2)), List.of(0)));
  }

  @Test
  void whereAllOfABatchFailTheNextOneIsAsked() {
    AskAll all = batches(1, 1, .95);
    List<Stage> failed = List.of(new Failed(new Asked(0, 0, 3, 1, "")));
    assertTrue(all.asksOn(episode(false, failed)));
    assertEquals(List.of(samples(2, 1)), asked(all, failed.getFirst()));
    List<Stage> none =
        List.of(
            failed.getFirst(),
            new Failed(new Asked(1, 0, 2, 2, "")),
            new Failed(new Asked(2, 0, 0, 3, "")));
    assertFalse(all.asksOn(episode(false, none)));
    assertFalse(new AskAll(new Last()).asksOn(episode(false, failed)));
  }

  @Test
  void tooManyRoundsAreRefused() {
    var settings = new AskSettings(20, OptionalDouble.empty(), 0, 0, 1, .95);
    settings.requireSamples(own(3));
    var e = assertThrows(IllegalArgumentException.class, () -> settings.requireSamples(own(4)));
    assertTrue(e.getMessage().contains("80 rounds"), e.getMessage());
  }

  /** So many members, of whom the first ones say how often they are asked. */
  private static List<OptionalInt> own(int members, int... samples) {
    return IntStream.range(0, members)
        .mapToObj(m -> m < samples.length ? OptionalInt.of(samples[m]) : OptionalInt.empty())
        .toList();
  }

  @Test
  void membersOwnNumbersOfAnswersCount() {
    asking(5, 0, 0).requireSamples(own(64, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1));
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> asking(3, 0, 0).requireSamples(own(65, 64, 64)));
    assertEquals(
        "samples is 3 of each of 65 members that have no n of their own, 317 answers; at most 256 are allowed.",
        e.getMessage());
    asking(1, 6, 0).requireSamples(own(3, 4));
    assertThrows(IllegalArgumentException.class, () -> asking(1, 7, 0).requireSamples(own(3, 4)));
  }

  private static MemberCard often(String name, double prior, int samples) {
    return new MemberCard(
        name,
        name,
        "",
        prior,
        0,
        0,
        OptionalInt.empty(),
        OptionalLong.empty(),
        samples == 0 ? OptionalInt.empty() : OptionalInt.of(samples),
        0);
  }

  /** Each once, then those again who give several: c a b, a b, a. */
  @Test
  void whoGivesSeveralIsAskedAsOften() {
    List<MemberCard> cards = List.of(often("a", 2, 3), often("b", 1, 0), often("c", 3, 1));
    var all = new Episode(new Query("?"), cards, List.of(), OptionalDouble.empty(), false);
    assertEquals(
        List.of(samples(0, 3), samples(1, 2), samples(2, 1)),
        ((Deliberation.Ask) batches(2, 0, 1).next(all)).calls());
    var selector = new MajorityVote(MajorityVote.Settings.DEFAULTS);
    var order = new AskOrder(selector, new AskSettings(2, OptionalDouble.empty(), 0, 0, 1, 1));
    assertEquals(List.of(2, 0, 1, 0, 1, 0), order.rest(all));
    List<Stage> stages = List.of(says(1, 0, 2, "1"), says(2, 0, 0, "2"), says(3, 0, 1, "3"));
    var some = new Episode(new Query("?"), cards, stages, OptionalDouble.empty(), false);
    assertEquals(List.of(0, 1, 0), order.rest(some));
    assertEquals(List.of(1, 0, 0), order.open(some, List.of(1)));
  }

  /** What they cost is known better after the first answer: then b is the cheaper one. */
  @Test
  void nobodyIsAskedTwiceWhereTheOrderTurns() {
    AskAll all = batches(1, 1, 1);
    var first = List.of(priced("a", 1, 1), priced("b", 1, 2), priced("c", 1, 3));
    var episode = new Episode(new Query("?"), first, List.of(), OptionalDouble.empty(), false);
    assertEquals(List.of(samples(0, 1)), ((Deliberation.Ask) all.next(episode)).calls());
    var later = List.of(priced("a", 1, 9), priced("b", 1, 8), priced("c", 1, 7));
    List<Stage> stages = new ArrayList<>(List.of(says(1, 0, 0, "1")));
    episode = new Episode(new Query("?"), later, stages, OptionalDouble.empty(), false);
    assertEquals(List.of(samples(2, 1)), ((Deliberation.Ask) all.next(episode)).calls());
    stages.add(says(2, 0, 2, "2"));
    episode = new Episode(new Query("?"), later, stages, OptionalDouble.empty(), false);
    assertEquals(List.of(samples(1, 1)), ((Deliberation.Ask) all.next(episode)).calls());
  }

  /** By weight for price: a .9 / 3, b .2 / 1, c .8 / 2, d nothing. */
  @Test
  void whatWasLearnedOfMembersOrdersThem() {
    var learned =
        new WeightedVote(
            WeightedVote.Settings.DEFAULTS,
            new VoteWeights(
                Parameters.of(List.of("a", "b", "c", "d"))
                    .with("weights", Matrix.row(.9f, .2f, .8f, 0))),
            1);
    var cards =
        List.of(priced("a", 1, 3), priced("b", 1, 1), priced("c", 1, 2), priced("d", 1, .001));
    var one = new AskSettings(1, OptionalDouble.empty(), 0, 0, 1, 1);
    List<Stage> stages = new ArrayList<>();
    var episode = new Episode(new Query("?"), cards, stages, OptionalDouble.empty(), false);
    assertEquals(List.of(2, 0, 1, 3), new AskOrder(learned, one).rest(episode));
    var all = new AskAll(learned, one);
    // c says 7, a says 8, b says 7: 1 to .9, and d is worth nothing.
    for (String[] said : new String[][] {{"2", "7"}, {"0", "8"}, {"1", "7"}}) {
      episode = new Episode(new Query("?"), cards, stages, OptionalDouble.empty(), false);
      assertEquals(
          Integer.parseInt(said[0]),
          ((Deliberation.Ask) all.next(episode)).calls().getFirst().member());
      stages.add(says(stages.size() + 1, 0, Integer.parseInt(said[0]), said[1]));
    }
    episode = new Episode(new Query("?"), cards, stages, OptionalDouble.empty(), false);
    var give = assertInstanceOf(Deliberation.Give.class, all.next(episode));
    assertTrue(
        give.weighed().weighing().explanation().contains("1 more answers were not asked for"));
  }
}
