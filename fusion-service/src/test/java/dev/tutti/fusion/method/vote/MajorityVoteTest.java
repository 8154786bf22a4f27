package dev.tutti.fusion.method.vote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Evidence;
import dev.tutti.fusion.FusionContract;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.fusion.method.vote.MajorityVote.Settings;
import dev.tutti.fusion.method.vote.MajorityVote.Weights;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Query;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class MajorityVoteTest extends FusionContract {

  @Override
  protected Selector selector() {
    return vote(Weights.UNIFORM);
  }

  private static MajorityVote vote(Weights weights) {
    return new MajorityVote(new Settings(AnswerForm.AUTO, weights, 4));
  }

  private static Weighing weigh(Weights weights, Answer... answers) {
    return vote(weights).weigh(new Query(""), new Candidates(Arrays.asList(answers)));
  }

  private static Answer says(String member, double prior, String text) {
    return new Answer(member, prior, text);
  }

  @Test
  void theMajorityWinsWhateverItsSpelling() {
    Weighing weighing =
        weigh(
            Weights.UNIFORM,
            says("a", 1, "13"),
            says("b", 1, "The answer is 14."),
            says("c", 1, "#### 14"),
            says("d", 1, "#### 14.0"));
    assertEquals(1, weighing.chosen().orElseThrow());
    assertEquals(Map.of("13", 0.25, "14", 0.75), weighing.votes());
    assertEquals(0.75, weighing.agreement());
  }

  @Test
  void aVoteIsSettledOnceTheOthersCannotTurnIt() {
    Answer a = says("a", 1, "#### 14");
    Answer b = says("b", 1, "#### 14");
    Answer c = says("c", 1, "13");
    assertTrue(settled(Weights.UNIFORM, List.of(1.0), a, b));
    assertFalse(settled(Weights.UNIFORM, List.of(1.0, 1.0), a, b), "a tie is not settled");
    assertFalse(settled(Weights.UNIFORM, List.of(1.0), a, c));
    assertFalse(settled(Weights.UNIFORM, List.of(1.0), a));
    assertTrue(settled(Weights.UNIFORM, List.of(), a, c));
    assertTrue(settled(Weights.PRIOR, List.of(1.5), a, b));
    assertFalse(settled(Weights.PRIOR, List.of(2.5), a, b));
    assertFalse(settled(Weights.UNIFORM, List.of(1.0), says("a", 1, ""), says("b", 1, "")));
    // At chance, and nobody knows yet whether the third is better than that.
    Answer guess = says("a", 0.25, "B");
    Answer other = says("b", 0.25, "B");
    assertTrue(settled(Weights.LOG_ODDS, List.of(0.25), guess, other));
    assertFalse(settled(Weights.LOG_ODDS, List.of(0.9), guess, other));
  }

  private static boolean settled(Weights weights, List<Double> pending, Answer... answers) {
    return vote(weights).isSettled(new Candidates(Arrays.asList(answers)), pending);
  }

  /** Whatever the others say, and whether they say anything. */
  @Test
  void whatIsSettledStands() {
    List<String> texts = List.of("7", "The answer is 7", "8", "B", "(C)", "no idea", "");
    Random random = new Random(3);
    int settled = 0;
    for (int round = 0; round < 2_000; round++) {
      Weights weights = Weights.values()[random.nextInt(3)];
      var all = new ArrayList<Answer>();
      for (int i = 0; i < 5; i++) {
        String text = texts.get(random.nextInt(random.nextBoolean() ? 2 : texts.size()));
        all.add(says("m" + i, 0.05 + 0.9 * random.nextDouble(), text));
      }
      int heard = 2 + random.nextInt(3);
      List<Answer> known = all.subList(0, heard);
      List<Double> pending = all.subList(heard, 5).stream().map(Answer::prior).toList();
      if (!vote(weights).isSettled(new Candidates(known), pending)) {
        continue;
      }
      settled++;
      Optional<String> winner = winner(weights, known);
      for (int more = heard; more <= 5; more++) {
        assertEquals(winner, winner(weights, all.subList(0, more)), all.toString());
      }
    }
    assertTrue(settled > 100, "settled: " + settled);
  }

  private static Optional<String> winner(Weights weights, List<Answer> answers) {
    Weighing weighing = vote(weights).weigh(new Query(""), new Candidates(answers));
    return weighing.answers().get(weighing.chosen().orElseThrow());
  }

  @Test
  void theBestPriorOfTheWinnersSpeaks() {
    Weighing weighing =
        weigh(
            Weights.UNIFORM,
            says("a", 1, "14"),
            says("b", 2, "It is 14, so #### 14"),
            says("c", 2, "#### 14"),
            says("d", 9, "13"));
    assertEquals(1, weighing.chosen().orElseThrow());
  }

  @Test
  void unreadableAnswersNeverWinButCount() {
    Weighing weighing =
        weigh(
            Weights.UNIFORM,
            says("a", 9, "#### none"),
            says("b", 1, "#### unknown"),
            says("c", 1, "#### 7"),
            says("d", 1, "8"),
            says("e", 1, "8"));
    assertEquals(3, weighing.chosen().orElseThrow());
    assertEquals(0.4, weighing.agreement(), 1e-12);
  }

  @Test
  void whereNothingCanBeReadTheBestPriorSpeaks() {
    MajorityVote numbers = new MajorityVote(new Settings(AnswerForm.NUMBER, Weights.UNIFORM, 4));
    Weighing weighing =
        numbers.weigh(
            new Query(""),
            new Candidates(List.of(says("a", 1, "no"), says("b", 3, "idea"), says("c", 3, ""))));
    assertEquals(1, weighing.chosen().orElseThrow());
    assertEquals(0, weighing.agreement());
  }

  @Test
  void tiesGoToTheHigherPriorElseToTheFirst() {
    assertEquals(
        1, weigh(Weights.UNIFORM, says("a", 1, "1"), says("b", 1.5, "2")).chosen().orElseThrow());
    assertEquals(
        0, weigh(Weights.UNIFORM, says("a", 1, "1"), says("b", 1, "2")).chosen().orElseThrow());
    // 0.1 + 0.2 is not 0.3 in doubles; it is a tie all the same, and c has the higher prior.
    assertEquals(
        2,
        weigh(Weights.PRIOR, says("a", 0.1, "1"), says("b", 0.2, "1"), says("c", 0.3, "2"))
            .chosen()
            .orElseThrow());
  }

  @Test
  void priorsWeigh() {
    Weighing weighing =
        weigh(Weights.PRIOR, says("a", 3, "1"), says("b", 1, "2"), says("c", 1, "2"));
    assertEquals(0.6, weighing.weights().get(0), 1e-12);
    assertEquals(0.2, weighing.weights().get(2), 1e-12);
    assertEquals(0, weighing.chosen().orElseThrow());
    assertEquals(0.6, weighing.agreement(), 1e-12);
  }

  /**
   * C = 4: log(.9 * 3 / .1) = log 27 = 3.2958; log(.6 * 3 / .4) = log 4.5 = 1.5041; log(.2 * 3 /
   * .8) < 0. So .9 outweighs two of .6 (27 > 4.5 * 4.5 = 20.25), and not three of them.
   */
  @Test
  void logOddsAreThoseOfTheCard() {
    Weighing two =
        weigh(
            Weights.LOG_ODDS,
            says("a", 0.9, "A"),
            says("b", 0.6, "B"),
            says("c", 0.6, "B"),
            says("d", 0.2, "B"));
    double all = Math.log(27) + 2 * Math.log(4.5);
    assertEquals(Math.log(27) / all, two.weights().get(0), 1e-12);
    assertEquals(Math.log(4.5) / all, two.weights().get(1), 1e-12);
    assertEquals(0, two.weights().get(3), "worse than chance: no voice");
    assertEquals(0, two.chosen().orElseThrow());
    Weighing three =
        weigh(
            Weights.LOG_ODDS,
            says("a", 0.9, "A"),
            says("b", 0.6, "B"),
            says("c", 0.6, "B"),
            says("d", 0.6, "B"));
    assertEquals(1, three.chosen().orElseThrow());
  }

  @Test
  void moreOptionsMakeAVoteAgainstChanceStronger() {
    // C = 2: log(.6 / .4) = .405, C = 10: log(.6 * 9 / .4) = 2.603; against .9: 2.197 and 4.394.
    Answer[] answers = {says("a", 0.9, "A"), says("b", 0.6, "B")};
    for (int options : new int[] {2, 10}) {
      double strong = Math.log(9.0 * (options - 1));
      double weak = Math.log(1.5 * (options - 1));
      Weighing weighing =
          new MajorityVote(new Settings(AnswerForm.CHOICE, Weights.LOG_ODDS, options))
              .weigh(new Query(""), new Candidates(Arrays.asList(answers)));
      assertEquals(weak / (strong + weak), weighing.weights().get(1), 1e-12);
    }
  }

  @Test
  void membersAllAtChanceCountAlike() {
    Weighing weighing =
        weigh(Weights.LOG_ODDS, says("a", 0.25, "A"), says("b", 0.1, "B"), says("c", 0.1, "B"));
    assertEquals(1, weighing.chosen().orElseThrow());
    assertEquals(2.0 / 3, weighing.agreement(), 1e-12);
  }

  @Test
  void anAnswerWithoutWeightStillBeatsNone() {
    Weighing weighing =
        weigh(Weights.LOG_ODDS, says("a", 0.9, "#### ?"), says("b", 0.1, "B"), says("c", 0.1, "C"));
    assertEquals(1, weighing.chosen().orElseThrow());
  }

  @Test
  void anAccuracyIsBetweenZeroAndOne() {
    for (double prior : new double[] {1, 1.5}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> weigh(Weights.LOG_ODDS, says("a", prior, "A"), says("b", 0.5, "A")));
    }
    Settings settings = new Settings(AnswerForm.AUTO, Weights.LOG_ODDS, 4);
    settings.requireWeights(List.of(0.5, 0.9));
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> settings.requireWeights(List.of(0.5, 1.0)));
    assertTrue(e.getMessage().startsWith("members[1].weight is 1.0"), e.getMessage());
    Settings.DEFAULTS.requireWeights(List.of(5.0));
  }

  @Property
  void scalingTheWeightsChangesNothing(
      @ForAll @Size(min = 1, max = 9) List<@IntRange(max = 3) Integer> votes,
      @ForAll @IntRange(min = -300, max = 300) int exponent) {
    var one = new ArrayList<Answer>();
    var other = new ArrayList<Answer>();
    for (int i = 0; i < votes.size(); i++) {
      String text = votes.get(i) == 0 ? "#### none" : "#### " + votes.get(i);
      one.add(says("m" + i, 1 + i % 3, text));
      other.add(says("m" + i, (1 + i % 3) * Math.pow(10, exponent), text));
    }
    Weighing before = vote(Weights.PRIOR).weigh(new Query(""), new Candidates(one));
    Weighing after = vote(Weights.PRIOR).weigh(new Query(""), new Candidates(other));
    assertEquals(before.chosen().orElseThrow(), after.chosen().orElseThrow());
    assertEquals(before.agreement(), after.agreement(), 1e-9);
  }

  @Property
  void nobodyHasMoreVotesThanTheWinner(
      @ForAll @Size(min = 1, max = 12) List<@IntRange(max = 4) Integer> votes) {
    List<Answer> answers =
        IntStream.range(0, votes.size())
            .mapToObj(i -> says("m" + i, 1, votes.get(i) == 0 ? "" : "" + votes.get(i)))
            .toList();
    Weighing weighing =
        new MajorityVote(new Settings(AnswerForm.NUMBER, Weights.UNIFORM, 4))
            .weigh(new Query(""), new Candidates(answers));
    long most =
        IntStream.rangeClosed(1, 4)
            .mapToLong(v -> votes.stream().filter(x -> x == v).count())
            .max()
            .orElseThrow();
    assertEquals((double) most / votes.size(), weighing.agreement(), 1e-9);
    assertTrue(most == 0 || votes.get(weighing.chosen().orElseThrow()) != 0, "a null won");
  }

  @Property
  void oneMoreVoteForTheWinnerNeverMakesItLose(
      @ForAll @Size(min = 1, max = 9) List<@IntRange(min = 1, max = 3) Integer> votes) {
    var answers = new ArrayList<Answer>();
    for (int i = 0; i < votes.size(); i++) {
      answers.add(says("m" + i, 1, "" + votes.get(i)));
    }
    Weighing before = selector().weigh(new Query(""), new Candidates(answers));
    answers.add(says("new", 1, answers.get(before.chosen().orElseThrow()).text()));
    Weighing after = selector().weigh(new Query(""), new Candidates(answers));
    assertEquals(before.chosen().orElseThrow(), after.chosen().orElseThrow());
  }

  @Test
  void whyIsTold() {
    assertEquals(
        "2 of 3 answers, compared as number, say '14' with 0.67 of the weight.",
        weigh(Weights.UNIFORM, says("a", 1, "13"), says("b", 1, "#### 14"), says("c", 1, "14"))
            .explanation());
    assertEquals(
        "No answer could be read as a number; the member with the highest prior speaks.",
        new MajorityVote(new Settings(AnswerForm.NUMBER, Weights.UNIFORM, 4))
            .weigh(new Query(""), new Candidates(List.of(says("a", 1, "no"))))
            .explanation());
    for (int length : new int[] {80, 81}) {
      String shown = weigh(Weights.UNIFORM, says("a", 1, "x".repeat(length))).explanation();
      String end = length == 80 ? "'" : "…'";
      assertTrue(shown.contains("say '" + "x".repeat(80) + end), shown);
    }
  }

  @Test
  void aLeadThatIsOnlyARoundingSettlesNothing() {
    // 0.1 + 0.2 is a rounding above 0.3.
    Answer[] two = {says("a", 0.1, "#### 1"), says("b", 0.2, "#### 1")};
    assertFalse(settled(Weights.PRIOR, List.of(0.3), two));
    assertTrue(settled(Weights.PRIOR, List.of(0.29), two));
    // Nobody can be read, and nobody else will answer.
    assertTrue(settled(Weights.UNIFORM, List.of(), says("a", 1, ""), says("b", 1, "")));
  }

  @Test
  void whoseAccuracyIsNoneIsNamed() {
    var weighed =
        assertThrows(
            IllegalArgumentException.class,
            () -> weigh(Weights.LOG_ODDS, says("a", 0.5, "A"), says("b", 1, "A")));
    assertTrue(weighed.getMessage().startsWith("The prior of b is 1.0;"), weighed.getMessage());
    Settings settings = new Settings(AnswerForm.AUTO, Weights.LOG_ODDS, 4);
    assertThrows(IllegalArgumentException.class, () -> settings.requireWeights(List.of(0.0)));
    assertEquals(new Settings(AnswerForm.AUTO, Weights.UNIFORM, 2), Settings.DEFAULTS);
  }

  private static Weighing confident(double sharpness, OptionalDouble... means) {
    var answers = new ArrayList<Answer>();
    var signals = new ArrayList<AnswerSignals>();
    for (int i = 0; i < means.length; i++) {
      answers.add(new Answer("m" + i, 1, i == 0 ? "7" : "8"));
      var none = OptionalDouble.empty();
      signals.add(new AnswerSignals(means[i], none, none, none, none));
    }
    var vote = new MajorityVote(new Settings(AnswerForm.NUMBER, Weights.CONFIDENCE, 2, sharpness));
    assertEquals(Set.of(Evidence.Kind.LOGPROBS), vote.evidence());
    assertFalse(vote.isSettled(new Candidates(answers), List.of(1.0)));
    assertTrue(vote.isSettled(new Candidates(answers), List.of()));
    return vote.weigh(
        new Query(""),
        new Candidates(
            answers, new Evidence(Optional.empty(), List.of(), new LinkedHashMap<>(), signals)));
  }

  @Test
  void confidenceCountsExponentially() {
    // Weights e^0 : e^-1 : e^-1; at sharpness 0 all count alike.
    OptionalDouble sure = OptionalDouble.of(0);
    OptionalDouble less = OptionalDouble.of(-0.2);
    Weighing weighing = confident(5, sure, less, less);
    assertEquals(0, weighing.chosen().orElseThrow());
    assertEquals(1 / (1 + 2 * Math.exp(-1)), weighing.weights().getFirst(), 1e-12);
    assertEquals(1, confident(0, sure, less, less).chosen().orElseThrow());
    assertEquals(1, confident(3, sure, less, less).chosen().orElseThrow());
  }

  @Test
  void whoseConfidenceIsNotKnownCountsNothingUnlessNobodysIs() {
    OptionalDouble none = OptionalDouble.empty();
    Weighing weighing = confident(5, OptionalDouble.of(-900), none, none);
    assertEquals(List.of(1.0, 0.0, 0.0), weighing.weights());
    assertEquals(0, weighing.chosen().orElseThrow());
    assertEquals(1, confident(5, none, none, none).chosen().orElseThrow());
    assertEquals(1.0 / 3, confident(5, none, none, none).weights().getFirst(), 1e-12);
  }
}
