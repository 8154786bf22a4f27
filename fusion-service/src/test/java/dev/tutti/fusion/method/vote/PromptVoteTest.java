package dev.tutti.fusion.method.vote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.Deliberation;
import dev.tutti.fusion.DeliberationContract;
import dev.tutti.fusion.ScriptedEpisode;
import dev.tutti.fusion.method.vote.PromptVote.Settings;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Turn;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Prompts, by members that are scripted: the starter models read no instructions. */
class PromptVoteTest extends DeliberationContract {

  private static final MemberCard A = MemberCard.of("a", 1);
  private static final MemberCard B = MemberCard.of("b", 2);
  private static final String QUESTION = "Which is red?\nA) sky\nB) blood\nC) grass\nChoose one.";

  @Override
  protected Deliberation deliberation(Random random) {
    return new PromptVote(
        new Settings(random.nextBoolean(), random.nextBoolean(), 2, AnswerForm.AUTO));
  }

  @Override
  protected List<MemberCard> members(int count) {
    return List.of(A, B).subList(0, count);
  }

  private static ScriptedEpisode ask(Settings settings, String question, MemberCard... members) {
    var turns =
        List.of(
            new Turn(Turn.Role.SYSTEM, "Be brief."),
            new Turn(Turn.Role.USER, "Hello"),
            new Turn(Turn.Role.ASSISTANT, "Hello."),
            new Turn(Turn.Role.USER, question));
    return new ScriptedEpisode(new PromptVote(settings), turns, members);
  }

  private static String given(ScriptedEpisode vote) {
    return vote.given();
  }

  @Test
  void eachIsAskedUnderEachPrompt() {
    ScriptedEpisode vote = ask(Settings.DEFAULTS, "6 x 7?", A, B);
    assertEquals(List.of(0, 0, 0, 1, 1, 1), vote.asked());
    assertEquals(Generate.asAsked(0), vote.calls().getFirst());
    List<Turn> steps = vote.prompt(1);
    assertEquals(4, steps.size());
    assertEquals(new Turn(Turn.Role.SYSTEM, "Be brief."), steps.getFirst());
    assertEquals(new Turn(Turn.Role.USER, "Hello"), steps.get(1));
    assertTrue(steps.get(3).text().startsWith("6 x 7?\n\nLet's think step by step."));
    assertTrue(vote.prompt(2).get(3).text().startsWith("6 x 7?\n\nFirst list the simpler"));
    vote.say("41", "So. The answer is 42", null, "41", "#### 42", "Then #### 42");
    assertEquals("#### 42", given(vote), "of equals the higher prior speaks");
    assertEquals(.6, vote.give().weighed().weighing().agreement(), 1e-12);
  }

  @Test
  void whatIsTurnedOffIsNotAsked() {
    assertEquals(
        List.of(0), ask(new Settings(false, false, 3, AnswerForm.AUTO), "6 x 7?", A).asked());
    assertEquals(
        List.of(0, 0, 0), ask(new Settings(false, false, 9, AnswerForm.AUTO), QUESTION, A).asked());
  }

  @Test
  void lettersOfRotatedOptionsAreMappedBack() {
    ScriptedEpisode vote = ask(new Settings(true, false, 2, AnswerForm.AUTO), QUESTION, A);
    assertEquals(
        "Which is red?\nA) blood\nB) grass\nC) sky\nChoose one.", vote.prompt(2).get(3).text());
    assertEquals(
        "Which is red?\nA) grass\nB) sky\nC) blood\nChoose one.", vote.prompt(3).get(3).text());
    // Always the first one, but for whoever thinks: sky, blood, blood and grass.
    vote.say("A", "It bleeds. The answer is (B)", "A) blood", "A");
    assertEquals("It bleeds. The answer is (B)", given(vote));
    assertEquals(.5, vote.give().weighed().weighing().agreement(), 1e-12);
    assertEquals("B", vote.give().weighed().weighing().answers().get(2).orElseThrow());
    assertEquals("C", vote.give().weighed().weighing().answers().get(3).orElseThrow());
  }

  @Test
  void anAnswerToRotatedOptionsIsNeverGiven() {
    // Two say B, by rotated letters only.
    assertEquals(
        "A",
        given(ask(new Settings(false, false, 2, AnswerForm.AUTO), QUESTION, A).say("A", "A", "C")));
    ScriptedEpisode none =
        ask(new Settings(false, false, 2, AnswerForm.AUTO), QUESTION, A).say(null, "A", "C");
    assertInstanceOf(Deliberation.Abstain.class, none.step());
    // There is no fourth option.
    assertEquals(
        "C",
        given(ask(new Settings(false, false, 1, AnswerForm.CHOICE), QUESTION, A).say("C", "D")));
  }

  @Test
  void aVoteThatIsDecidedIsSettled() {
    var vote = new PromptVote(Settings.DEFAULTS);
    var episode = ask(Settings.DEFAULTS, "6 x 7?", A).say("42", "#### 42", "no").episode();
    var two =
        new Episode(
            episode.query(),
            episode.members(),
            episode.stages().subList(0, 2),
            episode.usdLeft(),
            false);
    assertTrue(vote.isSettled(two, List.of(0)));
    assertFalse(vote.isSettled(two, List.of(0, 0)));
    assertFalse(
        new PromptVote(new Settings(true, true, 1, AnswerForm.AUTO)).isSettled(two, List.of(0)));
  }

  @Test
  void tooManyAnswersAreRefused() {
    new Settings(true, true, 25, AnswerForm.AUTO).requireFit(9);
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new Settings(true, true, 25, AnswerForm.AUTO).requireFit(10));
    assertTrue(e.getMessage().contains("280 answers"), e.getMessage());
  }
}
