package dev.tutti.cascade.learning;

import dev.tutti.cascade.CascadeCatalog;
import dev.tutti.cascade.LearnedCascade;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.FittedMethod;
import dev.tutti.learning.Fitting;
import dev.tutti.registry.v1.Dataset;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** How cascades learn: none of the methods that there are is fitted yet. */
@ApplicationScoped
public class CascadeFitting implements Fitting<LearnedCascade> {

  @Override
  public List<FittedMethod<?, LearnedCascade, ?>> methods() {
    return CascadeCatalog.FITTED;
  }

  @Override
  public Fit begin(FitRequest request, Dataset data) {
    throw new IllegalStateException("%s is not fitted here.".formatted(request.method().name()));
  }
}
