package dev.tutti.registry.testing;

import com.google.protobuf.Timestamp;
import dev.tutti.cascade.v1.Cache;
import dev.tutti.cascade.v1.CacheServiceGrpc;
import dev.tutti.cascade.v1.GetCacheRequest;
import dev.tutti.cascade.v1.GetCacheResponse;
import dev.tutti.cascade.v1.ListCachesRequest;
import dev.tutti.cascade.v1.ListCachesResponse;
import dev.tutti.cascade.v1.PurgeCacheRequest;
import dev.tutti.cascade.v1.PurgeCacheResponse;
import dev.tutti.kit.grpc.ServerCalls;
import io.grpc.stub.StreamObserver;

/** A cascade whose ensembles {@code org/Faq} and {@code steps} keep answers. */
final class ScriptedCaches extends CacheServiceGrpc.CacheServiceImplBase {

  private static final Cache FAQ =
      Cache.newBuilder()
          .setEnsemble("org/Faq")
          .setEntries(7)
          .setOldest(Timestamp.newBuilder().setSeconds(1_600_000_000))
          .setJudged(3)
          .setJudgedWrong(1)
          .setChecked(5)
          .setCheckedWrong(1)
          .setFalseHitRate(0.25)
          .build();

  private static final Cache STEPS = Cache.newBuilder().setEnsemble("steps").setEntries(1).build();

  @Override
  public void listCaches(ListCachesRequest request, StreamObserver<ListCachesResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            request.getTeam().equals("none")
                ? ListCachesResponse.newBuilder().addCaches(FAQ).addCaches(STEPS).build()
                : ListCachesResponse.newBuilder()
                    .addCaches(Cache.newBuilder().setEnsemble(request.getTeam()))
                    .build());
  }

  @Override
  public void getCache(GetCacheRequest request, StreamObserver<GetCacheResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            GetCacheResponse.newBuilder()
                .setCache(
                    request.getEnsemble().equals("org/Faq")
                        ? FAQ
                        : Cache.newBuilder().setEnsemble(request.getEnsemble()).build())
                .build());
  }

  @Override
  public void purgeCache(PurgeCacheRequest request, StreamObserver<PurgeCacheResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            PurgeCacheResponse.newBuilder()
                .setEntries(request.getEnsemble().equals("org/Faq") ? 7 : 0)
                .build());
  }
}
