package dev.tutti.fusion;

import dev.tutti.fusion.method.discussion.Debate;
import dev.tutti.fusion.method.discussion.Dylan;
import dev.tutti.fusion.method.discussion.Reconcile;
import dev.tutti.fusion.method.layers.MixtureOfAgents;
import dev.tutti.fusion.method.layers.SelfMoa;
import dev.tutti.fusion.method.prompt.Roles;
import dev.tutti.fusion.method.ranking.LlmBlender;
import dev.tutti.fusion.method.ranking.Urg;
import dev.tutti.fusion.method.vote.PromptVote;
import dev.tutti.kit.settings.MethodDefinition;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.kit.settings.MethodRole;
import dev.tutti.learning.ArtifactSource;
import dev.tutti.method.v1.Family;
import dev.tutti.type.v1.Capability;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** The methods that say what to ask next and rewrite prompts, one entry each. */
final class DeliberationCatalog {

  private static final Set<Capability> WRITES = Set.of(Capability.CAPABILITY_GENERATION);
  private static final String FUSES = "Reads the answers and writes one.";
  private static final String PROPOSES = "Answers as the request was asked.";

  /** Those that stand on nothing learned. */
  private static final List<MethodDefinition<FusionMethod>> PLAIN =
      List.of(
          of(
              "debate",
              "Members answer, then see each other's answers and answer again; the majority wins",
              "Du et al. 2023, Multiagent Debate, arXiv:2305.14325",
              WRITES,
              Members.atLeast(1),
              Debate.class,
              Debate.Settings.DEFAULTS,
              Debate::new),
          of(
              "dylan",
              "Layers of agents that read the layer before, until enough of one layer agree",
              "Liu et al. 2023, Dynamic LLM-Agent Network (early stop), arXiv:2310.02170",
              WRITES,
              Members.atLeast(1),
              Dylan.class,
              Dylan.Settings.DEFAULTS,
              Dylan::new),
          of(
                  "mixture-of-agents",
                  "Layers of members that read all answers of the layer before, and an aggregator",
                  "Wang et al. 2024, Mixture-of-Agents, arXiv:2406.04692",
                  WRITES,
                  Members.atLeast(1),
                  MixtureOfAgents.class,
                  MixtureOfAgents.Settings.DEFAULTS,
                  MixtureOfAgents::new)
              .with(
                  proposer(
                      Members.atLeast(1),
                      PROPOSES + " The first one aggregates too, unless there is an aggregator."),
                  aggregator()),
          of(
              "prompt-vote",
              "Members are asked under several prompts, or with options rotated; all answers vote",
              "Kojima et al. 2022, arXiv:2205.11916; Zhou et al. 2023, arXiv:2205.10625 (prompts)",
              WRITES,
              Members.atLeast(1),
              PromptVote.class,
              PromptVote.Settings.DEFAULTS,
              PromptVote::new),
          of(
              "reconcile",
              "Members discuss until they agree, and vote by how sure they say to be",
              "Chen et al. 2024, ReConcile, arXiv:2309.13007",
              WRITES,
              Members.atLeast(1),
              Reconcile.class,
              Reconcile.Settings.DEFAULTS,
              Reconcile::new),
          of(
                  "self-moa",
                  "A member is sampled several times, then writes an answer of its answers",
                  "Wang et al. 2024, Mixture-of-Agents, arXiv:2406.04692 (one proposer, one layer)",
                  WRITES,
                  new Members(1, 2),
                  SelfMoa.class,
                  SelfMoa.Settings.DEFAULTS,
                  SelfMoa::new)
              .with(
                  proposer(
                      Members.exactly(1),
                      "Is sampled; writes the answer too, unless there is an aggregator."),
                  aggregator()),
          of(
                  "urg",
                  "Answers are scored, poor ones dropped, and the others fused by their weights",
                  "Lv et al. 2024, Unified Ranking and Generation, Findings of ACL",
                  // Whoever only scores need not write.
                  Set.of(),
                  Members.atLeast(2),
                  Urg.class,
                  Urg.Settings.DEFAULTS,
                  Urg::new)
              .with(
                  new MethodRole(Roles.PROPOSER, Members.atLeast(1), WRITES, PROPOSES, true),
                  new MethodRole(
                      Roles.JUDGE,
                      new Members(0, 1),
                      Set.of(Capability.CAPABILITY_SCORING),
                      "Scores the answers. Without one the fuser ranks them in its own call.",
                      false),
                  new MethodRole(Roles.FUSER, Members.exactly(1), WRITES, FUSES, false)));

  private DeliberationCatalog() {}

  /** The methods, with what was learned. */
  static Stream<MethodDefinition<FusionMethod>> of(ArtifactSource<LearnedFusion> learned) {
    return Stream.concat(PLAIN.stream(), Stream.of(blender(learned)));
  }

  private static MethodDefinition<FusionMethod> blender(ArtifactSource<LearnedFusion> learned) {
    return of(
            "llm-blender",
            "A judge or a fitted head compares the answers by pairs; the best ones are fused",
            "Jiang et al. 2023, LLM-Blender, arXiv:2306.02561",
            WRITES,
            Members.atLeast(1),
            LlmBlender.class,
            LlmBlender.Settings.DEFAULTS,
            its -> new LlmBlender(its, learned))
        .with(
            proposer(Members.atLeast(1), PROPOSES),
            new MethodRole(
                Roles.JUDGE,
                new Members(0, 1),
                Set.of(),
                "Is asked which of two answers is better. There is one unless an artifact tells it.",
                false),
            new MethodRole(
                Roles.FUSER,
                new Members(0, 1),
                Set.of(),
                FUSES + " Without one the best answer is given.",
                false));
  }

  private static <S extends Record> MethodDefinition<FusionMethod> of(
      String name,
      String summary,
      String paper,
      Set<Capability> needs,
      Members members,
      Class<? extends FusionMethod> type,
      S defaults,
      Function<S, ? extends FusionMethod> constructor) {
    return MethodDefinition.<FusionMethod, S>of(
            name,
            Family.FAMILY_FUSION,
            summary,
            paper,
            needs,
            members,
            true,
            type,
            defaults,
            constructor)
        .rewriting();
  }

  private static MethodRole proposer(Members members, String help) {
    return new MethodRole(Roles.PROPOSER, members, Set.of(), help, true);
  }

  private static MethodRole aggregator() {
    return new MethodRole(Roles.AGGREGATOR, new Members(0, 1), Set.of(), FUSES, false);
  }
}
