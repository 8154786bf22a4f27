package dev.tutti.decoder.learning;

import dev.tutti.decoder.JointEnsembleCatalog;
import dev.tutti.decoder.LearnedEnsemble;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.FittedMethod;
import dev.tutti.learning.Fitting;
import dev.tutti.registry.v1.Dataset;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** How ensembles during inference learn: none of the methods that there are is fitted yet. */
@ApplicationScoped
public class EnsembleFitting implements Fitting<LearnedEnsemble> {

  @Override
  public List<FittedMethod<?, LearnedEnsemble, ?>> methods() {
    return JointEnsembleCatalog.FITTED;
  }

  @Override
  public Fit begin(FitRequest request, Dataset data) {
    throw new IllegalStateException("%s is not fitted here.".formatted(request.method().name()));
  }
}
