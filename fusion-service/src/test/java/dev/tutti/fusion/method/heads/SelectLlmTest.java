package dev.tutti.fusion.method.heads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.Deliberation;
import dev.tutti.fusion.Deliberation.Ask;
import dev.tutti.fusion.Deliberation.Give;
import dev.tutti.fusion.DeliberationContract;
import dev.tutti.fusion.Fitted;
import dev.tutti.fusion.ScriptedEpisode;
import dev.tutti.fusion.Weighing;
import dev.tutti.fusion.method.heads.SelectLlm.Policy;
import dev.tutti.fusion.method.heads.SelectLlm.Settings;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Asked;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Embedded;
import dev.tutti.kit.calls.Episode.Failed;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.calls.Turn;
import dev.tutti.numerics.LinearHeads;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SelectLlmTest extends DeliberationContract {

  private static final MemberCard A = MemberCard.of("a", 1);
  private static final MemberCard B = MemberCard.of("b", 1);
  private static final MemberCard C = MemberCard.of("c", 1);
  private static final MemberCard D = MemberCard.of("d", 1);
  private static final MemberCard STRANGER = MemberCard.of("n", 1);

  private static final float[] EAST = {1, 0};
  private static final float[] WEST = {-1, 0};

  private static float logit(double p) {
    return (float) Math.log(p / (1 - p));
  }

  /** In the east .9, .6, .2, .5 are right, in the west one minus that; on average .3 .7 .5 .6. */
  static final MemberHeads HEADS =
      new MemberHeads(
          List.of("a", "b", "c", "d"),
          new LinearHeads(
              Matrix.of(
                  List.of(
                      new float[] {logit(.9), 0, 0},
                      new float[] {logit(.6), 0, 0},
                      new float[] {logit(.2), 0, 0},
                      new float[] {0, 0, 0}))),
          new double[] {.3, .7, .5, .6},
          3,
          2);

  private static SelectLlm method(Policy policy, int size) {
    return new SelectLlm(new Settings("ours", AnswerForm.AUTO, policy, size), HEADS, 4);
  }

  private static ScriptedEpisode ask(Policy policy, int size, MemberCard... members) {
    return new ScriptedEpisode(method(policy, size), members);
  }

  @Override
  protected Deliberation deliberation(Random random) {
    Policy policy = Policy.values()[random.nextInt(Policy.values().length)];
    return method(policy, random.nextInt(2));
  }

  @Override
  protected List<MemberCard> members(int count) {
    return List.of(A, B).subList(0, count);
  }

  @Test
  void theQuestionIsEmbeddedThenTheLikeliestAreAsked() {
    ScriptedEpisode episode = ask(Policy.WEIGHTED_MAX_CONF, 0, A, B, C, D);
    assertEquals(List.of(new Call.Embed(Call.PLATFORM, List.of("?"), "choose")), episode.calls());
    assertEquals(2, assertInstanceOf(Ask.class, episode.step()).turns());
    episode.embed(EAST);
    assertEquals(
        List.of(Generate.asAsked(0), Generate.asAsked(1), Generate.asAsked(3)), episode.calls());
    assertEquals(
        List.of(1, 2, 3), ask(Policy.WEIGHTED_MAX_CONF, 0, A, B, C, D).embed(WEST).asked());
    // As many as were best where votes count alike are two; a size that is set goes before that.
    assertEquals(List.of(2, 3), ask(Policy.MAX_CONF, 0, A, B, C, D).embed(WEST).asked());
    assertEquals(List.of(2), ask(Policy.MAX_CONF, 1, A, B, C, D).embed(WEST).asked());
    assertEquals(
        List.of(0, 1, 2, 3), ask(Policy.WEIGHTED_MAX_CONF, 4, A, B, C, D).embed(WEST).asked());
    // Whom datasets know by the name decides, wherever it stands.
    assertEquals(List.of(0, 3), ask(Policy.WEIGHTED_MAX_CONF, 2, B, C, D, A).embed(EAST).asked());
  }

  @Test
  void allAreAskedThatAreLikelierRightThanWrongOrTheLikeliest() {
    assertEquals(
        List.of(0, 1, 3), ask(Policy.LABELLED_MAX_CONF, 1, A, B, C, D).embed(EAST).asked());
    assertEquals(List.of(2, 3), ask(Policy.LABELLED_MAX_CONF, 1, A, B, C, D).embed(WEST).asked());
    assertEquals(List.of(1), ask(Policy.LABELLED_MAX_CONF, 0, A, B).embed(WEST).asked());
  }

  /** .9 against .6 + .2, or one against two. */
  @Test
  void votesCountAsLikelyAsTheirMembersAreRightOrAlike() {
    ScriptedEpisode weighted = ask(Policy.WEIGHTED_MAX_CONF, 4, A, B, C, D).embed(EAST);
    weighted.say("1", "2", "2", "3");
    assertEquals("1", weighted.given());
    Weighing weighing = weighted.give().weighed().weighing();
    assertEquals(.9 / 2.2, weighing.weights().get(0), 1e-6);
    assertEquals(.6 / 2.2, weighing.weights().get(1), 1e-6);
    assertEquals(.2 / 2.2, weighing.weights().get(2), 1e-6);
    assertEquals(.9 / 2.2, weighing.agreement(), 1e-6);
    assertTrue(weighted.give().compared());
    ScriptedEpisode plain = ask(Policy.MAX_CONF, 4, A, B, C, D).embed(EAST);
    assertEquals("2", plain.say("1", "2", "2", "3").given());
    assertEquals(.5, plain.give().weighed().weighing().agreement(), 1e-12);
    ScriptedEpisode labelled = ask(Policy.LABELLED_MAX_CONF, 0, A, B, C, D).embed(EAST);
    assertEquals("2", labelled.say("1", "2", "2").given(), "'a', 'b' and 'd' count alike");
  }

  @Test
  void tiesGoToTheLikelierOne() {
    ScriptedEpisode east = ask(Policy.MAX_CONF, 2, B, A).embed(EAST);
    assertEquals("1", east.say("2", "1").given());
    ScriptedEpisode west = ask(Policy.MAX_CONF, 2, A, B).embed(WEST);
    assertEquals("2", west.say("1", "2").given());
    // Where nothing can be read the likeliest speaks, too.
    ScriptedEpisode silent = ask(Policy.MAX_CONF, 2, B, A).embed(EAST);
    silent.say("", "");
    assertEquals(1, silent.give().weighed().weighing().chosen().orElseThrow());
  }

  @Test
  void aMembersWeightMultipliesItsVoteAndChoosesNobody() {
    MemberCard heavy = MemberCard.of("b", 2);
    ScriptedEpisode two = ask(Policy.WEIGHTED_MAX_CONF, 2, A, heavy).embed(EAST);
    assertEquals("2", two.say("1", "2").given(), ".9 against 2 x .6");
    assertEquals(
        List.of(0), ask(Policy.WEIGHTED_MAX_CONF, 1, A, MemberCard.of("b", 9)).embed(EAST).asked());
  }

  @Test
  void withoutAnEmbeddingTheMeansStandIn() {
    ScriptedEpisode failed = ask(Policy.WEIGHTED_MAX_CONF, 2, A, B, C, D).embed(null);
    assertEquals(List.of(1, 3), failed.asked());
    var silent =
        new ScriptedEpisode(
            method(Policy.LABELLED_MAX_CONF, 0),
            List.of(new Turn(Turn.Role.USER, " ")),
            A,
            B,
            C,
            D);
    assertEquals(List.of(1, 2, 3), silent.asked());
    assertEquals("1", silent.say("1", "1", "2").given());
  }

  @Test
  void whoWasNotLearnedAboutComesLast() {
    assertEquals(
        List.of(1, 2), ask(Policy.WEIGHTED_MAX_CONF, 2, STRANGER, A, C).embed(EAST).asked());
    ScriptedEpisode all = ask(Policy.WEIGHTED_MAX_CONF, 3, STRANGER, A, C).embed(EAST);
    assertEquals(List.of(0, 1, 2), all.asked());
    assertEquals("3", all.say("1", null, "3").given(), "'c' is seldom right, but known");
  }

  /** The others are asked once, and what they say counts as always. */
  @Test
  void whereAllThatAreAskedFailEverybodyElseIsAsked() {
    ScriptedEpisode episode = ask(Policy.WEIGHTED_MAX_CONF, 1, A, B, C, D).embed(EAST);
    SelectLlm method = method(Policy.WEIGHTED_MAX_CONF, 1);
    assertTrue(method.asksOn(episode.episode()), "nobody has been asked yet");
    episode.say((String) null);
    assertTrue(method.asksOn(episode.episode()));
    assertEquals(List.of(1, 2, 3), episode.asked());
    episode.say("2", "3", null);
    assertEquals("2", episode.given());
    String told = episode.give().weighed().weighing().explanation();
    assertTrue(told.contains("not asked: nobody."), told);

    ScriptedEpisode none = ask(Policy.WEIGHTED_MAX_CONF, 1, A, B).embed(EAST);
    none.say((String) null).say((String) null);
    assertFalse(method.asksOn(none.episode()));
    // One that answered is enough.
    ScriptedEpisode one = ask(Policy.WEIGHTED_MAX_CONF, 2, A, B, C).embed(EAST);
    assertEquals("2", one.say(null, "2").given());
  }

  @Test
  void theDecisionTellsWhoWasLeftOutAndWhy() {
    ScriptedEpisode episode = ask(Policy.WEIGHTED_MAX_CONF, 2, C, B, D, A).embed(EAST);
    String told = episode.say("2", "1").give().weighed().weighing().explanation();
    assertTrue(
        told.contains(
            " Asked, by how likely each is right: 'a' 0.90, 'b' 0.60; not asked: 'd' 0.50, 'c' 0.20."),
        told);
    var many = new MemberCard[20];
    for (int m = 0; m < many.length; m++) {
      many[m] = MemberCard.of("m" + m, 1);
    }
    told =
        ask(Policy.MAX_CONF, 1, many)
            .embed(EAST)
            .say("1")
            .give()
            .weighed()
            .weighing()
            .explanation();
    assertTrue(told.contains("'m8' 0.00 and 11 more."), told);
  }

  private static Episode episode(
      OptionalDouble usd, List<MemberCard> members, boolean embedded, List<String> answers) {
    var stages = new ArrayList<Stage>();
    if (embedded) {
      stages.add(new Embedded(new Asked(0, 0, Call.PLATFORM, 1, "choose"), List.of(EAST)));
    }
    for (int m = 0; m < answers.size(); m++) {
      if (!answers.get(m).isEmpty()) {
        stages.add(new Answered(new Asked(m + 1, 0, m, 2, ""), answers.get(m), AnswerSignals.NONE));
      }
    }
    return new Episode(new Query("?"), members, stages, usd, false);
  }

  private static MemberCard costs(String name, double usd) {
    return new MemberCard(
        name,
        name,
        "",
        1,
        0,
        0,
        OptionalInt.empty(),
        OptionalLong.empty(),
        OptionalInt.empty(),
        usd);
  }

  private static List<Integer> paid(double usd, MemberCard... members) {
    SelectLlm method = method(Policy.WEIGHTED_MAX_CONF, 0);
    var step = method.next(episode(OptionalDouble.of(usd), List.of(members), true, List.of()));
    return assertInstanceOf(Ask.class, step).calls().stream().map(Call::member).toList();
  }

  @Test
  void asManyOfTheLikeliestAreAskedAsTheBudgetPays() {
    MemberCard[] priced = {costs("a", .25), costs("b", .25), costs("c", 0), costs("d", .5)};
    assertEquals(List.of(0, 1, 3), paid(1, priced));
    assertEquals(List.of(0, 1), paid(.99, priced));
    assertEquals(List.of(0), paid(.49, priced));
    assertEquals(List.of(0), paid(0, priced), "the service says that it is too little");
  }

  /** Of those that are left 'd' is likelier than 'c': it comes first where both cost too much. */
  @Test
  void theOthersAreAskedAsFarAsTheBudgetGoes() {
    List<MemberCard> members = List.of(costs("c", .25), costs("a", .25), costs("d", .5));
    SelectLlm method = method(Policy.WEIGHTED_MAX_CONF, 1);
    for (double usd : new double[] {.75, .74}) {
      Episode first = episode(OptionalDouble.of(usd), members, true, List.of());
      var stages = new ArrayList<>(first.stages());
      stages.add(new Failed(new Asked(1, 0, 1, 2, "")));
      var step =
          method.next(new Episode(first.query(), members, stages, OptionalDouble.of(usd), false));
      assertEquals(
          usd == .75 ? List.of(0, 2) : List.of(2),
          assertInstanceOf(Ask.class, step).calls().stream().map(Call::member).toList());
    }
  }

  /** 'c' would not have been asked; its two answers are weighed as those of any other. */
  @Test
  void whatACallerBringsIsWeighedWhoeverGaveIt() {
    SelectLlm method = method(Policy.WEIGHTED_MAX_CONF, 1);
    var stages =
        new ArrayList<>(
            episode(OptionalDouble.empty(), List.of(A, B, C), true, List.of("", "2", "3"))
                .stages());
    stages.add(new Answered(new Asked(3, 1, 2, 2, ""), "3", AnswerSignals.NONE));
    var brought =
        new Episode(new Query("?"), List.of(A, B, C), stages, OptionalDouble.empty(), false);
    Give give = assertInstanceOf(Give.class, method.next(brought));
    assertEquals(List.of(1, 2, 3), give.weighed().stages());
    assertEquals(0, give.weighed().weighing().chosen().orElseThrow(), ".6 against .2 + .2");
    assertEquals(.2, give.weighed().weighing().weights().get(1), 1e-6);
    assertTrue(
        give.weighed().weighing().explanation().contains("not asked: 'a' 0.90."),
        give.weighed().weighing().explanation());
  }

  @Test
  void nobodyIsWaitedForWhoCanChangeNothing() {
    List<MemberCard> members = List.of(A, B, C, D);
    OptionalDouble any = OptionalDouble.empty();
    SelectLlm weighted = numbers(Policy.WEIGHTED_MAX_CONF);
    assertFalse(weighted.isSettled(episode(any, members, true, List.of()), List.of()));
    // .9 against .6 + .2 that may come, or .6 + .5.
    assertTrue(weighted.isSettled(episode(any, members, true, List.of("1")), List.of(1, 2)));
    assertFalse(weighted.isSettled(episode(any, members, true, List.of("1")), List.of(1, 3)));
    SelectLlm plain = numbers(Policy.MAX_CONF);
    assertTrue(plain.isSettled(episode(any, members, true, List.of("1", "1")), List.of(3)));
    assertFalse(plain.isSettled(episode(any, members, true, List.of("1")), List.of(1, 2)));
  }

  private static SelectLlm numbers(Policy policy) {
    return new SelectLlm(new Settings("", AnswerForm.NUMBER, policy, 3), HEADS, 0);
  }

  @Test
  void badSettingsAndSizesAreRefused() {
    Settings three = new Settings("", AnswerForm.AUTO, Policy.MAX_CONF, 3);
    three.requireFit(3);
    assertEquals(
        "size is 3 of 2 members; 0 to 2 are allowed.",
        assertThrows(IllegalArgumentException.class, () -> three.requireFit(2)).getMessage());
    Settings.DEFAULTS.requireFit(1);
    ScriptedEpisode odd = ask(Policy.MAX_CONF, 1, A).embed(new float[] {1, 2, 3});
    assertEquals(
        "The question's embedding has 3 numbers; those of the fit have 2.",
        assertThrows(IllegalArgumentException.class, odd::step).getMessage());
    for (int size : new int[] {0, 5}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new MemberHeads(HEADS.members(), HEADS.heads(), HEADS.means(), size, 1));
    }
    SelectLlm method = method(Policy.MAX_CONF, 0);
    assertEquals(Optional.of(new Fitted("ours", 4, HEADS.members())), method.fitted());
  }
}
