package dev.tutti.fusion.api;

import dev.tutti.kit.job.Jobs;
import dev.tutti.learning.api.LearningEndpoint;
import dev.tutti.learning.artifact.Artifacts;
import dev.tutti.learning.artifact.Comparisons;
import io.quarkus.grpc.GrpcService;

/** What this service learns, over gRPC. */
@GrpcService
public class FusionLearning extends LearningEndpoint {

  FusionLearning(Artifacts artifacts, Comparisons comparisons, Jobs jobs) {
    super(artifacts, comparisons, jobs);
  }
}
