package dev.tutti.router.api.grpc;

import dev.tutti.kit.job.JobEndpoint;
import dev.tutti.kit.job.Jobs;
import io.quarkus.grpc.GrpcService;

/** The router's jobs over gRPC. */
@GrpcService
public class RouterJobEndpoint extends JobEndpoint {

  RouterJobEndpoint(Jobs jobs) {
    super(jobs);
  }
}
