package dev.tutti.fusion.api;

import dev.tutti.kit.job.JobEndpoint;
import dev.tutti.kit.job.Jobs;
import io.quarkus.grpc.GrpcService;

/** The jobs of this service over gRPC. */
@GrpcService
public class FusionJobs extends JobEndpoint {

  FusionJobs(Jobs jobs) {
    super(jobs);
  }
}
