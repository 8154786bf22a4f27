package dev.tutti.fusion.learning;

import dev.tutti.fusion.method.vote.Ballots;
import dev.tutti.fusion.method.vote.VoteWeights;
import dev.tutti.fusion.method.vote.WeightedVoteFit;
import dev.tutti.learning.FitContext;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.Fitting;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.RecordedQuery;
import java.util.List;

/** A fit of a vote's weights at work. */
final class VoteFit implements Fitting.Fit {

  private static final WeightedVoteFit METHOD = new WeightedVoteFit();

  private final VoteWeights.Settings settings;
  private final RecordedBallots ballots;
  private final RecordedSamples samples;

  VoteFit(FitRequest request, Dataset data) {
    this.settings = request.settings(METHOD);
    this.ballots = new RecordedBallots(request, settings, data);
    this.samples = new RecordedSamples(request, ballots.members());
  }

  @Override
  public List<String> texts(RecordedQuery row) {
    return List.of();
  }

  @Override
  public void take(RecordedQuery row, List<float[]> vectors) {
    ballots.add(row);
    samples.add(row);
  }

  @Override
  public Fitting.Result learn(FitContext context) {
    Ballots learned = ballots.side(false);
    Ballots held = ballots.side(true);
    context.progress(
        0, 0, "fit: %s learns from %d questions".formatted(METHOD.name(), learned.rows().size()));
    VoteWeights weights;
    try {
      weights = METHOD.fit(learned, settings, context.random());
    } catch (IllegalArgumentException e) {
      throw FitRequest.refused("dataset", e.getMessage());
    }
    var measured =
        MeasuredChoices.of(
            held.members(),
            held.rows().stream()
                .map(
                    row ->
                        new MeasuredChoices.Choice(
                            row.query(),
                            row.set(),
                            row.scores(),
                            weights.voice(row),
                            held.members().size()))
                .toList(),
            samples);
    return new Fitting.Result(
        measured.quality().with(weights.parameters()),
        new Fitting.Data(learned.fingerprint(), learned.rows().size(), held.rows().size()),
        measured.json(),
        measured.heldOut(),
        measured.comparison());
  }
}
