package dev.tutti.cascade.method.agreement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.cascade.Policy;
import dev.tutti.cascade.PolicyContract;
import dev.tutti.cascade.method.agreement.MixtureOfThought.Family;
import dev.tutti.cascade.method.agreement.MixtureOfThought.Settings;
import dev.tutti.cascade.method.agreement.MixtureOfThought.Sources;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Asked;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Failed;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.calls.SamplingChange;
import dev.tutti.kit.calls.Turn;
import dev.tutti.kit.settings.SettingsException;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Prompts, orders and votes, on answers that are made up. */
class MixtureOfThoughtTest extends PolicyContract {

  private static final List<String> TWO = List.of("first", "second");

  @Override
  protected double answersPaid() {
    return 1000;
  }

  @Override
  protected Policy policy(int members, Random random) {
    Sources sources = Sources.values()[random.nextInt(Sources.values().length)];
    boolean one = sources == Sources.COT_1D || sources == Sources.POT_1D;
    return new MixtureOfThought(
        new Settings(
            one || random.nextBoolean() ? Family.VOTE : Family.VERIFY,
            sources,
            2 + random.nextInt(4),
            2 * random.nextDouble(),
            List.of(random.nextDouble()),
            TWO,
            TWO,
            AnswerForm.values()[random.nextInt(AnswerForm.values().length)]));
  }

  private static MixtureOfThought policy(Family family, Sources sources, int samples, double tau) {
    return new MixtureOfThought(
        new Settings(family, sources, samples, 0.8, List.of(tau), TWO, TWO, AnswerForm.AUTO));
  }

  /** Samples of the first member, one source after the other; null for one that failed. */
  private static List<Stage> samples(String purpose, int call, String... texts) {
    var stages = new ArrayList<Stage>();
    for (int i = 0; i < texts.length; i++) {
      var asked = new Asked(call, i, 0, 1, purpose);
      stages.add(
          texts[i] == null ? new Failed(asked) : new Answered(asked, texts[i], AnswerSignals.NONE));
    }
    return stages;
  }

  private static List<Stage> both(List<Stage> first, List<Stage> second) {
    var all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }

  private static Policy.Step next(Policy policy, List<Stage> stages) {
    return policy.next(episode(2, stages, false));
  }

  private static Policy.Accept accepted(Policy.Step step) {
    return assertInstanceOf(Policy.Accept.class, step);
  }

  private static String program(String arithmetic) {
    return "```python\nans = " + arithmetic + "\n```";
  }

  @Test
  void eachSourceIsACallAndTheLastMemberIsAskedAsTheRequestWas() {
    Policy policy = policy(Family.VOTE, Sources.MOT_2D, 3, 0.6);
    var ask = assertInstanceOf(Policy.Ask.class, next(policy, List.of()));
    assertFalse(ask.live());
    assertEquals(List.of("cot 1", "pot 2"), ask.calls().stream().map(Call::purpose).toList());
    for (Call call : ask.calls()) {
      assertEquals(0, call.member());
      assertEquals(3, call.samples());
      assertEquals(SamplingChange.temperature(0.8), ((Generate) call).change());
    }
    String words = system(ask.calls().get(0));
    assertTrue(words.endsWith("Examples:\n\nfirst"), words);
    assertTrue(words.contains("The answer is"), words);
    String program = system(ask.calls().get(1));
    assertTrue(program.endsWith("Examples:\n\nsecond"), program);
    assertTrue(program.contains("the name ans"), program);
    var strong =
        assertInstanceOf(
            Policy.Ask.class,
            next(
                policy, both(samples("cot 1", 0, "1", "2", "3"), samples("pot 2", 1, "", "", ""))));
    assertEquals(List.of(Generate.asAsked(1)), strong.calls());
    assertTrue(strong.live());
  }

