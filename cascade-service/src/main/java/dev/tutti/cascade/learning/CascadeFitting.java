package dev.tutti.cascade.learning;

import dev.tutti.cascade.CascadeCatalog;
import dev.tutti.cascade.FittedCascade;
import dev.tutti.cascade.LearnedCascade;
import dev.tutti.cascade.LiveCascade;
import dev.tutti.kit.grpc.ClientStream;
import dev.tutti.kit.grpc.Deadlines;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.Fitting;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.RegistryServiceGrpc.RegistryServiceBlockingStub;
import dev.tutti.registry.v1.WatchRequest;
import dev.tutti.registry.v1.WatchResponse;
import io.quarkus.grpc.GrpcClient;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;

/** How cascades learn: when to stop, from recorded outcomes and what they cost. */
@ApplicationScoped
public class CascadeFitting implements Fitting<LearnedCascade> {

  @GrpcClient("registry")
  RegistryServiceBlockingStub registry;

  @Override
  public List<FittedCascade<?>> methods() {
    return CascadeCatalog.FITTED;
  }

  @Override
  public Fit begin(FitRequest request, Dataset data) {
    return new CascadeFit<>(
        (FittedCascade<?>) request.method(),
        request,
        data,
        request.parameters().budgetUsd() > 0 ? Optional.of(prices()) : Optional.empty());
  }

  @Override
  public LiveCheck checkLive(FitRequest request, Dataset data) {
    return new CascadeLiveCheck<>((LiveCascade<?>) request.method(), request, data, prices());
  }

  /** As the registry has them now. */
  private MemberPrices prices() {
    try (ClientStream<WatchResponse> events =
        ClientStream.open(
            () -> Deadlines.apply(registry).watch(WatchRequest.getDefaultInstance()))) {
      if (events.hasNext()) {
        return MemberPrices.of(events.next().getSnapshot());
      }
      throw new Failure.Unavailable(
              "NO_SNAPSHOT", "The registry does not tell what models and ensembles there are.")
          .exception();
    }
  }
}
