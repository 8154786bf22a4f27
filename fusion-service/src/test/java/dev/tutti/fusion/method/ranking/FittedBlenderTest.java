package dev.tutti.fusion.method.ranking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Value;
import dev.tutti.fusion.Deliberation;
import dev.tutti.fusion.DeliberationContract;
import dev.tutti.fusion.Fitted;
import dev.tutti.fusion.FusionCatalog;
import dev.tutti.fusion.LearnedFusion;
import dev.tutti.fusion.ScriptedEpisode;
import dev.tutti.fusion.method.prompt.Roles;
import dev.tutti.fusion.method.ranking.LlmBlender.Aggregation;
import dev.tutti.fusion.method.ranking.LlmBlender.Settings;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Asked;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.calls.SamplingChange;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.learning.Artifact;
import dev.tutti.learning.ArtifactSource;
import dev.tutti.learning.LiveArtifact;
import dev.tutti.method.v1.Recipe;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** LLM-Blender whose pairs a fitted head compares: heads by hand. */
class FittedBlenderTest extends DeliberationContract {

  private static final MemberCard F = MemberCard.of("f", 1).as(Roles.FUSER);
  private static final MemberCard A = MemberCard.of("a", 1).as(Roles.PROPOSER);
  private static final MemberCard B = MemberCard.of("b", 1).as(Roles.PROPOSER);
  private static final MemberCard C = MemberCard.of("c", 1).as(Roles.PROPOSER);
  private static final PairHead WORDS = PairRankerTest.more("words", 0.1f);

  private static LlmBlender blender(PairHead head, Aggregation aggregation, int top, int samples) {
    return new LlmBlender(
        new Settings("ours", aggregation, top, samples, OptionalDouble.empty()),
        Optional.of(FittedPairs.of("ours", head, 2)));
  }

  private static ScriptedEpisode words(Aggregation aggregation, int top, MemberCard... members) {
    return new ScriptedEpisode(blender(WORDS, aggregation, top, 1), members);
  }

  @Override
  protected Deliberation deliberation(Random random) {
    Aggregation[] all = Aggregation.values();
    return blender(
        WORDS, all[random.nextInt(all.length)], 1 + random.nextInt(4), 1 + random.nextInt(6));
  }

  @Override
  protected List<MemberCard> members(int count) {
    return count == 1 ? List.of(A) : List.of(A, F, B);
  }

  /**
   * By hand: {@code M_ij = tanh(.1 n_i) - tanh(.1 n_j)} of 1, 3 and 2 words; by max_logits each has
   * the mean of {@code 2 M_ij} over two others, by max_wins 0, 2 and 1.
   */
  @Test
  void theHeadRanksAndNobodyIsAsked() {
    ScriptedEpisode blender = words(Aggregation.MAX_LOGITS, 2, A, B, C);
    var change = new SamplingChange(OptionalDouble.empty(), OptionalInt.empty(), true);
    assertEquals(
        new Deliberation.Ask(
            List.of(
                new Generate(0, Prompt.AS_ASKED, 1, change, ""),
                new Generate(1, Prompt.AS_ASKED, 1, change, ""),
                new Generate(2, Prompt.AS_ASKED, 1, change, "")),
            1),
        blender.step());
    blender.say("one", "one two three", "one two");
    assertEquals("one two three", blender.given());
    double[] t = {Math.tanh(.1), Math.tanh(.3), Math.tanh(.2)};
    double[] scores = {2 * t[0] - t[1] - t[2], 2 * t[1] - t[0] - t[2], 2 * t[2] - t[0] - t[1]};
    double sum = Math.exp(scores[0]) + Math.exp(scores[1]) + Math.exp(scores[2]);
    List<Double> weights = blender.give().weighed().weighing().weights();
    for (int i = 0; i < 3; i++) {
      assertEquals(Math.exp(scores[i]) / sum, weights.get(i), 1e-6);
    }
    assertEquals(
        "'b' gave the best of 3 answers, by a fitted head.",
        blender.give().weighed().weighing().explanation());

    weights =
        words(Aggregation.MAX_WINS, 2, A, B, C)
            .say("one", "one two three", "one two")
            .give()
            .weighed()
            .weighing()
            .weights();
    double wins = 1 + Math.exp(2) + Math.exp(1);
    assertEquals(1 / wins, weights.get(0), 1e-12);
    assertEquals(Math.exp(2) / wins, weights.get(1), 1e-12);
  }

