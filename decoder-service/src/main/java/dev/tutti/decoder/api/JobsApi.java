package dev.tutti.decoder.api;

import dev.tutti.kit.job.JobEndpoint;
import dev.tutti.kit.job.Jobs;
import io.quarkus.grpc.GrpcService;

/** The jobs of this service over gRPC. */
@GrpcService
class JobsApi extends JobEndpoint {

  JobsApi(Jobs jobs) {
    super(jobs);
  }
}
