package dev.tutti.cascade.method.agreement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.cascade.Policy;
import dev.tutti.cascade.PolicyContract;
import dev.tutti.cascade.method.agreement.ConsistencyPolicy.Settings;
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
import dev.tutti.kit.settings.SettingsException;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConsistencyPolicyTest extends PolicyContract {

  @Override
  protected double answersPaid() {
    return 2;
  }

  @Override
  protected Policy policy(int members, Random random) {
    return new ConsistencyPolicy(
        new Settings(
            2 + random.nextInt(5),
            2 * random.nextDouble(),
            List.of(random.nextDouble()),
            AnswerForm.values()[random.nextInt(AnswerForm.values().length)]));
  }

  private static ConsistencyPolicy policy(int samples, Double... thresholds) {
    return new ConsistencyPolicy(new Settings(samples, 0.8, List.of(thresholds), AnswerForm.AUTO));
  }

  /** A member's samples, one a text; null for one that failed. */
  private static List<Stage> samples(int member, String... texts) {
    var stages = new ArrayList<Stage>();
    for (int i = 0; i < texts.length; i++) {
      Asked asked = new Asked(member, i, member, member + 1, "");
      stages.add(texts[i] == null ? new Failed(asked) : says(asked, texts[i], -1));
    }
    return stages;
  }

  private static Policy.Step next(ConsistencyPolicy policy, int members, List<Stage> stages) {
    return policy.next(episode(members, stages, false));
  }

  private static int accepted(Policy.Step step) {
    return assertInstanceOf(Policy.Accept.class, step).stage();
  }

  @SafeVarargs
  private static List<Stage> all(List<Stage>... members) {
    var all = new ArrayList<Stage>();
    for (List<Stage> its : members) {
      all.addAll(its);
    }
    return all;
  }

  @Test
  void membersAreSampledAndTheLastIsAskedOnceAsAsked() {
    ConsistencyPolicy policy = policy(5, 0.6);
    var first = assertInstanceOf(Policy.Ask.class, next(policy, 2, List.of()));
    assertEquals(
        List.of(new Generate(0, Prompt.AS_ASKED, 5, SamplingChange.temperature(0.8), "")),
        first.calls());
    assertFalse(first.live());
    assertTrue(first.confidence().isEmpty());
    var second =
        assertInstanceOf(Policy.Ask.class, next(policy, 2, samples(0, "1", "2", "3", "4", "5")));
    assertEquals(List.of(Generate.asAsked(1)), second.calls());
    assertTrue(second.live());
  }

  /** 3 of 5 are .6: taken at .6, and not at .61. */
  @Test
  void theShareIsHeldAgainstTheThreshold() {
    List<Stage> three = samples(0, "7", "The answer is 42.", "42", "6", "#### 42");
    Policy.Step step = next(policy(5, 0.6), 2, three);
    assertEquals(1, accepted(step));
    assertEquals(0.6, step.confidence().orElseThrow(), 1e-12);
    assertEquals("agreement 0.600 >= threshold 0.600.", step.explanation());
    var ask = assertInstanceOf(Policy.Ask.class, next(policy(5, 0.61), 2, three));
    assertEquals(0.6, ask.confidence().orElseThrow(), 1e-12);
    assertEquals("agreement 0.600 < threshold 0.610.", ask.explanation());
  }

  /** Two that say the same, one that cannot be read, one that failed: 2 of 4. */
  @Test
  void whatCannotBeReadAndWhatFailedCountsAgainst() {
    List<Stage> half = samples(0, "42", "", "42", null);
    assertEquals(0, accepted(next(policy(4, 0.5), 2, half)));
    assertInstanceOf(Policy.Ask.class, next(policy(4, 0.51), 2, half));
  }

  private static boolean settled(ConsistencyPolicy policy, int pending, String... texts) {
    return policy.isSettled(episode(2, samples(0, texts), false), Collections.nCopies(pending, 0));
  }

  /** At .6 of 5 three must agree. */
  @Test
  void samplesThatCannotTurnTheVoteAreNotWaitedFor() {
    ConsistencyPolicy policy = policy(5, 0.6);
    assertTrue(settled(policy, 2, "42", "42", "42"), "3 are enough, and 2 cannot overtake them");
    assertFalse(settled(policy, 3, "42", "42"), "one more is needed");
    assertFalse(settled(policy, 2, "1", "2", null), "1 may still be said three times");
    assertTrue(settled(policy, 1, "1", "2", "3", null), "nothing can be said three times");
    assertFalse(settled(policy, 5), "nobody answered");
    assertTrue(settled(policy, 1, "42", "42"), "of 3 that the budget paid, 2 are .67");
    assertFalse(settled(policy, 1, "42", "41"), "of 3, one more may make it .67");
    // At .4 two are enough: of 5, 2 and 1 with two pending, the other may get 3.
    assertFalse(settled(policy(5, 0.4), 2, "1", "1", "2"));
    assertTrue(settled(policy(5, 0.4), 1, "1", "1", "1", "2"));
  }

  @Test
  void ofEquallyFrequentAnswersTheFirstWins() {
    assertEquals(1, accepted(next(policy(5, 0.4), 2, samples(0, "3", "1", "2", "2", "1"))));
    assertEquals(1, accepted(next(policy(5, 0.4), 2, samples(0, null, "2", "1", "2", "1"))));
  }

  @Test
  void eachMemberHasItsOwnThresholdAndItsOwnVote() {
    ConsistencyPolicy policy = policy(3, 0.9, 0.5);
    List<Stage> one = samples(0, "1", "1", "2");
    List<Stage> two = samples(1, "1", "3", "3");
    assertInstanceOf(Policy.Ask.class, next(policy, 3, one));
    assertEquals(4, accepted(next(policy, 3, all(one, two))));
    var third =
        assertInstanceOf(Policy.Ask.class, next(policy, 3, all(one, samples(1, "1", "2", "3"))));
    assertEquals(2, third.calls().getFirst().member());
  }

  @Test
  void toolsThatAreWantedAreComparedByTheirSpelling() {
    var stages = new ArrayList<Stage>();
    for (String tool : List.of("a({})", "b({})", "b({})")) {
      stages.add(
          new Answered(
              new Asked(0, stages.size(), 0, 1, ""), "", Optional.of(tool), AnswerSignals.NONE));
    }
    Policy.Step step = next(policy(3, 0.6), 2, stages);
    assertEquals(1, accepted(step));
    assertEquals(2.0 / 3, step.confidence().orElseThrow(), 1e-12);
  }

  @Test
  void theLastAnswersWhateverItSays() {
    List<Stage> both = all(samples(0, "1", "2"), samples(1, ""));
    Policy.Step step = next(policy(2, 1.0), 2, both);
    assertEquals(2, accepted(step));
    assertTrue(step.confidence().isEmpty());
  }

  /** Shares .5 and .667, then the last one fails: the higher stands; of equals the later. */
  @Test
  void whereNobodyElseCanAnswerTheHighestShareStands() {
    List<Stage> one = samples(0, "1", "1", "1", "2");
    List<Stage> two = samples(1, "3", "3", "4", "5");
    List<Stage> failed = samples(2, (String) null);
    assertEquals(0, accepted(next(policy(4, 0.9), 3, all(one, two, failed))));
    assertEquals(
        4, accepted(next(policy(4, 0.9), 3, all(samples(0, "6", "6", "7", "8"), two, failed))));
    Policy.Step ended = policy(4, 0.9).next(episode(3, all(one, two), true));
    assertEquals(0, accepted(ended));
    assertEquals(0.5, ended.confidence().orElseThrow(), 1e-12, "of the latest member");
    Policy.Step unread = policy(2, 0.9).next(episode(2, samples(0, "", ""), true));
    assertEquals(0, accepted(unread));
  }

  @Test
  void aMemberThatFailedAltogetherIsPassedOver() {
    var ask = assertInstanceOf(Policy.Ask.class, next(policy(2, 0.0), 2, samples(0, null, null)));
    assertEquals("It failed.", ask.explanation());
    assertTrue(ask.confidence().isEmpty());
  }

  /** Each answer of a member is expected to cost so much. */
  private static Call asked(double left, double... each) {
    List<MemberCard> cards =
        Arrays.stream(each)
            .mapToObj(
                usd ->
                    new MemberCard(
                        "m",
                        "m",
                        "",
                        1,
                        0,
                        0,
                        OptionalInt.empty(),
                        OptionalLong.empty(),
                        OptionalInt.empty(),
                        usd))
            .toList();
    var episode =
        new Episode(new Query("?", List.of()), cards, List.of(), OptionalDouble.of(left), false);
    var ask = assertInstanceOf(Policy.Ask.class, policy(5, 0.6).next(episode));
    assertEquals(ask.calls().getFirst().member() == each.length - 1, ask.live());
    assertEquals(each.length - ask.calls().getFirst().member(), ask.turns());
    return ask.calls().getFirst();
  }

  private static void assertAsked(int member, int samples, Call call) {
    assertEquals(List.of(member, samples), List.of(call.member(), call.samples()), call::toString);
  }

  @Test
  void theBudgetPaysSamplesOrTheNextMemberOrTheLastOne() {
    assertAsked(0, 5, asked(5, 1, 1, 1));
    assertAsked(0, 4, asked(4.999, 1, 1, 1));
    assertAsked(0, 2, asked(2, 1, 1, 1));
    assertAsked(1, 3, asked(1.5, 1, 0.5, 1));
    assertAsked(2, 1, asked(1.5, 1, 1, 1));
    assertAsked(0, 5, asked(0, 0, 1, 1));
    // Nobody is paid: the first is named.
    assertAsked(0, 2, asked(0.9, 1, 1, 1));
    assertAsked(0, 1, asked(0.9, 1));
  }

  @Test
  void settingsAreThePapersAndFitTheMembers() {
    assertEquals(new Settings(20, 0.8, List.of(0.6), AnswerForm.AUTO), Settings.DEFAULTS);
    Settings two = new Settings(20, 0.8, List.of(0.5, 0.5), AnswerForm.AUTO);
    two.requireFit(3);
    var wrong = assertThrows(SettingsException.class, () -> two.requireFit(2));
    assertEquals("thresholds", wrong.setting());
    assertEquals(
        "thresholds has 2 entries; 2 members take one for each but the last (1), or one for all.",
        wrong.getMessage());
    Settings.DEFAULTS.requireFit(1);
    Settings.DEFAULTS.requireFit(9);
  }
}
