package dev.tutti.fusion.learning;

import dev.tutti.fusion.FittedFusion;
import dev.tutti.fusion.FittedSelector;
import dev.tutti.fusion.FusionCatalog;
import dev.tutti.fusion.LearnedFusion;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.Fitting;
import dev.tutti.registry.v1.Dataset;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** How fusion learns: what votes are worth, from recorded answers and how good they were. */
@ApplicationScoped
public class FusionFitting implements Fitting<LearnedFusion> {

  @Override
  public List<FittedFusion<?, ?, ?, ?>> methods() {
    return FusionCatalog.FITTED;
  }

  @Override
  public void requireRoom(long queries) {
    RecordedBallots.requireRoom(queries);
  }

  @Override
  public Fit begin(FitRequest request, Dataset data) {
    return request.method() instanceof FittedSelector<?, ?, ?> selector
        ? new SelectorFit<>(selector, request, data)
        : new VoteFit(request, data);
  }
}
