package dev.tutti.fusion.method.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.Deliberation;
import dev.tutti.fusion.DeliberationContract;
import dev.tutti.fusion.ScriptedEpisode;
import dev.tutti.fusion.method.layers.MixtureOfAgents.Settings;
import dev.tutti.fusion.method.prompt.Roles;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.SamplingChange;
import dev.tutti.kit.calls.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Layers, by members that are scripted: the starter models cannot aggregate. */
class MixtureOfAgentsTest extends DeliberationContract {

  private static final MemberCard A = MemberCard.of("a", 1).as(Roles.PROPOSER);
  private static final MemberCard B = MemberCard.of("b", 2).as(Roles.PROPOSER);
  private static final MemberCard C = MemberCard.of("c", 1).as(Roles.PROPOSER);
  private static final MemberCard W = MemberCard.of("w", 1).as(Roles.AGGREGATOR);

  @Override
  protected Deliberation deliberation(Random random) {
    return new MixtureOfAgents(new Settings(2 + random.nextInt(7), 2 * random.nextDouble()));
  }

  @Override
  protected List<MemberCard> members(int count) {
    var members = new ArrayList<>(List.of(A, B).subList(0, count));
    if (count == 2) {
      members.addFirst(W);
    }
    return members;
  }

  private static ScriptedEpisode episode(int layers, MemberCard... members) {
    return new ScriptedEpisode(new MixtureOfAgents(new Settings(layers, 0.7)), members);
  }

  @Test
  void everyoneReadsTheLayerBeforeAndTheAggregatorTheLastOne() {
    ScriptedEpisode moa = episode(3, A, W, B);
    var change = SamplingChange.temperature(0.7);
    assertEquals(
        new Deliberation.Ask(
            List.of(
                new Generate(0, Prompt.AS_ASKED, 1, change, ""),
                new Generate(2, Prompt.AS_ASKED, 1, change, "")),
            3),
        moa.step());
    moa.say("one", "two");
    var second = assertInstanceOf(Deliberation.Ask.class, moa.step());
    assertEquals(2, second.turns());
    assertEquals(List.of(0, 2), moa.asked());
    for (int call = 0; call < 2; call++) {
      List<Turn> prompt = moa.prompt(call);
      assertEquals(2, prompt.size());
      String system = prompt.getFirst().text();
      assertTrue(system.startsWith("Below are 2 answers"), system);
      assertTrue(system.indexOf("\none\n") < system.indexOf("\ntwo\n"), system);
      assertEquals(new Turn(Turn.Role.USER, "?"), prompt.get(1));
      Generate generate = (Generate) moa.calls().get(call);
      assertEquals(change, generate.change());
      assertEquals("refine", generate.purpose());
    }
    moa.say("three", "four");
    Deliberation.Write write = moa.write();
    assertEquals(1, write.call().member());
    assertEquals(SamplingChange.NONE, write.call().change());
    assertEquals("'w' wrote an answer of the 2 answers of layer 2.", write.explanation());
    String system = moa.prompt(0).getFirst().text();
    assertTrue(system.contains("\nthree\n") && system.contains("\nfour\n"), system);
    assertTrue(!system.contains("\none\n"), "only the layer before");
  }

  @Test
  void theFirstProposerAggregatesWhereNobodyHasTheRole() {
    assertEquals(0, episode(2, A, B).say("one", "two").write().call().member());
  }

  @Test
  void whoSaysNothingIsNotAskedInTheNextLayer() {
    ScriptedEpisode moa = episode(4, A, B, C, W).say("one", null, "three");
    assertEquals(List.of(0, 2), moa.asked());
    assertTrue(moa.prompt(0).getFirst().text().startsWith("Below are 2 answers"));
    moa.say(" ", "four");
    assertEquals(List.of(2), moa.asked());
    assertTrue(moa.prompt(0).getFirst().text().startsWith("Below is 1 answer"));
    // A layer that says nothing is passed over.
    moa.say((String) null);
    assertTrue(moa.prompt(0).getFirst().text().contains("\nfour\n"));
    assertEquals(3, moa.write().call().member());
  }

  @Test
  void aSingleAnswerIsAggregatedByAnotherOnly() {
    assertEquals("one", episode(3, A, B).say("one", null).given());
    assertEquals("one", episode(3, A).say("one").given());
    assertEquals(List.of(1), episode(3, A, B).say(null, "two").asked());
    assertEquals(" ", episode(3, A, W).say(" ").given());
  }

  @Test
  void theBestMembersAnswerOfTheLastLayerStandsWhereNobodyCanAggregate() {
    ScriptedEpisode moa = episode(2, A, B, W).say("one", "two");
    assertEquals("two", moa.say((String) null).given());
    assertEquals("two", episode(2, A, B, W).say("one", "two").say(" ").given());
    assertEquals("two", episode(3, A, B, W).say("one", "two").exhaust().given());
    ScriptedEpisode later = episode(3, A, C, W).say("one", "two").say("three", "four").exhaust();
    assertEquals("three", later.given());
    assertEquals(List.of(0.5, 0.5), later.give().weighed().weighing().weights());
  }

  @Test
  void itsDefaultsAreThePapers() {
    assertEquals(new Settings(3, 0.7), Settings.DEFAULTS);
  }
}
