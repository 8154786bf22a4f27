package dev.tutti.registry.dataset;

import dev.tutti.kit.job.JobEndpoint;
import dev.tutti.kit.job.Jobs;
import io.quarkus.grpc.GrpcService;

/** {@code JobService} of the registry. */
@GrpcService
public class RegistryJobEndpoint extends JobEndpoint {

  RegistryJobEndpoint(Jobs jobs) {
    super(jobs);
  }
}