  private static String system(Call call) {
    var prompt = assertInstanceOf(Prompt.Rewritten.class, ((Generate) call).prompt());
    assertEquals(Turn.Role.SYSTEM, prompt.turns().getFirst().role());
    assertEquals(new Turn(Turn.Role.USER, "What is 6 x 7?"), prompt.turns().getLast());
    return prompt.turns().getFirst().text();
  }

  @Test
  void theSystemMessageStaysInFrontOfTheInstructions() {
    var turns =
        List.of(
            new Turn(Turn.Role.SYSTEM, "Be brief."),
            new Turn(Turn.Role.USER, "Hi"),
            new Turn(Turn.Role.ASSISTANT, "Hello"),
            new Turn(Turn.Role.USER, "6 x 7?"));
    var episode =
        new Episode(
            new Query("6 x 7?", turns),
            List.of(MemberCard.of("a", 1), MemberCard.of("b", 1)),
            List.of(),
            OptionalDouble.empty(),
            false);
    var ask =
        assertInstanceOf(Policy.Ask.class, new MixtureOfThought(Settings.DEFAULTS).next(episode));
    var prompt = (Prompt.Rewritten) ((Generate) ask.calls().getFirst()).prompt();
    assertTrue(prompt.turns().getFirst().text().startsWith("Be brief.\n\nReason step by step"));
    assertFalse(prompt.turns().getFirst().text().contains("Examples"), "there are none");
    assertEquals(turns.subList(1, 4), prompt.turns().subList(1, prompt.turns().size()));
  }

  /** 42 is said twice in words and once by a program, of six samples: .5. */
  @Test
  void allSamplesVoteTogetherAndWordsAreGiven() {
    List<Stage> stages =
        both(
            samples("cot 1", 0, "It is 41. The answer is 41.", "The answer is 42.", "#### 42"),
            samples("pot 1", 1, program("6 * 7"), "I do not know", program("15 / 2")));
    Policy.Step step = next(policy(Family.VOTE, Sources.MOT_1D, 3, 0.5), stages);
    assertEquals(1, accepted(step).stage());
    assertEquals(Optional.empty(), accepted(step).reading());
    assertEquals(0.5, step.confidence().orElseThrow(), 1e-12);
    assertEquals(OptionalDouble.of(0.5), step.threshold());
    Policy.Step deferred = next(policy(Family.VOTE, Sources.MOT_1D, 3, 0.51), stages);
    assertEquals(
        "agreement 0.500 < threshold 0.510.",
        assertInstanceOf(Policy.Ask.class, deferred).explanation());
  }

  /** Two of four programs come to 12: one has no value, one sample failed. */
  @Test
  void ofProgramsTheValueIsGiven() {
    List<Stage> stages =
        samples("pot 1", 0, program("1 / 0"), program("3 * 4"), null, "```\nx = 24\nx / 2\n```");
    Policy.Accept accept = accepted(next(policy(Family.VOTE, Sources.POT_1D, 4, 0.5), stages));
    assertEquals(1, accept.stage());
    assertEquals(Optional.of("12"), accept.reading());
    assertEquals(
        "agreement 0.500 >= threshold 0.500. Its program comes to 12.", accept.explanation());
    assertInstanceOf(Policy.Ask.class, next(policy(Family.VOTE, Sources.POT_1D, 4, 0.51), stages));
  }

  @Test
  void whereNothingElseCanBeAskedTheBestProgramsValueStands() {
    List<Stage> stages = samples("pot 1", 0, program("1"), program("2"), program("2"));
    Policy policy = policy(Family.VOTE, Sources.POT_1D, 3, 0.9);
    Policy.Accept accept = accepted(policy.next(episode(2, stages, true)));
    assertEquals(1, accept.stage());
    assertEquals(Optional.of("2"), accept.reading());
    Policy.Accept unread =
        accepted(policy.next(episode(2, samples("pot 1", 0, "none", "none"), true)));
    assertEquals(Optional.empty(), unread.reading());
  }

