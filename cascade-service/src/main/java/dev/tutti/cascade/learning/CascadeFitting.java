package dev.tutti.cascade.learning;

import dev.tutti.cascade.CascadeCatalog;
import dev.tutti.cascade.FittedCascade;
import dev.tutti.cascade.LearnedCascade;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.Fitting;
import dev.tutti.registry.v1.Dataset;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** How cascades learn: when to stop, from recorded outcomes and what they cost. */
@ApplicationScoped
public class CascadeFitting implements Fitting<LearnedCascade> {

  @Override
  public List<FittedCascade<?>> methods() {
    return CascadeCatalog.FITTED;
  }

  @Override
  public Fit begin(FitRequest request, Dataset data) {
    return new CascadeFit<>((FittedCascade<?>) request.method(), request, data);
  }
}