  @ParameterizedTest
  @EnumSource(Aggregation.class)
  void theFuserReadsTheBestOnes(Aggregation aggregation) {
    ScriptedEpisode blender = words(aggregation, 2, F, A, B, C);
    assertEquals(2, ((Deliberation.Ask) blender.step()).turns());
    blender.say("one", "one two three", "one two");
    Deliberation.Write write = blender.write();
    assertEquals(0, write.call().member());
    String system = blender.prompt(0).getFirst().text();
    assertTrue(system.startsWith("Below are 2 answers"), system);
    assertTrue(system.contains("\none two three\n"), system);
    if (aggregation != Aggregation.BUBBLE) {
      assertTrue(system.indexOf("\none two three\n") < system.indexOf("\none two\n"), system);
      assertFalse(system.contains("\none\n"), system);
    }
    // The head asks nobody: without money it ranks all the same.
    assertEquals("one two three", blender.exhaust().given());
  }

  /** Wherever the longest one of twelve stands; the scores are those of max_wins, not places. */
  @ParameterizedTest
  @EnumSource(Aggregation.class)
  void moreThanTenAreComparedAtOnce(Aggregation aggregation) {
    for (int best = 0; best < 12; best++) {
      int its = best;
      ScriptedEpisode blender = new ScriptedEpisode(blender(WORDS, aggregation, 3, 12), A);
      assertEquals(1, ((Deliberation.Ask) blender.step()).turns());
      blender.say(
          IntStream.range(0, 12)
              .mapToObj(i -> "x ".repeat(1 + (i - its + 11) % 12))
              .toArray(String[]::new));
      assertEquals("x ".repeat(12), blender.given());
      if (aggregation == Aggregation.MAX_WINS) {
        // All scores lie within 0 and 2, in steps of 2 / 11.
        List<Double> weights = blender.give().weighed().weighing().weights();
        double least = weights.stream().min(Double::compare).orElseThrow();
        assertEquals(Math.exp(2), weights.get(best) / least, 1e-9);
      }
    }
  }

  /** The one that is surer is better to this head, whatever it says. */
  @Test
  void whatMembersAnswersSayOfThemselvesIsLookedAt() {
    LlmBlender blender =
        blender(PairRankerTest.more("mean log-probability", 1), Aggregation.MAX_LOGITS, 3, 1);
    for (int surest = 0; surest < 3; surest++) {
      var stages = new ArrayList<Episode.Stage>();
      for (int m = 0; m < 3; m++) {
        var mean = OptionalDouble.of(m == surest ? -0.1 : -2);
        var none = OptionalDouble.empty();
        stages.add(
            new Answered(
                new Asked(m, 0, m, 1, ""),
                m == 1 ? " " : "it is " + m,
                new AnswerSignals(mean, none, none, none, none)));
      }
      var episode =
          new Episode(new Query("?"), List.of(A, B, C), stages, OptionalDouble.empty(), false);
      var give = (Deliberation.Give) blender.next(episode);
      int chosen = give.weighed().weighing().chosen().orElseThrow();
      // A blank one is none, however sure; those left are even, and the first one is given.
      assertEquals(surest == 1 ? 0 : surest, give.weighed().stages().get(chosen));
    }
  }

