package dev.tutti.fusion.method.vote;

import dev.tutti.fusion.FittedFusion;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.learning.Parameters;
import java.util.random.RandomGenerator;

/** How {@link WeightedVote} is fitted. */
public final class WeightedVoteFit
    implements FittedFusion<Ballots, VoteWeights, VoteWeights.Settings, WeightedVote.Settings> {

  @Override
  public String name() {
    return "weighted-vote";
  }

  @Override
  public String summary() {
    return "Every member answers; votes count what they proved to be worth on recorded answers";
  }

  @Override
  public String paper() {
    return "McFadden 1974 (conditional logit); Littlestone & Warmuth 1994 (weighted majority)";
  }

  @Override
  public Members members() {
    return Members.atLeast(2);
  }

  @Override
  public VoteWeights.Settings defaults() {
    return VoteWeights.Settings.DEFAULTS;
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
  public Class<WeightedVote> type() {
    return WeightedVote.class;
  }

  @Override
  public WeightedVote.Settings settings() {
    return WeightedVote.Settings.DEFAULTS;
  }

  @Override
  public WeightedVote method(WeightedVote.Settings settings, VoteWeights learned, int version) {
    return new WeightedVote(settings, learned, version);
  }
}
