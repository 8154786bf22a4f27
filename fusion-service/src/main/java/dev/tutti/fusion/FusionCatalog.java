package dev.tutti.fusion;

import dev.tutti.fusion.method.fingerprint.Dfpe;
import dev.tutti.fusion.method.heads.SelectLlm;
import dev.tutti.fusion.method.prompt.Roles;
import dev.tutti.fusion.method.ranking.More;
import dev.tutti.fusion.method.ranking.PairRanker;
import dev.tutti.fusion.method.ranking.RewardEnsemble;
import dev.tutti.fusion.method.ranking.SummaReranker;
import dev.tutti.fusion.method.similarity.AgentForest;
import dev.tutti.fusion.method.similarity.Smoothie;
import dev.tutti.fusion.method.team.Topla;
import dev.tutti.fusion.method.vote.FieldVote;
import dev.tutti.fusion.method.vote.LearnedVote;
import dev.tutti.fusion.method.vote.MajorityVote;
import dev.tutti.fusion.method.vote.WeightedVoteFit;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.kit.settings.MethodDefinition;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.kit.settings.MethodRole;
import dev.tutti.kit.settings.SettingsSchema;
import dev.tutti.learning.ArtifactSource;
import dev.tutti.method.v1.Family;
import dev.tutti.type.v1.Capability;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** Every method of this service, one entry each, here or in {@link DeliberationCatalog}. */
public final class FusionCatalog {

  /** The fitted ones, by name. */
  public static final List<FittedFusion<?, ?, ?, ?>> FITTED =
      List.of(
          Dfpe.METHOD,
          LearnedVote.METHOD,
          More.METHOD,
          PairRanker.METHOD,
          SelectLlm.METHOD,
          Smoothie.METHOD,
          SummaReranker.METHOD,
          Topla.METHOD,
          new WeightedVoteFit());

  /** Settings that selectors have beside their own. */
  public static final SettingsSchema<AskSettings> ASKING = SettingsSchema.of(AskSettings.DEFAULTS);

  private static final List<MethodDefinition<FusionMethod>> PLAIN =
      List.of(
          plain(
              "agent-forest",
              "Every member answers; the answer that is most like all others is given",
              "Li et al. 2024, More Agents Is All You Need, TMLR, arXiv:2402.05120",
              AgentForest.class,
              AgentForest.Settings.DEFAULTS,
              AgentForest::new),
          plain(
              "field-vote",
              "Every member answers by a JSON object; the one with most fields as the majority has"
                  + " them wins",
              "Hansen & Salamon 1990 (majority), field by field",
              FieldVote.class,
              FieldVote.Settings.DEFAULTS,
              FieldVote::new),
          plain(
              "majority-vote",
              "Every member answers; the answer with the most weight behind it wins",
              "Hansen & Salamon 1990 (majority); Nitzan & Paroush 1982 (log-odds weights)",
              MajorityVote.class,
              MajorityVote.Settings.DEFAULTS,
              MajorityVote::new),
          MethodDefinition.<FusionMethod, RewardEnsemble.Settings>of(
                  "reward-ensemble",
                  Family.FAMILY_FUSION,
                  "Members that score choose among the others' answers; no scorer decides alone",
                  "Coste et al. 2024, Reward Model Ensembles, arXiv:2310.02743",
                  // Whoever only scores need not write.
                  Set.of(),
                  Members.atLeast(2),
                  true,
                  RewardEnsemble.class,
                  RewardEnsemble.Settings.DEFAULTS,
                  RewardEnsemble::new)
              .with(
                  new MethodRole(
                      Roles.PROPOSER,
                      Members.atLeast(1),
                      Set.of(Capability.CAPABILITY_GENERATION),
                      "Answers as the request was asked.",
                      true),
                  new MethodRole(
                      RewardEnsemble.REWARD,
                      Members.atLeast(1),
                      Set.of(Capability.CAPABILITY_SCORING),
                      "Scores the answers.",
                      false)));

  /** The methods by name, where nothing learned is kept. */
  public static final MethodCatalog<FusionMethod> METHODS = of(ArtifactSource.none());

  private FusionCatalog() {}

  /** The methods by name, with what was learned. */
  public static MethodCatalog<FusionMethod> of(ArtifactSource<LearnedFusion> learned) {
    return MethodCatalog.of(
        Stream.concat(
                DeliberationCatalog.of(learned),
                Stream.concat(PLAIN.stream(), FITTED.stream().map(its -> its.definition(learned)))
                    .map(FusionCatalog::asking))
            .toList());
  }

  private static MethodDefinition<FusionMethod> asking(MethodDefinition<FusionMethod> method) {
    return Selector.class.isAssignableFrom(method.type()) ? method.sharing(ASKING) : method;
  }

  private static <S extends Record> MethodDefinition<FusionMethod> plain(
      String name,
      String summary,
      String paper,
      Class<? extends Selector> type,
      S defaults,
      Function<S, ? extends Selector> constructor) {
    return MethodDefinition.<FusionMethod, S>of(
        name,
        Family.FAMILY_FUSION,
        summary,
        paper,
        Set.of(Capability.CAPABILITY_GENERATION),
        Members.atLeast(1),
        true,
        type,
        defaults,
        constructor);
  }
}
