package dev.tutti.decoder.api;

import dev.tutti.kit.job.Jobs;
import dev.tutti.learning.api.LearningEndpoint;
import dev.tutti.learning.artifact.Artifacts;
import dev.tutti.learning.artifact.Comparisons;
import io.quarkus.grpc.GrpcService;

/** What this service learns, over gRPC. */
@GrpcService
class LearningApi extends LearningEndpoint {

  LearningApi(Artifacts artifacts, Comparisons comparisons, Jobs jobs) {
    super(artifacts, comparisons, jobs);
  }
}