  /** Verify takes what most of both sources say, and has no threshold. */
  @Test
  void bothSourcesMustSayTheSame() {
    Policy policy = policy(Family.VERIFY, Sources.MOT_1D, 3, 0.6);
    List<Stage> words = samples("cot 1", 0, "7", "The answer is 42.", "42");
    Policy.Step step =
        next(
            policy, both(words, samples("pot 1", 1, program("42.0"), program("7"), program("42"))));
    assertEquals(1, accepted(step).stage());
    assertEquals(OptionalDouble.empty(), step.threshold());
    assertEquals(4.0 / 6, step.confidence().orElseThrow(), 1e-12);
    var other =
        next(policy, both(words, samples("pot 1", 1, program("7"), program("7"), program("42"))));
    assertEquals(
        "The most frequent answers of its two sources are not the same.",
        assertInstanceOf(Policy.Ask.class, other).explanation());
    assertInstanceOf(
        Policy.Ask.class,
        next(policy, both(words, samples("pot 1", 1, "none", program("1 / 0"), null))),
        "one source says nothing");
    assertInstanceOf(
        Policy.Ask.class,
        next(policy, both(samples("cot 1", 0, "", "", ""), samples("pot 1", 1, "", "", ""))),
        "neither says anything");
  }

  /** Of equally frequent answers the first one is a source's. */
  @Test
  void ofTiesTheFirstAnswerIsASources() {
    Policy policy = policy(Family.VERIFY, Sources.COT_2D, 2, 0);
    assertEquals(
        0,
        accepted(next(policy, both(samples("cot 1", 0, "1", "2"), samples("cot 2", 1, "1", "3"))))
            .stage());
    assertInstanceOf(
        Policy.Ask.class,
        next(policy, both(samples("cot 1", 0, "2", "1"), samples("cot 2", 1, "1", "2"))));
  }

  @Test
  void whatCannotTurnIsNotWaitedFor() {
    Policy vote = policy(Family.VOTE, Sources.MOT_1D, 2, 0.5);
    assertTrue(settled(vote, 1, both(samples("cot 1", 0, "5", "5"), samples("pot 1", 1, "5"))));
    assertFalse(settled(vote, 2, both(samples("cot 1", 0, "5", "5"), List.of())));
    Policy verify = policy(Family.VERIFY, Sources.MOT_1D, 3, 0);
    List<Stage> words = samples("cot 1", 0, "5", "5");
    assertTrue(settled(verify, 2, both(words, samples("pot 1", 1, "5", "5"))), "each leads by two");
    assertFalse(settled(verify, 2, both(words, samples("pot 1", 1, "5", "6"))), "one may turn");
    assertFalse(settled(verify, 3, both(words, samples("pot 1", 1, "5"))), "one of three");
  }

  private static boolean settled(Policy policy, int pending, List<Stage> stages) {
    return policy.isSettled(episode(2, stages, false), Collections.nCopies(pending, 0));
  }

  @Test
  void toolsThatAnAnswerWantsAreComparedByTheirSpelling() {
    var stages = new ArrayList<Stage>();
    for (String source : List.of("cot 1", "pot 1")) {
      stages.add(
          new Answered(
              new Asked(stages.size(), 0, 0, 1, source),
              "",
              Optional.of("f({})"),
              AnswerSignals.NONE));
    }
    Policy.Accept accept = accepted(next(policy(Family.VERIFY, Sources.MOT_1D, 1, 0), stages));
    assertEquals(0, accept.stage());
    assertEquals(Optional.empty(), accept.reading());
  }

