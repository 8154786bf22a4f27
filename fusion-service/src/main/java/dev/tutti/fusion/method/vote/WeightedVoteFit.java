package dev.tutti.fusion.method.vote;

import dev.tutti.fusion.LearnedFusion;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.learning.FittedMethod;
import dev.tutti.learning.Parameters;
import java.util.random.RandomGenerator;

/** How {@link WeightedVote} is fitted. */
public final class WeightedVoteFit
    implements FittedMethod<Ballots, LearnedFusion, VoteWeights.Settings> {

  /** Name of the method. */
  public static final String NAME = "weighted-vote";

  /** Where it comes from. */
  public static final String PAPER =
      "McFadden 1974 (conditional logit); Littlestone & Warmuth 1994 (weighted majority)";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String paper() {
    return PAPER;
  }

  @Override
  public VoteWeights.Settings defaults() {
    return VoteWeights.Settings.DEFAULTS;
  }

  @Override
  public Members members() {
    return Members.atLeast(2);
  }

  @Override
  public VoteWeights fit(Ballots ballots, VoteWeights.Settings settings, RandomGenerator random) {
    return VoteWeights.fit(ballots, settings, random);
  }

  @Override
  public VoteWeights read(Parameters parameters) {
    return new VoteWeights(parameters);
  }

  @Override
  public Parameters parameters(LearnedFusion learned) {
    return learned.parameters();
  }
}