  @Test
  void evenOnesStandByTheirPriors() {
    MemberCard more = MemberCard.of("more", 2).as(Roles.PROPOSER);
    for (Aggregation aggregation : Aggregation.values()) {
      assertEquals("c d", words(aggregation, 3, A, more, C).say("a b", "c d", "e f").given());
      assertEquals("a b", words(aggregation, 3, A, B, C).say("a b", "c d", "e f").given());
      assertEquals("a b", words(aggregation, 3, A, B, C).say("a b", " ", null).given());
    }
  }

  private static Recipe recipe(String artifact, String... roles) {
    Recipe.Builder recipe = Recipe.newBuilder().setEnsemble("blend").setMethod("llm-blender");
    if (artifact != null) {
      recipe
          .getSettingsBuilder()
          .putFields("artifact", Value.newBuilder().setStringValue(artifact).build());
    }
    for (int i = 0; i < roles.length; i++) {
      recipe.addMembers(
          Member.newBuilder()
              .setModel("abcdef".substring(i, i + 1))
              .setRole(roles[i])
              .addCapabilities(Capability.CAPABILITY_GENERATION));
    }
    return recipe.build();
  }

  private static LiveArtifact<LearnedFusion> artifact(String method) {
    var kept = new Artifact(method, 2, WORDS.parameters(), new Artifact.Provenance("", 1, "{}", 1));
    return new LiveArtifact<>(kept, WORDS, "", 1);
  }

  @Test
  void eitherAJudgeOrAnArtifactCompares() {
    ArtifactSource<LearnedFusion> kept =
        name ->
            switch (name) {
              case "ours" -> Optional.of(artifact("pair-ranker"));
              case "other" -> Optional.of(artifact("more"));
              default -> Optional.empty();
            };
    var catalog = FusionCatalog.of(kept);
    Recipe fitted = recipe("ours", "", "proposer", "fuser");
    assertEquals(List.of(), violations(catalog, fitted));
    assertEquals(Optional.of(new Fitted("ours", 2, List.of("a"))), catalog.create(fitted).fitted());
    assertEquals(List.of(), violations(catalog, recipe("ours", "")));
    for (String none : new String[] {null, ""}) {
      Recipe judged = recipe(none, "", "judge");
      assertEquals(List.of(), violations(catalog, judged));
      assertEquals(Optional.empty(), catalog.create(judged).fitted());
      assertEquals(
          List.of(
              "settings.artifact: artifact is empty, and there is no member with the role judge; one"
                  + " of both compares the answers: name the artifact of a fit of pair-ranker, or"
                  + " give a member that role."),
          violations(catalog, recipe(none, "", "", "fuser")));
    }
    assertEquals(
        List.of(
            "settings.artifact: artifact is 'ours', and there is a member with the role judge; only"
                + " one of both compares the answers: leave one out."),
        violations(catalog, recipe("ours", "", "judge", "")));
    assertTrue(violations(catalog, recipe("none", "", "")).getFirst().contains("'none', of which"));
    assertTrue(
        violations(catalog, recipe("other", "", ""))
            .getFirst()
            .contains("fitted by more; it takes one of pair-ranker"));
    assertTrue(
        violations(catalog, recipe("", "", "judge", "judge"))
            .getFirst()
            .contains("0 to 1 members with the role judge; there are 2"));
  }

  /** With a head nobody judges, so all members' answers count. */
  @Test
  void tooManyCandidatesAreRefused() {
    var settings = new Settings("ours", Aggregation.BUBBLE, 3, 20, OptionalDouble.empty());
    settings.requireFit(3);
    String told =
        assertThrows(IllegalArgumentException.class, () -> settings.requireFit(4)).getMessage();
    assertTrue(told.contains("80 candidates; at most 60"), told);
  }

  private static List<String> violations(MethodCatalog<?> catalog, Recipe recipe) {
    return catalog.validate(recipe).stream()
        .map(v -> v.getField() + ": " + v.getDescription())
        .toList();
  }
}