  /**
   * At no price of prompts by itself a sample of words costs its own dollar and as many times more
   * as its prompt is longer; at a price each token of the prompt.
   */
  @Test
  void theBudgetPaysAsManySamplesOfEachSource() {
    double words = characters(0);
    double program = characters(1);
    double asked = "What is 6 x 7?".length();
    double both = 2 + words / asked + program / asked;
    assertEquals(List.of(0, 10), paid(11 * both, 0));
    assertEquals(List.of(0, 3), paid(3.5 * both, 0));
    assertEquals(List.of(0, 1), paid(both + .01, 0));
    assertEquals(List.of(1, 1), paid(both - .01, 0), "not one of each: the last is asked");
    assertEquals(List.of(0, 1), paid(0.5, 0), "nobody is paid: the first is named");
    double tokens = 2 + Math.ceil(words / 4) + Math.ceil(program / 4);
    assertEquals(List.of(0, 2), paid(2 * tokens + .01, 1e6));
    assertEquals(List.of(0, 1), paid(2 * tokens - .01, 1e6));
  }

  private static int characters(int call) {
    var ask =
        (Policy.Ask) new MixtureOfThought(Settings.DEFAULTS).next(episode(2, List.of(), false));
    var prompt = (Prompt.Rewritten) ((Generate) ask.calls().get(call)).prompt();
    return prompt.turns().stream().mapToInt(turn -> turn.text().length()).sum();
  }

  private static List<Integer> paid(double left, double usdPerMillion) {
    MemberCard plain = MemberCard.of("a", 1).costing(1);
    var priced =
        new MemberCard(
            "a",
            "a",
            "",
            1,
            usdPerMillion,
            0,
            plain.contextLength(),
            plain.parameters(),
            plain.samples(),
            1);
    var episode =
        new Episode(
            new Query("What is 6 x 7?"),
            List.of(priced, MemberCard.of("b", 1).costing(1)),
            List.of(),
            OptionalDouble.of(left),
            false);
    var ask =
        assertInstanceOf(Policy.Ask.class, new MixtureOfThought(Settings.DEFAULTS).next(episode));
    return List.of(ask.calls().getFirst().member(), ask.calls().getFirst().samples());
  }

  @ParameterizedTest
  @CsvSource({
    "42, 42",
    "3.33333, 3.333",
    "10/3, 3.333",
    "-2/3, -0.667",
    "0.0004, 0.0004",
    "0.00012349, 0.000123",
    "1234567.8999, 1234567.9",
    "0.0000, 0",
    "1/0, 1/0",
    "paris, paris",
    "2021-05-01, 2021-05-01"
  })
  void numbersAreComparedToThreeDecimals(String answer, String compared) {
    assertEquals(compared, RoundedNumber.spelling(answer));
  }

  @Test
  void settingsThatDoNotFitAreRefused() {
    assertEquals("sources", refused(Family.VERIFY, Sources.COT_1D, 2, TWO, TWO));
    assertEquals("samples", refused(Family.VOTE, Sources.POT_1D, 1, TWO, TWO));
    assertEquals("cot_demonstrations", refused(Family.VOTE, Sources.COT_2D, 2, List.of("x"), TWO));
    assertEquals(
        "pot_demonstrations", refused(Family.VOTE, Sources.MOT_2D, 2, TWO, List.of("x", "x")));
    assertEquals(
        "cot_demonstrations",
        refused(Family.VOTE, Sources.MOT_1D, 2, List.of("x".repeat(20_001)), TWO));
    assertEquals(
        "pot_demonstrations", refused(Family.VOTE, Sources.MOT_1D, 2, TWO, List.of("x", "y", "z")));
    var thresholds =
        new Settings(Family.VOTE, Sources.MOT_1D, 2, 1, List.of(.5, .5), TWO, TWO, AnswerForm.AUTO);
    thresholds.requireFit(3);
    assertThrows(SettingsException.class, () -> thresholds.requireFit(2));
  }

  private static String refused(
      Family family, Sources sources, int samples, List<String> cot, List<String> pot) {
    return assertThrows(
            SettingsException.class,
            () -> new Settings(family, sources, samples, 1, List.of(.5), cot, pot, AnswerForm.AUTO))
        .setting();
  }
}
