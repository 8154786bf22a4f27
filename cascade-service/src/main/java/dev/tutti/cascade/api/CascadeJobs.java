package dev.tutti.cascade.api;

import dev.tutti.kit.job.JobEndpoint;
import dev.tutti.kit.job.Jobs;
import io.quarkus.grpc.GrpcService;

/** The jobs of this service over gRPC. */
@GrpcService
public class CascadeJobs extends JobEndpoint {

  CascadeJobs(Jobs jobs) {
    super(jobs);
  }
}
